//! Cases of the JSONPath templates.

use super::*;
use serde_json::json;

fn object() -> Value {
    json!({
        "kind": "Foo",
        "metadata": {"name": "x", "annotations": {"k.io/x": "v"}},
        "spec": {
            "f": 1_705_487_400.123, "i": 12_345_678, "t": true, "n": null, "s": "a<b", "e": {}, "el": [],
            "m": {"z": 1, "a": "<"}, "nested": [[1, 2], [3]],
            "items": [{"n": "a", "v": 1}, {"n": "b", "v": 2}, {"n": "c"}]
        }
    })
}

#[test]
fn templates_as_kubectl_prints_them() {
    let check = |template: &str, expected: &str| {
        assert_eq!(Template::parse(template).and_then(|t| t.print(&object())).as_deref(), Ok(expected), "{template}");
    };
    check("{.metadata.name}", "x");
    check("{$.metadata['name']}", "x");
    check("metadata.name", "metadata.name");
    check("{.metadata.annotations.k\\.io/x}", "v");
    check("{.metadata.annotations['k\\.io/x']}", "v");
    check("{.spec.f} {.spec.n} {.spec.t}", "1.705487400123e+09 null true");
    check("{.spec.s}{.spec.m}{.spec.e}{.spec.el}", "a<b{\"a\":\"\\u003c\",\"z\":1}{}[]");
    check("{.spec.items[*].v}{\"\\t\"}{.kind}", "1 2\tFoo");
    check("{range .spec.items[*]}{.n}{\"\\n\"}{end}!", "a\nb\nc\n!");
    check("{range .spec.nope[*]}{.n}{end}!", "!");
    check("{range .spec.nested[*]}{range @[*]}<{@}>{end};{end}", "<1><2>;<3>;");
    check("{range .spec.items[*]}{.v}", "12");
    check("{.spec.items[?(@.n==\"b\")].v}", "2");
    check("{.spec.items[?(@.v>=1)].n}", "a b");
    check("{.spec.items[?(@.v)].n}", "a b");
    check("{.spec.items[-1].n}{.spec.items[0:2].n}{.spec.items[::2].n}{.spec.items[0,2].n}", "ca ba ca c");
    check("{.spec['i','t']}", "12345678 true");
    check("{..v}", "1 2");
    check("{.spec.m.*}", "< 1");
    check("{.nope.x}{.spec.nope[0]}{.spec.items.foo}", "");
    check("{1}{'it\\'s'}{\"\\u00e9\"}", "1it'sé");
}

#[test]
fn results_as_json() {
    let template = Template::parse("{.spec.items[*].v}").unwrap();
    assert_eq!(template.print_as_json(&object()).unwrap(), "[\n    1,\n    2\n]\n");
    assert_eq!(Template::parse("{.nope}").unwrap().print_as_json(&object()).unwrap(), "[]\n");
}

#[test]
fn messages_are_those_of_kubectl() {
    let check = |template: &str, expected: &str| {
        let error = Template::parse(template).and_then(|t| t.print(&json!({"a": [1], "b": 2}))).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check("", "template format specified but no template given");
    check("{.a", "error parsing jsonpath {.a, unclosed action");
    check("{.a[0", "error parsing jsonpath {.a[0, unterminated array");
    check("{.a[x]}", "error parsing jsonpath {.a[x]}, invalid array index x");
    check("{\"a}", "error parsing jsonpath {\"a}, unterminated quoted string");
    check("{{.a}}", "error parsing jsonpath {{.a}}, unrecognized character in action: U+007B '{'");
    let execution = |template: &str, message: &str| {
        check(
            template,
            &format!(
                "error executing jsonpath \"{template}\": Error executing template: {message}. Printing more information \
                 for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t\
                 map[string]interface {{}}{{\"a\":[]interface {{}}{{1}}, \"b\":2}}\n\n\n"
            ),
        );
    };
    execution("{a}", "unrecognized identifier a");
    execution("{.a[5]}", "array index out of bounds: index 5, length 1");
    execution("{.b[0]}", "int64 is not array or slice");
    execution("{.b[?(@.x)]}", "2 is not array or slice and cannot be filtered");
    execution("{end}", "not in range, nothing to end");
}

#[test]
fn relaxed_paths() {
    let check =
        |path: &str| assert_eq!(Template::parse_relaxed(path).unwrap().print(&object()).unwrap(), "x", "{path}");
    ["metadata.name", ".metadata.name", "{metadata.name}", "{.metadata.name}"].into_iter().for_each(check);
    assert_eq!(Template::parse_relaxed("{.a}{.b}"), Err(TemplateError::Path));
}

#[test]
fn hostile_templates_end() {
    let deep = format!("{{.a{}", "[?(@".repeat(10_000)) + &")]".repeat(10_000) + "}";
    assert!(Template::parse(&deep).is_err());
    let ranges = "{range .spec.items[*]}".repeat(10_000);
    assert!(Template::parse(&ranges).unwrap().print(&object()).is_err());
    assert!(Template::parse(&"{range .spec[*]}".repeat(31)).is_ok_and(|t| t.print(&object()).is_err()));
    let recursive = Template::parse(&format!("{{{}}}", "..a".repeat(1000))).unwrap();
    assert_eq!(recursive.print(&object()).unwrap(), "");
}
