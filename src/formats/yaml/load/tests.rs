//! The typing and merging rules, checked against kubectl's answers, and the bounds.

use serde_json::json;

use super::{MAX_DEPTH, load, load_spanned};

fn check(text: &str, expected: serde_json::Value) {
    let actual = load(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
    assert_eq!(actual.to_string(), expected.to_string(), "{text}");
}

fn check_error(text: &str, expected: &str) {
    match load(text) {
        Ok(value) => panic!("{text}\nread as {value}"),
        Err(error) => assert_eq!(error.to_string(), expected, "{text}"),
    }
}

#[test]
fn empty_texts_are_null() {
    for text in ["", "\n", "# only a comment\n", "---\n", "---\n...\n", "~"] {
        check(text, json!(null));
    }
}

#[test]
fn members_are_sorted_and_the_last_of_equals_wins() {
    check("b: 1\na: 2\nb: 3\n", json!({"a": 2, "b": 3}));
}

#[test]
fn keys_become_text() {
    check("1e30: a\n123456789.5: b\n", json!({"1.2345679e+08": "b", "1e+30": "a"}));
    check("1: a\n0x10: b\ntrue: c\n1.5: d\non: e\n", json!({"1": "a", "1.5": "d", "16": "b", "true": "e"}));
}

#[test]
fn merge_keys_act_at_their_place() {
    check("a: &a {x: 1, z: 1}\nb: {<<: *a, x: 2}\n", json!({"a": {"x": 1, "z": 1}, "b": {"x": 2, "z": 1}}));
    check("a: &a {x: 1}\nb: {x: 2, <<: *a}\n", json!({"a": {"x": 1}, "b": {"x": 1}}));
    check("- &a {x: 1}\n- &b {x: 2, z: 2}\n- <<: [*a, *b]\n", json!([{"x": 1}, {"x": 2, "z": 2}, {"x": 1, "z": 2}]));
    check("\"<<\": 1\n", json!({"<<": 1}));
}

#[test]
fn tags_overrule_types() {
    check("- !!str 123\n- !!float 1\n- !!binary aGk=\n- !local 5\n", json!(["123", 1, "hi", "5"]));
}

#[test]
fn block_scalars() {
    check("a: |\n  x\n  y\nb: >-\n  x\n  y\n", json!({"a": "x\ny\n", "b": "x y"}));
}

#[test]
fn only_the_first_document_is_read() {
    check("a: 1\n---\n]", json!({"a": 1}));
    check_error("hello\nworld: 1", "yaml: line 2: mapping values are not allowed in this context");
}

#[test]
fn places_of_members_and_items() {
    let spanned = load_spanned("- rolearn: x\n  groups:\n    - a\n    - b\n").unwrap();
    assert_eq!(spanned.line(""), Some(1));
    assert_eq!(spanned.line("/0/groups"), Some(2));
    assert_eq!(spanned.line("/0/groups/1"), Some(4));
    assert_eq!(spanned.line("/0/groups/1/none"), Some(4));
}

#[test]
fn aliases_are_bounded() {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..40 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        text += &format!("a{level}: &a{level} [{below}]\n");
    }
    check_error(&text, "yaml: document contains excessive aliasing");
    check_error("a: &a [*a]\n", "yaml: anchor 'a' value contains itself");
    check_error("- *nope\n", "yaml: unknown anchor 'nope' referenced");
}

#[test]
fn depth_and_length_are_bounded() {
    assert!(load(&"[".repeat(MAX_DEPTH + 1)).is_err());
    assert!(load(&"- ".repeat(50_000)).is_err());
    assert!(load(&"a".repeat(super::MAX_BYTES + 1)).is_err());
}

#[test]
fn what_json_cannot_hold() {
    check_error(
        "a: {~: [1, b]}\n",
        "unsupported map key of type: %!s(<nil>), key: <nil>, value: []interface {}{1, \"b\"}",
    );
    check_error("a: .nan\n", "json: unsupported value: NaN");
    check_error("a: {{x}}\n", "yaml: invalid map key: map[interface {}]interface {}{\"x\":interface {}(nil)}");
}

/// What kubectl 1.32 prints to the same texts.
const FAULTS: &[(&str, &str)] = &[
    ("x: 1\na: @b", "yaml: line 2: found character that cannot start any token"),
    ("x: 1\n\ta: b", "yaml: line 2: found a tab character that violates indentation"),
    ("x:\n\ta: b", "yaml: line 2: found character that cannot start any token"),
    ("x:\n  y: 1\n\tz: 2\n", "yaml: line 3: found a tab character that violates indentation"),
    ("x:\n  y: 1\n z: 2", "yaml: line 2: did not find expected key"),
    ("x: [a, b", "yaml: line 1: did not find expected ',' or ']'"),
    ("x: [a, b\ny: 2\n", "yaml: line 1: did not find expected ',' or ']'"),
    ("x: {a: 1\ny: 2\n", "yaml: line 1: did not find expected ',' or '}'"),
    ("x: \"abc\ny: 2\n", "yaml: line 3: found unexpected end of stream"),
    ("- a\nb: c", "yaml: line 1: did not find expected '-' indicator"),
    ("x: 1\nhello\ny: 2\n", "yaml: line 3: could not find expected ':'"),
    ("x: ]", "yaml: did not find expected node content"),
    ("x: 1\n]", "yaml: line 1: did not find expected key"),
    ("x: 1\ny: \"a\\qb\"\n", "yaml: line 2: found unknown escape character"),
    ("x: 1\ny: \"\\xZZ\"", "yaml: line 2: did not find expected hexdecimal number"),
    ("x: 1\ny: \"a\" b\n", "yaml: line 1: did not find expected key"),
    ("x: |b\n  a\n", "yaml: did not find expected comment or line break"),
    ("x: 1\ny: *\n", "yaml: line 2: did not find expected alphabetic or numeric character"),
    ("x: 1\ny: [a, , b]\n", "yaml: line 1: did not find expected node content"),
    ("x: 1\n: b\n", "yaml: line 1: did not find expected key"),
    ("x: 1\ny: - a\n", "yaml: line 2: block sequence entries are not allowed in this context"),
    ("x: 1\ny: !e!a 2", "yaml: line 1: found undefined tag handle"),
    ("a: >\n x\n\ty\n", "yaml: line 3: found a tab character where an indentation space is expected"),
    ("a: |0\n x\n", "yaml: found an indentation indicator equal to 0"),
    ("%FOO\na: 1\n", "yaml: found unknown directive name"),
    ("\tx: 1", "yaml: found character that cannot start any token"),
    ("...", "yaml: did not find expected node content"),
    ("a: [- b]", "yaml: did not find expected node content"),
    ("name: 'it's'\n", "yaml: did not find expected key"),
    ("a: b\r\nc: d: e\r\n", "yaml: line 2: mapping values are not allowed in this context"),
    ("a: !<x 1", "yaml: did not find the expected '>'"),
    ("a: &x &y b\n", "yaml: did not find expected key"),
    ("a: \u{1}\n", "yaml: control characters are not allowed"),
];

#[test]
fn faults_in_go_yamls_words() {
    for (text, expected) in FAULTS {
        check_error(text, expected);
    }
}

#[test]
fn brackets_tabs_and_breaks_where_yaml_1_2_refuses_them() {
    check("a: {\n\"b\":1,\n\"c\":[1,\n2]\n}\nd: e\n", json!({"a": {"b": 1, "c": [1, 2]}, "d": "e"}));
    check("a:\t1\n", json!({"a": 1}));
    check("a: \"b\nc\"\n", json!({"a": "b c"}));
    check("a: [b,#c\nd, -]\n", json!({"a": ["b", "d", "-"]}));
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "[ab1 \t\n:?,&*!|>'\"%@#{}<~\\[\\]\\\\-]{0,60}") {
        let _ = load_spanned(&text);
        let _ = crate::formats::yaml::stream::load_stream(&text);
    }
}
