//! Reading scripts: what is accepted, what is refused, and with which words.

use proptest::prelude::*;

use super::ast::*;
use super::*;

#[track_caller]
fn refused(text: &str, message: &str, at: &str) {
    let error = parse(text).expect_err(text);
    assert_eq!(error.to_string(), message, "{text}");
    assert_eq!(text.get(error.range.clone()), Some(at), "{text}");
}

fn first(text: &str) -> Command {
    parse(text).unwrap().swap_remove(0).first.commands.swap_remove(0)
}

fn words(text: &str) -> Vec<Word> {
    match first(text).kind {
        CommandKind::Simple { words, .. } => words,
        other => panic!("{other:?}"),
    }
}

/// Every command line recorded from the real tools was accepted by bash.
#[test]
fn every_recorded_command_parses() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/cli");
    let mut count = 0;
    for folder in ["aws", "kubectl"] {
        for file in std::fs::read_dir(root.join(folder)).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let session: serde_json::Value = serde_json::from_str(&text).unwrap();
            for step in session["steps"].as_array().unwrap() {
                let command = step["command"].as_str().unwrap();
                if let Err(error) = parse(command) {
                    panic!("{}: {error}\n{command}", step["id"]);
                }
                assert_eq!(needs_more(command), None, "{command}");
                count += 1;
            }
        }
    }
    assert!(count >= 956, "only {count} commands were found");
}

#[test]
fn words_carry_their_ranges() {
    let text = "a 'b c'\"d\"  \\\n  ${E}";
    let ranges: Vec<_> = words(text).iter().map(|word| &text[word.range.clone()]).collect();
    assert_eq!(ranges, ["a", "'b c'\"d\"", "${E}"]);
    let text = "x=1; if a; then b; fi >f";
    let ranges: Vec<_> = parse(text).unwrap().iter().map(|item| &text[item.range.clone()]).collect();
    assert_eq!(ranges, ["x=1", "if a; then b; fi >f"]);
}

#[test]
fn commands_carry_their_lines_and_here_documents() {
    let text = "# c\n\n$ a <<X <<-'Y'\n1\nX\n\t2\n\tY\nb";
    let list = parse(text).unwrap();
    assert_eq!(list.iter().map(|item| item.first.commands[0].line).collect::<Vec<_>>(), [3, 8]);
    assert_eq!(&text[list[0].range.clone()], "a <<X <<-'Y'\n1\nX\n\t2\n\tY");
    let bodies: Vec<_> = list[0].first.commands[0]
        .redirections
        .iter()
        .map(|redirection| match &redirection.kind {
            RedirectionKind::HereDocument(body) => body.get().unwrap().parts.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(bodies, [[Part::Quoted("1\n".into())], [Part::Quoted("2\n".into())]]);
}

#[test]
fn a_prompt_is_stripped_and_a_variable_is_not() {
    assert_eq!(words("$ aws x").len(), 2);
    assert_eq!(words("  $ aws x \\\n y").len(), 3);
    assert!(matches!(words("$aws x")[0].parts[0], Part::Parameter { .. }));
    assert!(matches!(words("echo $ x")[1].parts[0], Part::Literal(_)));
}

#[test]
fn unfinished_text_is_recognised() {
    let closing = |c| Some(Incomplete::Closing(c));
    for (text, needs) in [
        ("echo 'a", closing('\'')),
        ("echo \"a", closing('"')),
        ("echo `a", closing('`')),
        ("echo ${A", closing('}')),
        ("echo ${A:-b", closing('}')),
        ("echo $(a", closing(')')),
        ("echo $(a \"$(b)", closing('"')),
        ("(a", Some(Incomplete::Command)),
        ("{ a;", Some(Incomplete::Command)),
        ("a |", Some(Incomplete::Command)),
        ("a &&  # c\n", Some(Incomplete::Command)),
        ("a \\", Some(Incomplete::Continuation)),
        ("for x in a b", Some(Incomplete::Command)),
        ("for x in a; do", Some(Incomplete::Command)),
        ("for x in a; do b", Some(Incomplete::Command)),
        ("if a; then b; else c", Some(Incomplete::Command)),
        ("while a; do b;", Some(Incomplete::Command)),
        ("cat <<EOF", Some(Incomplete::HereDocument("EOF".into()))),
        ("cat <<EOF | b\nx\n", Some(Incomplete::HereDocument("EOF".into()))),
        ("a\ncat <<-'E F'\n\tx\n", Some(Incomplete::HereDocument("E F".into()))),
        ("echo a", None),
        ("", None),
        ("# a \\", None),
        ("echo 'a\\'", None),
        ("echo )", None),
        ("cat <<EOF\nEOF", None),
        ("if a; then b; fi", None),
    ] {
        assert_eq!(needs_more(text), needs, "{text}");
    }
}

#[test]
fn errors_use_the_words_of_bash() {
    refused("echo )", "syntax error near unexpected token `)'", ")");
    refused("; a", "syntax error near unexpected token `;'", ";");
    refused("a;; b", "syntax error near unexpected token `;;'", ";;");
    refused("a && || b", "syntax error near unexpected token `||'", "||");
    refused("fi", "syntax error near unexpected token `fi'", "fi");
    refused("if a; fi", "syntax error near unexpected token `fi'", "fi");
    refused("cat <", "syntax error near unexpected token `newline'", "");
    refused("a (b", "syntax error near unexpected token `('", "(");
    refused("echo \"a", "unexpected EOF while looking for matching `\"'", "\"");
    refused("if a; then", "syntax error: unexpected end of file", "");
}

#[test]
fn what_is_not_supported_is_named() {
    for (text, what) in [("coproc cat", "coproc"), ("coproc a", "coproc"), ("echo ${A@Z}", "${A@Z}"), ("a 3>b", "3>")] {
        match parse(text).expect_err(text).kind {
            ErrorKind::Unsupported { what: found, .. } => assert_eq!(found, what, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let message =
        "`<CLUSTER>` is a placeholder: replace it, with its angle brackets, by your own value and run the line again";
    refused("aws eks --name <CLUSTER> x", message, "<CLUSTER>");
    assert!(parse("aws eks --name '<CLUSTER>'").is_ok());
}

#[test]
fn lines_before_an_error_are_read() {
    let lines: Vec<_> = Lines::new("a\nb; c\n)\nd").collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1].as_ref().unwrap().commands.len(), 2);
    assert_eq!(lines[2].as_ref().unwrap_err().line, 3);
}

#[track_caller]
fn too_large(text: &str) {
    let started = std::time::Instant::now();
    let error = parse(text).expect_err("larger than the limits");
    assert!(matches!(error.kind, ErrorKind::TooLarge(_) | ErrorKind::Incomplete(_)), "{error}");
    assert!(started.elapsed().as_secs() < 5, "took {:?}", started.elapsed());
}

#[test]
fn limits_hold() {
    too_large(&"a ".repeat(MAX_SCRIPT_BYTES));
    too_large(&"a ".repeat(MAX_SCRIPT_WORDS + 1));
    too_large(&"a\n".repeat(MAX_SCRIPT_WORDS + 1));
    too_large(&"'".repeat(999_999));
    for open in ["( ", "{ ", "$(", "\"$(", "echo ${a:-", "if ", "while ", "for x in a; do ", "echo $(( $("] {
        too_large(&open.repeat(MAX_NESTING + 1));
        too_large(&open.repeat(50_000));
    }
    too_large(&"cat <<E\n$(".repeat(5_000));
    let deep = format!("{}a{}", "( ".repeat(MAX_NESTING), ")".repeat(MAX_NESTING));
    assert!(parse(&deep).is_ok());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        check_ranges(&text);
    }

    #[test]
    fn shell_like_text_is_read_or_refused(pieces in proptest::collection::vec(
        proptest::sample::select(vec![
            "a", " ", "\n", "'", "\"", "$", "${", "}", "$(", ")", "(", "`", "\\", "<<E", "E", "<", ">", "&", "|", ";", "#",
            "if ", "then ", "fi", "for ", "x in ", "do ", "done", "{ ", "é", "=", "$((", "))", "<A>", "<<-'E'", "\t", "2>&1", ":-",
        ]), 0..40)) {
        check_ranges(&pieces.concat());
    }
}

/// Whatever the text, every range lies in it and the reader ends.
fn check_ranges(text: &str) {
    for line in Lines::new(text) {
        match line {
            Ok(line) => {
                for item in line.commands {
                    prop_range(text, item.range);
                }
            }
            Err(error) => prop_range(text, error.range),
        }
    }
    let _ = needs_more(text);
    for cursor in 0..=text.len() {
        prop_range(text, cursor::at_cursor(text, cursor).range);
    }
    for found in placeholder::find_placeholders(text) {
        prop_range(text, found.range);
    }
}

fn prop_range(text: &str, range: std::ops::Range<usize>) {
    assert!(range.start <= range.end && range.end <= text.len() + 1, "{range:?} in {text:?}");
}
