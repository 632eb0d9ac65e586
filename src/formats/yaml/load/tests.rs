//! The typing and merging rules, checked against kubectl's answers, and the bounds.

use serde_json::json;

use super::{MAX_DEPTH, load, load_documents, load_spanned, load_stream};

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
fn documents_are_cut_at_bare_separators() {
    let values = load_documents("---\na: 1\n---\n# nothing\n---  \nb: 2\n---\n").unwrap();
    assert_eq!(values, [json!({"a": 1}), json!({"b": 2})]);
}

#[test]
fn documents_before_a_fault_count() {
    let (values, error) = load_stream("a: 1\n---\nb: c: d\n");
    assert_eq!(values, [json!({"a": 1})]);
    let error = error.unwrap();
    assert_eq!(error.line, 3);
    assert_eq!(error.to_string(), "yaml: mapping values are not allowed in this context");
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
