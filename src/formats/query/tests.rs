//! Cases of the query language.

use super::*;
use crate::formats::json::go_compact;

const VALUE: &str =
    r#"{"z": {"b": 1, "a": [{"n": "x", "v": 2}, {"n": "y", "v": 1, "t": true}]}, "l": ["b", "a"], "s": "text"}"#;

fn run(expression: &str) -> Result<String, QueryError> {
    let value: Value = serde_json::from_str(VALUE).unwrap();
    Query::parse(expression)?.search(&value).map(|found| go_compact(&found))
}

#[test]
fn order_is_that_of_the_input_and_of_the_expression() {
    let check = |expression: &str, expected: &str| assert_eq!(run(expression).as_deref(), Ok(expected), "{expression}");
    check("z", r#"{"b":1,"a":[{"n":"x","v":2},{"n":"y","v":1,"t":true}]}"#);
    check("{z: s, b: l, a: nothing}", r#"{"z":"text","b":["b","a"],"a":null}"#);
    check("keys(@)", r#"["z","l","s"]"#);
    check(r#"`{"z":1,"a":2}`"#, r#"{"z":1,"a":2}"#);
    check("z.a[*].{n:n,t:t}", r#"[{"n":"x","t":null},{"n":"y","t":true}]"#);
    check("merge({b: s}, {a: s, b: l[0]})", r#"{"b":"b","a":"text"}"#);
}

#[test]
fn functions_and_projections() {
    let check = |expression: &str, expected: &str| assert_eq!(run(expression).as_deref(), Ok(expected), "{expression}");
    check("z.a[?v > `1`].n | [0]", r#""x""#);
    check("sort_by(z.a, &v)[].n", r#"["y","x"]"#);
    check("max_by(z.a, &v).n", r#""x""#);
    check("join('-', sort(l))", r#""a-b""#);
    check("avg(z.a[].v)", "1.5");
    check("l[::-1]", r#"["a","b"]"#);
    check("l[-1:]", r#"["a"]"#);
    check("z.*", r#"[1,[{"n":"x","v":2},{"n":"y","v":1,"t":true}]]"#);
    check("[s, !s, type(z)]", r#"["text",false,"object"]"#);
    check("to_string(l)", r#""[\"b\",\"a\"]""#);
    check("z.nothing.at.all", "null");
}

#[test]
fn messages_are_those_of_the_real_tool() {
    let check = |expression: &str, code: u8, expected: &str| {
        let error = run(expression).unwrap_err();
        assert_eq!((error.exit_code(), error.to_string().as_str()), (code, expected));
    };
    check(
        "accessEntry[",
        252,
        "Bad value for --query accessEntry[: Invalid jmespath expression: Incomplete expression:\n\"accessEntry[\"\n             ^",
    );
    check(
        "a b",
        252,
        "Bad value for --query a b: Unexpected token: b: Parse error at column 2, token \"b\" (UNQUOTED_IDENTIFIER), \
         for expression:\n\"a b\"\n   ^",
    );
    check("a=b", 252, "Bad value for --query a=b: Bad jmespath expression: Unknown token '=':\na=b\n ^");
    check("", 252, "Bad value for --query : Invalid JMESPath expression: cannot be empty.");
    check("nofunc(s)", 255, "Unknown function: nofunc()");
    check(
        "length(missing)",
        255,
        "In function length(), invalid type for value: None, expected one of: ['string', 'array', 'object'], received: \"null\"",
    );
    check("length(s, s)", 255, "Expected 1 argument for function length(), received 2");
    check("s < `1`", 255, "'<' not supported between instances of 'str' and 'int'");
}

#[test]
fn hostile_expressions_end_with_an_error() {
    for expression in ["[".repeat(100_000), format!("s{}", ".s".repeat(100_000)), "!".repeat(100_000)] {
        assert_eq!(run(&expression).unwrap_err().exit_code(), 252);
    }
    assert_eq!(run(&["[@,@]"; 60].join("|")).unwrap_err().exit_code(), 255);
    let doubled = ["join('',[@,@])"; 60].join("|");
    assert_eq!(run(&format!("s|{doubled}")).unwrap_err().exit_code(), 255);
}
