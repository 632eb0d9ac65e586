//! The rules of the architecture, held by reading the sources.
//!
//! Each rule is a function from one file to complaints, and has a test that shows it a bad sample.
//! Rules are about shipped code: what stands below `#[cfg(test)] mod …` is left out, except where a rule says otherwise.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

/// A layer and the layers it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("formats", &[]),
    ("k8s", &["formats"]),
    ("aws", &["formats"]),
    ("engine", &["aws", "k8s", "formats"]),
    ("session", &["engine", "aws", "k8s", "formats"]),
    ("shell", &["session", "engine", "aws", "k8s", "formats"]),
    ("view", &["shell", "session", "engine", "aws", "k8s", "formats"]),
    ("ui", &["view", "shell", "session", "engine", "aws", "k8s", "formats"]),
    ("cli", &["view", "shell", "session", "engine", "aws", "k8s", "formats"]),
];

/// The most lines of a file, tests apart.
const LINES: usize = 600;

/// A source file.
struct Source {
    path: String,
    /// The whole text.
    text: String,
    /// The shipped part: no tests, comments blanked.
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let is_test = path.ends_with("/tests.rs") || path.contains("/tests/");
        let shipped = if is_test { "" } else { before_tests(text) };
        Self { path: path.to_owned(), text: text.to_owned(), code: without_comments(shipped) }
    }

    /// `k8s` for `src/k8s/rules.rs`, `cli` for `src/cli.rs`.
    fn layer(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or_default();
        inside.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// A complaint for every identifier or number in the shipped code that `is_bad`.
    fn complain(&self, is_bad: impl Fn(&str) -> bool, why: &str) -> Vec<String> {
        let mut complaints = Vec::new();
        for (number, line) in self.code.lines().enumerate() {
            for word in identifiers(line).filter(|word| is_bad(word)) {
                complaints.push(format!("{}:{}: `{word}`: {why}", self.path, number + 1));
            }
        }
        complaints
    }
}

/// The text up to the test module.
fn before_tests(text: &str) -> &str {
    let opens_tests = |at: &usize| {
        let rest = text[*at..].trim_start_matches("#[cfg(test)]").trim_start();
        rest.starts_with("mod ") && rest.lines().next().is_some_and(|line| line.contains('{'))
    };
    let end = text.match_indices("#[cfg(test)]").map(|(at, _)| at).find(opens_tests);
    &text[..end.unwrap_or(text.len())]
}

/// Blanks comments and keeps everything else, so that lines keep their numbers.
fn without_comments(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, is_comment) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), true)
        } else if rest.starts_with("/*") {
            (block_comment(rest), true)
        } else if let Some(length) = raw_string(rest).filter(|_| !code.ends_with(is_identifier)) {
            (length, false)
        } else if first == '"' {
            (quoted(rest, '"'), false)
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\") {
            (quoted(rest, '\''), false)
        } else {
            (first.len_utf8(), false)
        };
        let (part, next) = rest.split_at(length);
        if is_comment {
            code.extend(part.chars().filter(|c| *c == '\n'));
        } else {
            code.push_str(part);
        }
        rest = next;
    }
    code
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of `r"…"`, `br#"…"#` and the like at the beginning.
fn raw_string(text: &str) -> Option<usize> {
    let after_r = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let body = after_r.trim_start_matches('#');
    let hashes = &after_r[..after_r.len() - body.len()];
    let begins = text.len() - body.len() + 1;
    let end = format!("\"{hashes}");
    let inside = body.strip_prefix('"')?;
    Some(inside.find(&end).map_or(text.len(), |at| begins + at + end.len()))
}

/// The length of a literal with backslash escapes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_identifier(c)).filter(|word| !word.is_empty())
}

/// `mapHTTPRole_arn` is made of `map`, `http`, `role`, `arn`.
fn words(identifier: &str) -> Vec<String> {
    let chars: Vec<char> = identifier.chars().collect();
    let mut words = vec![String::new()];
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        let begins =
            before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit() || after.is_some_and(|a| a.is_lowercase()));
        if *c == '_' || c.is_uppercase() && begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| *c != '_') {
            word.extend(c.to_lowercase());
        }
    }
    words
}

// The rules.

fn web_crates_only_in_ui(source: &Source) -> Vec<String> {
    const WEB: &[&str] =
        &["yew", "gloo", "web_sys", "js_sys", "wasm_bindgen", "wasm_bindgen_futures", "console_error_panic_hook"];
    if source.layer() == "ui" || source.path == "src/main.rs" {
        return Vec::new();
    }
    source.complain(|word| WEB.contains(&word), "a web crate outside `src/ui`")
}

fn imports_go_down(source: &Source) -> Vec<String> {
    let Some((layer, below)) = LAYERS.iter().find(|(name, _)| *name == source.layer()) else {
        return Vec::new();
    };
    let used = imported_layers(&source.code);
    let wrong = used.into_iter().filter(|name| name != layer && !below.contains(&name.as_str()));
    wrong.map(|name| format!("{}: `crate::{name}`: `{layer}` may use only {below:?}", source.path)).collect()
}

/// The layers that follow `crate::`, also in braces.
fn imported_layers(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(is_identifier) {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut begins) = (1, true);
            for (at, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                if begins && is_identifier(c) {
                    used.extend(identifiers(&group[at..]).next().map(str::to_owned));
                    begins = false;
                }
                begins |= depth == 1 && c == ',';
            }
        } else {
            used.extend(identifiers(rest).next().filter(|_| rest.starts_with(is_identifier)).map(str::to_owned));
        }
    }
    used.retain(|name| LAYERS.iter().any(|(layer, _)| layer == name));
    used
}

fn each_side_keeps_its_own_words(source: &Source) -> Vec<String> {
    match source.layer() {
        "k8s" => source.complain(
            |word| words(word).iter().any(|w| ["eks", "aws", "iam", "arn"].contains(&w.as_str())),
            "Kubernetes code knows nothing of EKS and IAM",
        ),
        "aws" => source.complain(
            |word| {
                let plain = word.replace('_', "").to_lowercase();
                plain.contains("rbac") || plain.contains("rolebinding") || word == "ClusterRole" || word == "PolicyRule"
            },
            "EKS and IAM code knows nothing of RBAC",
        ),
        _ => Vec::new(),
    }
}

fn view_makes_no_markup(source: &Source) -> Vec<String> {
    if source.layer() != "view" {
        return Vec::new();
    }
    source.complain(|word| ["Html", "html", "VNode"].contains(&word), "`view` returns plain values, never markup")
}

fn the_core_has_no_clock_no_printing_no_system(source: &Source) -> Vec<String> {
    const OUTSIDE: &[&str] = &["SystemTime", "Instant", "println", "eprintln", "print", "eprint", "dbg"];
    if ["ui", "cli", "main", "lib"].contains(&source.layer()) {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    for module in ["std::env", "std::fs", "std::process", "std::net", "std::thread"] {
        if source.code.contains(module) {
            complaints.push(format!("{}: `{module}`: the core touches nothing outside itself", source.path));
        }
    }
    // `print` is a fine name for a function; as a macro it is followed by `!`.
    let is_macro = |word: &str| source.code.contains(&format!("{word}!("));
    let bad = |word: &str| OUTSIDE.contains(&word) && (word.starts_with(char::is_uppercase) || is_macro(word));
    complaints.extend(source.complain(bad, "the core has no clock and prints nothing"));
    complaints
}

fn files_are_short(source: &Source) -> Vec<String> {
    let lines = source.code.lines().count();
    if lines <= LINES { Vec::new() } else { vec![format!("{}: {lines} lines, at most {LINES}", source.path)] }
}

fn files_begin_with_their_purpose(source: &Source) -> Vec<String> {
    if source.text.starts_with("//! ") {
        Vec::new()
    } else {
        vec![format!("{}: does not begin with `//!`", source.path)]
    }
}

fn order_is_defined(source: &Source) -> Vec<String> {
    source.complain(|word| ["HashMap", "HashSet"].contains(&word), "its order is not defined: use a BTree or a Vec")
}

/// In tests and comments too.
fn nothing_is_left_for_later(source: &Source) -> Vec<String> {
    let marks = ["TODO", "FIXME", "#[ignore"];
    let found = marks.into_iter().filter(|mark| source.text.contains(mark));
    found.map(|mark| format!("{}: `{mark}`", source.path)).collect()
}

/// In tests and comments too.
fn no_secret_and_no_machine(source: &Source) -> Vec<String> {
    let mut found: Vec<&str> =
        ["/root/", "/Users/", "PRIVATE KEY-----"].into_iter().filter(|mark| source.text.contains(mark)).collect();
    found.extend(identifiers(&source.text).filter(|word| {
        let is_key = word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA"));
        is_key && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) && !word.ends_with("EXAMPLE")
    }));
    found.into_iter().map(|mark| format!("{}: `{mark}`: a secret, or a path of one machine", source.path)).collect()
}

/// Custom properties that are used and defined nowhere in `sheets`.
fn undefined_properties(sheets: &[Source]) -> Vec<String> {
    let name_at = |text: &str| text.chars().take_while(|c| is_identifier(*c) || *c == '-').collect::<String>();
    let mut defined = BTreeSet::new();
    let mut used = Vec::new();
    for sheet in sheets {
        for (at, _) in sheet.code.match_indices("--") {
            let name = name_at(&sheet.code[at..]);
            let before = sheet.code[..at].trim_end();
            if before.ends_with("var(") {
                used.push((sheet.path.clone(), name));
            } else if sheet.code[at + name.len()..].trim_start().starts_with(':') && !before.ends_with(is_identifier) {
                defined.insert(name);
            }
        }
    }
    used.retain(|(_, name)| !defined.contains(name));
    used.into_iter().map(|(path, name)| format!("{path}: `var({name})` is not defined")).collect()
}

type Rule = fn(&Source) -> Vec<String>;

/// For the program's own sources.
const RULES: &[Rule] = &[
    web_crates_only_in_ui,
    imports_go_down,
    each_side_keeps_its_own_words,
    view_makes_no_markup,
    the_core_has_no_clock_no_printing_no_system,
    files_are_short,
    files_begin_with_their_purpose,
    order_is_defined,
];

/// For everything that is published.
const RULES_FOR_ALL: &[Rule] = &[nothing_is_left_for_later, no_secret_and_no_machine];

/// The files below `folder`, or the file itself, that end with one of `endings`.
fn files(folder: &str, endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut paths = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(path) = paths.pop() {
        if let Ok(entries) = path.read_dir() {
            paths.extend(entries.flatten().map(|entry| entry.path()));
        } else if path.is_file() && endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
            let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_string_lossy().into_owned();
            found.push(Source::new(&name, &std::fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn assert_no_complaints(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn the_sources_follow_the_rules() {
    let sources = files("src", &[".rs"]);
    assert!(sources.len() > 20, "the sources were not found");
    let complaints: Vec<_> = RULES.iter().flat_map(|rule| sources.iter().flat_map(rule)).collect();
    assert_no_complaints(&complaints);
}

#[test]
fn what_is_published_is_finished_and_holds_no_secret() {
    let places = ["src", "xtask", "static", "docs", "tests/e2e", "index.html", "README.md", ".github", ".ci/run"];
    let endings = [".rs", ".css", ".js", ".html", ".md", ".yml", ".toml", ".svg", ".json", "run"];
    let sources: Vec<_> = places.iter().flat_map(|place| files(place, &endings)).collect();
    let complaints: Vec<_> = RULES_FOR_ALL.iter().flat_map(|rule| sources.iter().flat_map(rule)).collect();
    assert_no_complaints(&complaints);
}

#[test]
fn every_custom_property_is_defined() {
    let mut sheets = files("static", &[".css"]);
    assert!(!sheets.is_empty(), "the style sheets were not found");
    sheets.extend(files("src/ui", &[".rs"])); // a component may set one for its children
    assert_no_complaints(&undefined_properties(&sheets));
}

/// The rules can fail, each on the first sample; on the others it must be silent.
mod samples {
    use super::*;

    fn check(rule: Rule, bad: (&str, &str), good: &[(&str, &str)]) {
        assert!(!rule(&Source::new(bad.0, bad.1)).is_empty(), "no complaint about {bad:?}");
        for (path, text) in good {
            assert_eq!(rule(&Source::new(path, text)), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn web_crates() {
        let text = "use yew::prelude::*;";
        check(
            web_crates_only_in_ui,
            ("src/view/a.rs", text),
            &[("src/ui/a.rs", text), ("src/view/a.rs", "// use yew;")],
        );
    }

    #[test]
    fn imports() {
        let rule = imports_go_down;
        check(
            rule,
            ("src/k8s/a.rs", "use crate::aws::Arn;"),
            &[
                ("src/k8s/a.rs", "use crate::formats::yaml; use crate::k8s::rules;"),
                ("src/engine/a.rs", "use crate::{aws, k8s::{self, rules}, formats};"),
                ("src/k8s/a.rs", "/// See [`x`](crate::engine).\nfn f() {}"),
                ("src/k8s/a.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::engine; }"),
            ],
        );
        check(rule, ("src/engine/a.rs", "use crate::{aws, session::Log};"), &[]);
        check(rule, ("src/aws/a.rs", "fn f() -> crate::k8s::Status {}"), &[]);
        check(rule, ("src/cli.rs", "use crate::ui;"), &[]);
        check(rule, ("src/formats/a.rs", "use crate::{formats::{a, b}, view};"), &[]);
    }

    #[test]
    fn own_words() {
        let rule = each_side_keeps_its_own_words;
        check(
            rule,
            ("src/k8s/a.rs", "fn for_eks_role() {}"),
            &[
                ("src/k8s/a.rs", "fn learn(warning: &str) -> Weeks {} // as EKS does"),
                ("src/engine/a.rs", "let arn = aws;"),
            ],
        );
        check(rule, ("src/k8s/a.rs", "struct AWSThing;"), &[]);
        check(rule, ("src/k8s/a.rs", "let s = \"eks.amazonaws.com\";"), &[]);
        check(
            rule,
            ("src/aws/a.rs", "struct ClusterRoleBinding;"),
            &[("src/aws/a.rs", "let cluster_role_arn = role;")],
        );
    }

    #[test]
    fn markup() {
        check(view_makes_no_markup, ("src/view/a.rs", "fn f() -> Html {}"), &[("src/view/a.rs", "fn f() -> Row {}")]);
    }

    #[test]
    fn outside_world() {
        let rule = the_core_has_no_clock_no_printing_no_system;
        check(
            rule,
            ("src/engine/a.rs", "println!(\"x\")"),
            &[("src/cli.rs", "println!()"), ("src/formats/a.rs", "fn print() {}")],
        );
        check(rule, ("src/engine/a.rs", "let now = SystemTime::now();"), &[]);
        check(rule, ("src/shell/a.rs", "use std::fs;"), &[("src/shell/a.rs", "// use std::fs;")]);
    }

    #[test]
    fn size() {
        let long = "fn f() {}\n".repeat(LINES + 1);
        let tests = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        check(files_are_short, ("src/a.rs", &long), &[("src/a.rs", &tests), ("src/k8s/tests.rs", &long)]);
    }

    #[test]
    fn purpose() {
        check(files_begin_with_their_purpose, ("src/a.rs", "use std::fmt;"), &[("src/a.rs", "//! Lists.\n")]);
    }

    #[test]
    fn order() {
        let good = ("src/a.rs", "use std::collections::BTreeMap; // not HashMap");
        check(order_is_defined, ("src/a.rs", "use std::collections::HashMap;"), &[good]);
    }

    #[test]
    fn later() {
        check(nothing_is_left_for_later, ("src/a.rs", "// TODO more"), &[("src/a.rs", "// all done")]);
        check(nothing_is_left_for_later, ("src/a.rs", "#[cfg(test)]\nmod tests { #[ignore] fn f() {} }"), &[]);
    }

    #[test]
    fn secrets() {
        let documented = ("src/a.rs", "let key = \"AKIAIOSFODNN7EXAMPLE\";");
        check(no_secret_and_no_machine, ("src/a.rs", "// see /root/notes"), &[documented]);
        check(no_secret_and_no_machine, ("src/a.rs", "let key = \"AKIAQWERTYUIOPASDFGH\";"), &[]);
    }

    #[test]
    fn custom_properties() {
        let sheet = |text| [Source::new("static/a.css", text)];
        assert!(undefined_properties(&sheet(".a { color: var(--ink) }")) != Vec::<String>::new());
        assert!(undefined_properties(&sheet(".block--ink:hover { color: var(--ink) }")) != Vec::<String>::new());
        assert!(undefined_properties(&sheet(":root { --ink: red } .a { color: var( --ink, blue) }")).is_empty());
    }

    #[test]
    fn comments_are_told_from_text() {
        let check = |text: &str, expected: &str| assert_eq!(without_comments(text), expected);
        check("a // b\nc", "a \nc");
        check("a /* b /* c */\n d */ e", "a \n e");
        check(r#"f("// no \" /* no") // yes"#, r#"f("// no \" /* no") "#);
        check(r##"r#"x " // no"# // yes"##, r##"r#"x " // no"# "##);
        check("'\"' // yes\n'\\'' // yes", "'\"' \n'\\'' ");
        check("fn f<'a>(a: &'a str) {} // yes", "fn f<'a>(a: &'a str) {} ");
        check("for\"// no\"", "for\"// no\"");
    }

    #[test]
    fn identifiers_are_made_of_words() {
        assert_eq!(words("mapHTTPRole_arn"), ["map", "http", "role", "arn"]);
        assert_eq!(words("AWS"), ["aws"]);
        assert_eq!(words("Weeks"), ["weeks"]);
    }
}
