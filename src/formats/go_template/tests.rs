//! The usual templates, values, faults and hostile ones.

use serde_json::json;

use super::*;

fn object() -> Value {
    json!({
        "kind": "List",
        "items": [
            {"metadata": {"name": "a", "labels": {"app": "web", "tier": "x"}}, "spec": {"replicas": 3}},
            {"metadata": {"name": "b"}, "spec": {"replicas": 1234567}},
        ],
        "data": {"key": "aGVsbG8="},
        "empty": [],
    })
}

#[track_caller]
fn check(template: &str, expected: &str) {
    assert_eq!(Template::parse(template).unwrap().print(&object(), false).unwrap(), expected, "{template}");
}

#[track_caller]
fn fails(template: &str, expected: &str) {
    assert_eq!(Template::parse(template).unwrap().print(&object(), false).unwrap_err().message, expected, "{template}");
}

#[track_caller]
fn malformed(template: &str, expected: &str) {
    let error = Template::parse(template).unwrap_err();
    assert_eq!(error, format!("error parsing template {template}, template: output:{expected}\n"));
}

#[test]
fn the_usual_templates() {
    check("{{range .items}}{{.metadata.name}}{{\"\\n\"}}{{end}}", "a\nb\n");
    check("{{range $i, $x := .items}}{{if $i}}, {{end}}{{$i}}={{$x.metadata.name}}{{end}}", "0=a, 1=b");
    check("{{len .items}} {{(index .items 1).metadata.name}} {{index .items 0 \"metadata\" \"name\"}}", "2 b a");
    check("{{range .items}}{{with .metadata.labels}}{{.app}}{{else}}none{{end}};{{end}}", "web;none;");
    check("{{range $k, $v := (index .items 0).metadata.labels}}{{$k}}={{$v}} {{end}}", "app=web tier=x ");
    check("{{range .empty}}x{{else}}nothing{{end}}{{range .missing}}x{{else}}!{{end}}", "nothing!");
    check("{{if eq .kind \"Pod\" \"List\"}}yes{{else}}no{{end}}", "yes");
    check("{{if and .kind (not .missing)}}a{{end}}{{if or .missing .nope}}b{{else if .kind}}c{{else}}d{{end}}", "ac");
    check("{{.data.key | base64decode}} {{index .data \"key\" | base64decode | printf \"%q\"}}", "hello \"hello\"");
    check("{{range .items}}{{if exists . \"metadata\" \"labels\"}}{{.metadata.name}}{{end}}{{end}}", "a");
    check("{{- /* nothing */ -}} a {{- .kind -}} b", "aListb");
    check("{{$n := 0}}{{range .items}}{{$n = len .metadata.name}}{{end}}{{$n}}", "1");
    check("{{range .items}}{{.metadata.name}}{{break}}{{end}}{{range .items}}{{continue}}x{{end}}", "a");
    check("{{define \"n\"}}<{{.metadata.name}}>{{end}}{{range .items}}{{template \"n\" .}}{{end}}", "<a><b>");
    check(
        "{{range 3}}{{.}}{{end}} {{slice .kind 1 3}} {{print 1 2 \"x\" 3}} {{println \"a\" 1}}",
        "012 is 1 2x3 a 1\n",
    );
    check(
        "{{`raw \\n`}} {{'a'}} {{1.5}} {{0x10}} {{true}} {{html \"<a>\"}} {{urlquery \"a b/c\"}}",
        "raw \\n 97 1.5 16 true &lt;a&gt; a+b%2Fc",
    );
}

#[test]
fn values_as_kubectl_reads_them() {
    check("{{.missing}} {{.missing.deeper}}", "<no value> <no value>");
    check("{{range .items}}{{.spec.replicas}} {{end}}", "3 1.234567e+06 ");
    check("{{(index .items 0).metadata}}", "map[labels:map[app:web tier:x] name:a]");
    check("{{printf \"%-5s|%5s|%d|%v|%.1f\" .kind \"x\" 7 .empty 1.25}}", "List |    x|7|[]|1.2");
    check(
        "{{printf \"%d %s\" (index .items 0).spec.replicas 1}}{{printf \"%s\"}}",
        "%!d(float64=3) %!s(int=1)%!s(MISSING)",
    );
    assert_eq!(
        Template::parse("{{.x}}").unwrap().print(&json!({}), true).unwrap_err().message,
        "error executing template \"{{.x}}\": template: output:1:2: executing \"output\" at <.x>: map has no entry for key \"x\""
    );
}

#[test]
fn faults_name_their_place() {
    fails(
        "{{.kind.name}}",
        "error executing template \"{{.kind.name}}\": template: output:1:7: executing \"output\" at <.kind.name>: can't evaluate field name in type interface {}",
    );
    fails(
        "x\n{{len .missing}}",
        "error executing template \"x\\n{{len .missing}}\": template: output:2:2: executing \"output\" at <len .missing>: error calling len: reflect: call of reflect.Value.Type on zero Value",
    );
    fails(
        "{{eq (index .items 0).spec.replicas 3}}",
        "error executing template \"{{eq (index .items 0).spec.replicas 3}}\": template: output:1:2: executing \"output\" at <eq (index .items 0).spec.replicas 3>: error calling eq: incompatible types for comparison",
    );
    malformed("{{.x", "1: unclosed action");
    malformed("{{range .x}}", "1: unexpected EOF");
    malformed("{{end}}", "1: unexpected {{end}}");
    malformed("{{if}}x{{end}}", "1: missing value for if");
    malformed("a\n{{foo .x}}", "2: function \"foo\" not defined");
    malformed("{{$x}}", "1: undefined variable \"$x\"");
    malformed("{{}}", "1: missing value for command");
    malformed("{{.x}} {{\"a}}", "1: unterminated quoted string");
}

#[test]
fn hostile_templates_end() {
    let deep = format!("{}{}", "{{if .kind}}".repeat(5000), "{{end}}".repeat(5000));
    assert!(Template::parse(&deep).unwrap_err().contains("deep"));
    assert!(Template::parse(&format!("{{{{{}1{}}}}}", "(".repeat(5000), ")".repeat(5000))).is_err());
    fails_with("{{define \"a\"}}{{template \"a\" .}}{{end}}{{template \"a\" .}}", "exceeded maximum template depth");
    let loops = "{{range 100000}}{{range 100000}}x{{end}}{{end}}";
    fails_with(loops, "stopped");
}

#[track_caller]
fn fails_with(template: &str, part: &str) {
    let message = Template::parse(template).unwrap().print(&object(), false).unwrap_err().message;
    assert!(message.contains(part), "{message}");
}
