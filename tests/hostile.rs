//! Hostile input to the terminal: each line ends with a clear error, within its bounds, and the session stays usable.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use eks_access_playground::session::{Session, scenario};
use eks_access_playground::shell::{complete, syntax, terminal};

/// Generous: debug builds on a busy machine, where a release build takes a tenth. The bounds themselves are counted, not timed.
const LONGEST: Duration = Duration::from_secs(60);
/// The most that a page is asked to show.
const MOST_OUTPUT: usize = 3_000_000;

/// Runs `text`; the end of its output holds `expected`, and `echo` and `kubectl` work afterwards.
#[track_caller]
fn check(what: &str, text: &str, expected: &str) {
    let mut session = Session::new(scenario::walkthrough());
    check_in(&mut session, what, text, expected);
}

#[track_caller]
fn check_in(session: &mut Session, what: &str, text: &str, expected: &str) {
    let start = Instant::now();
    let _ = terminal::is_complete(text);
    let _ = complete::complete(session, text, text.len());
    let ran = terminal::run(session, text);
    let printed: String = ran.iter().flat_map(|ran| &ran.chunks).map(|chunk| chunk.text.as_str()).collect();
    let taken = start.elapsed();
    assert!(printed.len() <= MOST_OUTPUT, "{what}: printed {} bytes", printed.len());
    let shown: String = printed.chars().take(600).collect();
    assert!(printed.contains(expected), "{what}: no {expected:?} in {shown:?}");
    assert!(taken < LONGEST, "{what}: took {taken:?}");
    let after = terminal::run(session, "echo still here; kubectl get ns default -o name");
    let after: String = after.iter().flat_map(|ran| &ran.chunks).map(|chunk| chunk.text.as_str()).collect();
    assert_eq!(after, "still here\nnamespace/default\n", "{what}: afterwards");
}

#[test]
fn long_texts() {
    check("a paste of 10 MB", &"echo hello world\n".repeat(600_000), "1000000 bytes");
    check("one word of 10 MB", &"x".repeat(10_000_000), "1000000 bytes");
    check("10 MB of multi-byte characters", &"é".repeat(5_000_000), "1000000 bytes");
    check("a million words", &format!("echo {}", "a ".repeat(499_000)), "20000 words");
    check("aws with 100,000 arguments", &format!("aws {}", "--x ".repeat(100_000)), "20000 words");
    check("kubectl with 19,000 arguments", &format!("kubectl get pods {}", "a ".repeat(19_000)), "words");
    check("aws with 9,000 arguments", &format!("aws eks list-clusters {}", "--x ".repeat(9_000)), "Unknown options");
    check("20,000 lines", &"true\n".repeat(19_000), "");
    check(
        "a here-document of 900 kB",
        &format!("cat > f <<EOF\n{}EOF\nwc -c f", "0123456789abcde\n".repeat(56_000)),
        "896000 f",
    );
    check("a here-document that never ends", &format!("cat <<EOF\n{}", "line\n".repeat(100_000)), "here-document");
    check("variables that double", &format!("A=0123456789\n{}echo ${{#A}}", "A=$A$A\n".repeat(40)), "");
}

#[test]
fn unfinished_texts() {
    for (text, expected) in [
        ("echo 'abc", "unexpected EOF while looking for matching `''"),
        ("echo \"abc", "unexpected EOF while looking for matching `\"'"),
        ("echo $(abc", "unexpected EOF"),
        ("echo ${abc", "unexpected EOF"),
        ("for x in a; do", "unexpected end of file"),
        ("echo a |", "unexpected end of file"),
        ("echo \\", ""),
    ] {
        check(text, text, expected);
    }
    check("quotes that open and close for long", &format!("echo {}'", "'a'\"b\"".repeat(100_000)), "EOF");
}

#[test]
fn deep_texts() {
    let deep = |open: &str, close: &str, n: usize| format!("echo {}x{}", open.repeat(n), close.repeat(n));
    check("substitutions in each other", &deep("$(echo ", ")", 100_000), "40 deep");
    check("substitutions never closed", &"$(".repeat(400_000), "");
    check("parentheses", &"(".repeat(400_000), "");
    check("braces", &deep("{a,", "}", 10_000), "");
    check("braces that multiply", &format!("echo {}", "{a,b}".repeat(30)), "");
    check("arithmetic", &format!("echo $(({}1{}))", "(".repeat(50_000), ")".repeat(50_000)), "");
    check("ifs", &format!("{}true; {}", "if true; then ".repeat(5_000), "fi; ".repeat(5_000)), "40 deep");
    check("jq", &format!("echo 1 | jq '{}.{}'", "(".repeat(50_000), ")".repeat(50_000)), "");
    check("jq on deep JSON", &format!("echo '{}' | jq .", "[".repeat(100_000)), "");
    check("awk", &format!("echo 1 | awk '{{ print {}1{} }}'", "(".repeat(50_000), ")".repeat(50_000)), "");
    check("grep", &format!("echo a | grep -E '{}a{}'", "(".repeat(20_000), ")".repeat(20_000)), "");
    check("grep that backtracks", &format!("echo {} | grep -E '^(a+)+$'", "a".repeat(40) + "b"), "");
    check("sed that backtracks", &format!("echo {} | sed -E 's/^(a|aa)+$/x/'", "a".repeat(60) + "b"), "");
    check("--query", &format!("aws eks list-clusters --query '{}a{}'", "(".repeat(50_000), ")".repeat(50_000)), "");
    check("--query of brackets", &format!("aws eks list-clusters --query '{}'", "[".repeat(50_000)), "");
    check("jsonpath", &format!("kubectl get ns -o jsonpath='{}'", "{range .items[*]}".repeat(20_000)), "");
    check("shorthand", &format!("aws eks tag-resource --resource-arn x --tags {}", "a=[".repeat(50_000)), "");
    check(
        "JSON in an option",
        &format!("aws eks tag-resource --resource-arn x --tags '{}'", "{\"a\":".repeat(50_000)),
        "",
    );
}

#[test]
fn endless_runs() {
    check("while", "while true; do echo x; done", "stop");
    check("while without output", "while true; do :; done", "stop");
    check("loops in loops", "while true; do while true; do while true; do :; done; done; done", "stop");
    check("a function of eval", "A='eval \"$A\"'; eval \"$A\"", "");
    check("a file that sources itself", "echo 'source f' > f; source f", "");
    check("substitution of itself", "A='$(eval \"echo $A\")'; eval \"echo $A\"", "");
    check("an alias of itself", "alias a='a a'\na", "");
    check("a file that grows by itself", "echo x > f; while true; do cat f f > g; cat g > f; done", "");
    check("seq without end", "seq 1 999999999999 | wc -l", "");
    check("awk without end", "echo | awk 'BEGIN { while (1) x = x \"a\" }'", "");
    check("jq without end", "echo 1 | jq 'def f: f; f' ", "");
    check("jq that repeats", "jq -n '[range(1e12)] | length'", "");
    check("sed without end", "echo x | sed ':a; s/x/xx/; ta'", "");
    check("printf of a width", "printf '%999999999d' 1", "");
    check("yes of words", "for x in $(seq 1 100000); do for y in $(seq 1 100000); do echo $x; done; done", "");
    check("calls in a loop", "while true; do kubectl get pods; done", "stop");
    check("a sleep of ages", "sleep 99999999999999999999", "");
}

#[test]
fn large_manifests() {
    let data: String = (0..20_000).map(|n| format!("  key-{n:05}: \"{}\"\n", "v".repeat(30))).collect();
    let manifest = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: big}}\ndata:\n{data}");
    check("apply of a 1 MB manifest", &format!("kubectl apply -f - <<'EOF'\n{manifest}EOF"), "Too long");
    let many = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n".repeat(10_000);
    check("10,000 documents", &format!("kubectl apply -f - <<'EOF'\n{many}EOF"), "namespace/x created");
    let bombs = [
        (
            "aliases that multiply",
            (0..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
                format!("{text}a{}: &a{} [*a{n}, *a{n}]\n", n + 1, n + 1)
            }),
        ),
        ("deep lists", "[".repeat(200_000)),
        ("deep maps", "{a: ".repeat(100_000)),
        ("deep indents", (0..1_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect()),
    ];
    for (what, yaml) in bombs {
        check(what, &format!("kubectl apply -f - <<'EOF'\n{yaml}\nEOF"), "error");
    }
}

#[test]
fn the_bounds_are_stated() {
    assert_eq!((syntax::MAX_SCRIPT_BYTES, syntax::MAX_SCRIPT_WORDS, syntax::MAX_NESTING), (1_000_000, 20_000, 40));
}
