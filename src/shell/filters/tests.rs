//! What the tools refuse and where their bounds are. What they print is compared with the real ones in `interp/tests.rs`.

use crate::shell::interp::tests::run;

#[track_caller]
fn check(script: &str, stdout: &str) {
    let output = run(script);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), (stdout, ""), "{script}");
}

#[track_caller]
fn refused(script: &str, part: &str) {
    let started = std::time::Instant::now();
    let output = run(script);
    assert!(output.stderr.contains(part) && output.exit == 2, "{script:.80}: {} {:.300}", output.exit, output.stderr);
    assert!(started.elapsed().as_secs() < 20, "{script:.80} took {:?}", started.elapsed());
}

#[test]
fn every_table_is_sorted() {
    assert!(super::TOOLS.is_sorted_by_key(|(name, _)| *name));
    assert!(super::jq::functions::NAMES.is_sorted());
}

/// The same as `tests/shell/jq.txt` in small, for machines without jq.
#[test]
fn jq_reads_access_data() {
    let data = r#"{"accessEntries":["a","b"],"items":[{"n":"x","g":["dev"],"v":1.0},{"n":"y","g":[],"v":2}]}"#;
    for (options, expected) in [
        ("-r '.accessEntries[]'", "a\nb\n"),
        ("-c '.items[0]'", "{\"n\":\"x\",\"g\":[\"dev\"],\"v\":1}\n"),
        (".items[1].g", "[]\n"),
        ("'.items[0].g'", "[\n  \"dev\"\n]\n"),
        ("-r '.items[] | select(.g | contains([\"dev\"])) | .n'", "x\n"),
        ("-r '.items | map(\"\\(.n):\\(.v)\") | join(\" \")'", "x:1 y:2\n"),
        ("-c '[.items[] | {(.n): .v}] | add'", "{\"x\":1,\"y\":2}\n"),
        (".nope.deeper", "null\n"),
    ] {
        check(&format!("echo '{data}' | jq {options}"), expected);
    }
}

#[test]
fn forms_that_are_not_there_are_named() {
    for (script, part) in [
        ("jq -n 'import \"a\" as a; 1'", "`import` is not supported"),
        ("jq -n 'gmtime'", "`gmtime/0` is not supported"),
        ("jq --stream .", "`--stream` is not supported"),
        ("jq -n '@base32'", "`@base32` is not supported"),
        ("sed l /dev/null", "`l` is not supported"),
        ("sed 's/a/b/e' /dev/null", "`s///e` is not supported"),
        ("sed -z p /dev/null", "`-z` is not supported"),
        ("sed 's/\\(a\\)\\1/b/' /dev/null", "back-reference"),
        ("grep '\\(a\\)\\1' /dev/null", "back-reference"),
        ("grep -P '(?=a)' /dev/null", "look-ahead `(?=` is not supported"),
        ("grep -P '(?<!a)b' /dev/null", "negative look-behind `(?<!` is not supported"),
        ("grep -P '(a)\\1' /dev/null", "back-reference"),
        ("date -d 'first of may'", "`-d first of may` is not supported"),
        ("xxd -r /dev/null", "`-r without -p` is not supported"),
        ("xxd -i /dev/null", "`-i` is not supported"),
        ("expr \\( a", "expecting ')' after ‘a’"),
        ("grep -r a .", "`-r` is not supported"),
        ("awk '{getline x}'", "`getline` is not supported"),
        ("awk '{\"date\" | getline x}'", "`| getline` is not supported"),
        ("awk '{print | \"sort\"}'", "`print | command` is not supported"),
        ("awk 'BEGIN {system(\"ls\")}'", "`system` is not supported"),
        ("awk -i x", "`-i` is not supported"),
        ("sort -R /dev/null", "`-R` is not supported"),
        ("tr '[:foo:]' a", "`[:foo:]` is not supported"),
        ("ls -R", "`-R` is not supported"),
        ("cat -A /dev/null", "`-A` is not supported"),
        ("echo //79 | base64 -d", "`binary data` is not supported"),
        ("seq 1.5", "`1.5` is not supported"),
        ("uniq a b", "`an output file` is not supported"),
    ] {
        refused(script, part);
    }
}

#[test]
fn limits_hold() {
    let repeated = |text: &str, times: usize| text.repeat(times);
    refused(&format!("jq -n '{}'", repeated("[", 40)), "deep");
    refused(&format!("jq -n '{}1'", repeated("1,", 70)), "more than 60 parts");
    refused(&format!("jq -n '{}1'", repeated("1+", 70)), "more than 60 parts");
    refused(&format!("jq -n '{}.'", repeated(".|", 70)), "more than 60 stages");
    refused(&format!("jq -n '\"{}\"'", repeated("a", 10_001)), "longer than 10000 bytes");
    refused("jq -n '[range(100000000)]'", "more than 700000 steps");
    refused("jq -n 'def f: 1 + f; f'", "more than 250 deep");
    refused("jq -n 'def f: [f]; f'", "more than 250 deep");
    refused("jq -n 'def f(x): f(x | x); f(.)'", "more than 250 deep");
    refused("jq -n '[recurse(.)]'", "more than 700000 steps");
    refused("jq -n '1 | until(false; .)'", "more than 100000 rounds");
    refused("jq -n 'reduce range(1000000) as $i (0; [.])'", "more than 300 deep");
    refused("jq -n 'reduce range(1000000) as $i ([]; . + [$i])'", "more than 700000 steps");
    refused("jq -n 'setpath([range(1000)]; 1)'", "more than 200 parts");
    refused("jq -n '.[999999999] = 1'", "too large");
    refused("jq -n '[range(2000)] | [.[] as $a | .[] as $b | .[] as $c | 1]'", "more than 700000 steps");
    refused("jq -n '[limit(100000; repeat(\"a\" * 1000))] | add | test(\"(a*)*b\")'", "stopped");
    refused("seq 9000 | jq -s '. as $a | [.[] | $a]'", "more than 700000 steps");
    refused(
        "jq -n '\"aaaaaaaaaa\" | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+. | .+.'",
        "too large",
    );
    refused("seq 90000 | jq .", "more than 20000 values");
    refused(&format!("awk '{}'", repeated("(", 40)), "deep");
    refused(&format!("awk '{{print {}1}}'", repeated("!", 40)), "deep");
    refused(&format!("awk '{{print {}1}}'", repeated("1 ", 300)), "more than 200 parts");
    refused(&format!("awk '{}'", repeated("x;", 6_000)), "longer than 10000 bytes");
    refused("seq 50000 | awk '{x = x $0} END {print x}'", "stopped");
    refused("seq 99000 | awk '{print $0 $0 $0 $0 $0 $0}' >/dev/null", "longer than 2000000 bytes");
    refused("awk 'BEGIN {while (1) x++}'", "more than 1500000 steps");
    refused("awk 'BEGIN {for (;;) a[i++] = 1}'", "more than 100000 elements");
    refused(
        "awk 'BEGIN {for (;;) print \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}' > /dev/null",
        "longer than 2000000 bytes",
    );
    refused("awk 'function f(n) {return f(n + 1)} BEGIN {f(1)}'", "more than 40 deep");
    refused("awk 'function f(n) {return 1 + (2 + (3 + (4 + f(n + 1))))} BEGIN {f(1)}'", "deep");
    refused("awk 'BEGIN {$99999 = 1}'", "more than 10000 fields");
    refused(
        "awk 'BEGIN {printf \"%99999s%9999s\", 1, 2; x = sprintf(\"%999s\", 1); while (1) x = x x}'",
        "longer than 100000 bytes",
    );
    refused(&format!("awk '{}'", repeated("{", 40)), "deep");
    refused(&format!("sed '{}' /dev/null", repeated("p;", 300)), "more than 200 commands");
    refused("echo a | sed ':a;ba'", "more than 1500000 steps");
    refused("echo a | sed ':a;s/a/aa/g;ta'", "more than 1000000 bytes");
    refused("echo a | sed ':a;H;x;G;ba'", "stopped");
    check("seq 20000 | sed -n ':a;$!{N;ba};s/\\n/,/g;p' | wc -l", "1\n");
    refused("seq 90000 | sed ':a;N;s/x/y/;ba'", "steps");
    refused(&format!("sed '{}' /dev/null", repeated("{", 300)), "more than 200 commands");
    refused(&format!("grep {} /dev/null", repeated("-e a ", 30)), "20 patterns");
    refused(&format!("grep -E '{}' /dev/null", repeated("a", 600)), "longer than 500 bytes");
    refused("grep -E '((a{100}){100}){100}' /dev/null", "not supported");
    refused("seq 1000000", "more than 100000 numbers");
    refused(&format!("sort {} /dev/null", repeated("-k1 ", 20)), "not supported");
    refused("tr a-\u{10ffff} b", "not supported");
    let output = run(&format!("echo a | cut -c{}1", repeated("1,", 200)));
    assert!(output.stderr.contains("invalid byte/character list"), "{}", output.stderr);
    // The same file over and over.
    let output = run(&format!("seq 90000 > f; cat {} | wc -c; echo ok", repeated("f ", 500)));
    assert!(
        output.stderr.contains("longer than 2000000 bytes") && output.stdout.ends_with("ok\n"),
        "{}",
        output.stderr
    );
}
