//! Every reader of untrusted text, fed with soup and with spoilt seeds: it must answer, soon, and with little.
//!
//! A seed is taken from the vectors (`tests/seeds/vectors.txt` names them) or is written here; it is cut, doubled and
//! mixed with words of the grammar. `FUZZ_CASES` sets the number of inputs of each target (2,000 unless told),
//! `FUZZ_SEED` the numbers they are made from, and a filter picks targets:
//! `FUZZ_CASES=1000000 FUZZ_SEED=7 cargo test --profile fuzz --test fuzz -- --nocapture --test-threads=1 yaml`.
//! It tells how many inputs there were, how long they took, and the longest time and the most memory that one took.
//! An input that breaks a rule is printed in its smallest form, to be kept in `tests/seeds/found.txt`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod stored;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use eks_access_playground::aws::iam::PrincipalArn;
use eks_access_playground::aws::{aws_auth, names, sts};
use eks_access_playground::engine::request::{GroupResource, PatchKind};
use eks_access_playground::engine::{Caller, Credential, KubeRequest, Request};
use eks_access_playground::formats::jsonpath::Template;
use eks_access_playground::formats::query::Query;
use eks_access_playground::formats::yaml;
use eks_access_playground::session::{Session, scenario};
use eks_access_playground::shell::{syntax, terminal};
use peak_alloc::PeakAlloc;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The longest input.
const INPUT: usize = 4_000;
/// The most time that an answer to one input may take. Debug builds on busy machines are slow;
/// what grows beyond reason with its input exceeds this by far.
const TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 2 });
/// The most text that an answer may hold.
const OUTPUT: usize = 8_000_000;

/// The most memory that the answer to one input may take, in bytes. Targets that run beside it count, too.
const MEMORY: usize = 200_000_000;

/// A reader: its name, words of its grammar, seeds written here, and what to do with an input.
/// It gives the size of its answer, or the rule that was broken.
struct Target {
    name: &'static str,
    words: &'static [&'static str],
    seeds: &'static [&'static str],
    feed: fn(&str) -> Result<usize, String>,
    /// How many of `FUZZ_CASES` it gets: one in so many.
    one_in: u32,
}

const TARGETS: &[Target] = &[
    Target {
        name: "yaml",
        words: &[
            "- ",
            ": ",
            "\n",
            "\n  ",
            "? ",
            "&a ",
            "*a",
            "!!str ",
            "!!binary ",
            "|\n",
            ">-\n",
            "{",
            "}",
            "[",
            "]",
            ",",
            "\"",
            "'",
            "#",
            "---\n",
            "...\n",
            "%YAML 1.1\n",
            "~",
            "0x1F",
            ".inf",
            "1e3",
            "<<: ",
            "\t",
            "\\x41",
            "\u{feff}",
        ],
        seeds: &["a: &x [1, 2]\nb: *x\n", "a: |2-\n   text\n  more\n", "{a: [b, {c: d}], ? e : f}"],
        feed: yaml,
        one_in: 1,
    },
    Target {
        name: "aws_auth",
        words: &[
            "- ",
            "rolearn: ",
            "userarn: ",
            "username: ",
            "groups:\n",
            "sso:\n",
            "\n  ",
            "{{SessionName}}",
            "{",
            "[",
        ],
        seeds: &["- rolearn: arn:aws:iam::111122223333:role/a\n  username: b\n  groups: [c]\n", "[]", "{}"],
        feed: aws_auth,
        one_in: 1,
    },
    Target {
        name: "arn",
        words: &[
            "arn:",
            "aws",
            ":",
            "/",
            "*",
            "?",
            "iam",
            "sts",
            "role",
            "user",
            "assumed-role",
            "111122223333",
            "root",
        ],
        seeds: &["arn:aws:sts::111122223333:assumed-role/role/session"],
        feed: arn,
        one_in: 1,
    },
    Target {
        name: "link",
        words: &["v1.", ".", "s=", "v2", "v2.", "v2z.", "A", "_", "-", "0"],
        seeds: &[],
        feed: stored::link,
        one_in: 4,
    },
    Target { name: "packed", words: &["A", "_", "-", "0", "v2."], seeds: &[], feed: stored::packed, one_in: 40 },
    Target { name: "content", words: stored::JSON, seeds: stored::CONTENTS, feed: stored::content, one_in: 4 },
    Target {
        name: "saved",
        words: &[
            "{",
            "}",
            "\"",
            ":",
            ",",
            "\"format\":\"eks-access-playground\"",
            "\"version\":",
            "1",
            "9",
            "\"link\":",
            "v2.",
            "\"at\":",
            "1e99",
            "null",
        ],
        seeds: &[],
        feed: stored::saved,
        one_in: 4,
    },
    Target { name: "world", words: stored::JSON, seeds: &[], feed: stored::world, one_in: 20 },
    Target {
        name: "query",
        words: &[
            "a",
            ".",
            "[",
            "]",
            "*",
            "[]",
            "[?",
            "`1`",
            "'x'",
            "\"b\"",
            "@",
            "&",
            "&&",
            "||",
            "!",
            "==",
            "<=",
            "|",
            "(",
            ")",
            "{",
            "}",
            ":",
            ",",
            "length(",
            "sort_by(",
            "map(",
            "-1",
            "join(",
            "to_string(",
            "::",
        ],
        seeds: &[
            "items[?contains(name, `a`)].{n: name, l: length(list)} | [0]",
            "sort_by(items, &name)[::-1].name",
            "reverse(items[*].list[])",
        ],
        feed: query,
        one_in: 1,
    },
    Target {
        name: "jsonpath",
        words: &[
            "{",
            "}",
            ".items",
            "[*]",
            "[0:2]",
            "..",
            "?(",
            "@.name",
            "==",
            "\"a\"",
            ")",
            "range ",
            "end",
            "$",
            "\\",
            "'",
            "[-1]",
            ",",
            "*",
            "{range .items[*]}",
            "{end}",
            "{\"\\n\"}",
        ],
        seeds: &[
            "{range .items[*]}{.name}{\"\\t\"}{.list[0]}{\"\\n\"}{end}",
            "{.items[?(@.name==\"a\")].list}",
            "{..name}",
        ],
        feed: jsonpath,
        one_in: 1,
    },
    Target {
        name: "shell",
        words: &[
            " ",
            "|",
            "&&",
            ";",
            "&",
            "(",
            ")",
            "{ ",
            "}",
            "$(",
            "${",
            "`",
            "\"",
            "'",
            "\\",
            "\n",
            "<<EOF\n",
            "EOF\n",
            "<<-",
            ">",
            "2>&1",
            "if ",
            "then ",
            "fi",
            "for x in ",
            "do ",
            "done",
            "while ",
            "case ",
            "esac",
            "function ",
            "$((",
            "))",
            "[[ ",
            "]]",
            "!",
            "#",
            "*",
            "~",
            "=",
            "<ACCOUNTID>",
        ],
        seeds: &["cat <<EOF | grep a\n$(echo b)\nEOF\n", "for i in a b; do echo \"$i\" > $i.txt; done"],
        feed: shell,
        one_in: 1,
    },
    Target {
        name: "object",
        words: &[
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            "null",
            "true",
            "0",
            "\"metadata\":",
            "\"name\":",
            "\"rules\":",
            "\"verbs\":",
            "\"subjects\":",
            "\"roleRef\":",
            "\"labels\":",
            "\"spec\":",
            "\"data\":",
            "\"$patch\":",
            "\"op\":",
            "\"path\":",
            "\"/metadata/labels/a\"",
            "{}",
            "[]",
        ],
        seeds: &[
            r#"{"metadata":{"name":"a"},"data":{"mapUsers":"- userarn: x\n"}}"#,
            r#"{"metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},"versions":[{"name":"v1","storage":true}]}}"#,
            r#"[{"op":"add","path":"/metadata/labels","value":{"a":"b"}},{"op":"move","from":"/data","path":"/x"}]"#,
            r#"{"subjects":[{"$patch":"replace"},{"kind":"User","name":"x"}],"metadata":{"labels":{"a":null}}}"#,
        ],
        feed: object,
        one_in: 4,
    },
    Target {
        name: "selector",
        words: &["app", "=", "==", "!=", " in ", " notin ", "(", ")", ",", "!", "metadata.name", "web", " ", "/", "."],
        seeds: &["app in (web, db),tier!=x", "!app,metadata.name=web", "metadata.name=web,metadata.namespace!=default"],
        feed: selector,
        one_in: 2,
    },
    Target {
        name: "terminal",
        words: &[
            " ",
            " | ",
            " && ",
            "; ",
            "\n",
            "\"",
            "'",
            "$(",
            ")",
            "--",
            "-o",
            "json",
            "yaml",
            "jsonpath=",
            "--query ",
            " -n ",
            "kubectl ",
            "aws eks ",
            "jq ",
            "awk ",
            "sed ",
            "grep ",
            "sort ",
            "cut ",
            "tr ",
            "head ",
            "get ",
            "auth can-i ",
            "apply -f -",
            "<<EOF\n",
            "EOF\n",
            "'.[] | .a'",
            "'{print $1}'",
            "s/a/b/g",
            "-E '(a|b)*c'",
            "pods",
            "--as ",
        ],
        seeds: &[
            "kubectl get pods -A -o json | jq -r '.items[] | select(.metadata.name | test(\"web\")) | .metadata.name'",
            "aws eks list-access-entries --cluster-name eks-demo-cluster --query 'accessEntries[0]' --output text",
            "kubectl get pods --no-headers | awk '{ n[$1]++ } END { for (k in n) print k, n[k] }' | sort -rn | head -n 2",
            "printf 'a\\nb\\n' | sed -n '1,$s/\\(a\\)/\\1\\1/p;$!d' | tr a-z A-Z | base64",
            "jq -n '[range(5)] | map(. * 2) | {a: .[0], b: (.[1:] | add)}'",
        ],
        feed: terminal,
        one_in: 40,
    },
];

fn yaml(text: &str) -> Result<usize, String> {
    let (documents, _) = yaml::stream::load_stream(text);
    let many = size(&Value::Array(documents));
    let value = match yaml::load::load(text) {
        Ok(value) => value,
        Err(error) => return Ok(many + error.to_string().len()),
    };
    let written = yaml::emit::emit(&value);
    let back = yaml::load::load(&written);
    if back.as_ref() != Ok(&value) {
        return Err(format!("{value}\n  written as {written:?}\n  reads {back:?}"));
    }
    Ok(many + written.len())
}

fn aws_auth(text: &str) -> Result<usize, String> {
    let data: BTreeMap<String, String> =
        ["mapRoles", "mapUsers", "mapAccounts"].map(|section| (section.to_owned(), text.to_owned())).into();
    let parsed = aws_auth::parse(&data);
    let store = parsed.store();
    if store.users.len() > parsed.users.len() || store.roles.len() > parsed.roles.len() {
        return Err("more mappings than entries".to_owned());
    }
    Ok(format!("{parsed:?}").len())
}

fn arn(text: &str) -> Result<usize, String> {
    if let Ok(arn) = text.parse::<PrincipalArn>()
        && arn.to_string() != text
    {
        return Err(format!("written as {arn}"));
    }
    let _ = names::check_entry_username(text);
    let _ = sts::arn_like(text, text);
    let canonical = sts::canonicalize(text).map(|(_, canonical)| canonical);
    let stripped = sts::strip_path(canonical.as_deref().unwrap_or(text));
    if let Ok(stripped) = &stripped
        && sts::strip_path(stripped).as_ref() != Ok(stripped)
    {
        return Err(format!("{stripped} can be stripped further"));
    }
    Ok(format!("{canonical:?}{stripped:?}").len())
}

fn sample() -> Value {
    json!({
        "items": [
            {"name": "a", "list": [1, 2, 3], "n": 1.5, "deep": {"x": {"y": null}}},
            {"name": "b", "list": [], "n": -1, "deep": {}},
            {"name": "", "list": ["t", [true]], "n": null},
        ],
        "a": "text", "b": {"a": [[0, 1], [2]]}, "n": 12,
    })
}

fn query(text: &str) -> Result<usize, String> {
    Ok(match Query::parse(text).and_then(|query| query.search(&sample())) {
        Ok(value) => size(&value),
        Err(error) => error.to_string().len(),
    })
}

fn jsonpath(text: &str) -> Result<usize, String> {
    let mut total = 0;
    for template in [Template::parse(text), Template::parse_relaxed(text)] {
        total += match template {
            Err(error) => error.to_string().len(),
            Ok(template) => {
                let found = template.find(&sample()).map(|found| found.len()).unwrap_or_default();
                found
                    + match template.print(&sample()) {
                        Ok(printed) => printed.len(),
                        Err(error) => error.to_string().len(),
                    }
            }
        };
    }
    Ok(total)
}

fn shell(text: &str) -> Result<usize, String> {
    let more = syntax::needs_more(text);
    let parsed = syntax::parse(text);
    // At the end of a text, a trailing backslash and an open here-document do no harm; both want more, though.
    if more.as_ref().is_some_and(|more| *more != syntax::Incomplete::Continuation) && parsed.is_ok() {
        let open = syntax::Lines::new(text).flatten().any(|line| !line.open_here_documents.is_empty());
        if !open {
            return Err(format!("whole, and yet needs {more:?}"));
        }
    }
    Ok(match parsed {
        Ok(list) => format!("{list:?}").len(),
        Err(error) => format!("{error:?}").len(),
    })
}

fn object(text: &str) -> Result<usize, String> {
    let Ok(object) = serde_json::from_str::<Value>(text) else { return Ok(0) };
    let mut world = (*scenario::walkthrough().world).clone();
    let admin = Caller::new(Credential::AccessKey(world.users[0].access_key.clone()));
    let kinds = [
        ("", "configmaps", true),
        ("", "namespaces", false),
        ("", "pods", true),
        ("apiextensions.k8s.io", "customresourcedefinitions", false),
        ("rbac.authorization.k8s.io", "roles", true),
        ("rbac.authorization.k8s.io", "clusterroles", false),
        ("rbac.authorization.k8s.io", "rolebindings", true),
        ("rbac.authorization.k8s.io", "clusterrolebindings", false),
    ];
    let mut total = 0;
    for (group, plural, namespaced) in kinds {
        let resource = GroupResource::new(group, plural);
        let namespace = namespaced.then(|| "default".to_owned());
        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("web").to_owned();
        let mut requests = vec![KubeRequest::Create {
            resource: resource.clone(),
            namespace: namespace.clone(),
            object: object.clone(),
            dry_run: false,
            strict: text.len().is_multiple_of(2),
        }];
        requests.extend([PatchKind::Merge, PatchKind::Strategic, PatchKind::Json].map(|kind| KubeRequest::Patch {
            resource: resource.clone(),
            namespace: namespace.clone(),
            name: name.clone(),
            kind,
            patch: object.clone(),
            dry_run: false,
            strict: false,
        }));
        for request in requests {
            let before = world.clone();
            match world.call(&admin, Request::Kube { cluster: "eks-demo-cluster".to_owned(), request }) {
                Ok(answer) => total += format!("{answer:?}").len(),
                Err(error) if world == before => total += error.to_string().len(),
                Err(error) => return Err(format!("refused, and yet the world has changed: {error}")),
            }
        }
    }
    world.check()?;
    let saved = serde_json::to_string(&world).map_err(|error| error.to_string())?;
    let back = serde_json::from_str(&saved).map_err(|error| format!("cannot be read again: {error}: {saved}"))?;
    if world != back { Err(format!("another world is read again: {saved}")) } else { Ok(total + saved.len()) }
}

fn selector(text: &str) -> Result<usize, String> {
    let world = scenario::walkthrough().world;
    let admin = Caller::new(Credential::AccessKey(world.users[0].access_key.clone()));
    let mut total = 0;
    for (labels, fields) in [(text, ""), ("", text)] {
        let request = KubeRequest::List {
            resource: GroupResource::new("", "pods"),
            namespace: None,
            label_selector: labels.to_owned(),
            field_selector: fields.to_owned(),
        };
        let answer = world.read(&admin, &Request::Kube { cluster: "eks-demo-cluster".to_owned(), request });
        total += format!("{answer:?}").len();
    }
    Ok(total)
}

fn terminal(text: &str) -> Result<usize, String> {
    let mut session = Session::new(scenario::walkthrough());
    let ran = terminal::run(&mut session, text);
    Ok(ran.iter().flat_map(|ran| &ran.chunks).map(|chunk| chunk.text.len()).sum())
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

/// Seeds of a target: those written here, and those that `tests/seeds/vectors.txt` names.
fn seeds(target: &Target) -> Vec<String> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut seeds: Vec<String> = target.seeds.iter().map(|seed| (*seed).to_owned()).collect();
    for line in std::fs::read_to_string(tests.join("seeds/vectors.txt")).unwrap().lines() {
        let mut words = line.split_whitespace();
        if words.next() == Some(target.name)
            && let (Some(file), Some(member)) = (words.next(), words.next())
        {
            let text = std::fs::read_to_string(tests.join("vectors").join(file)).unwrap();
            let before = seeds.len();
            collect(&serde_json::from_str(&text).unwrap(), member, &mut seeds);
            assert!(seeds.len() > before, "tests/seeds/vectors.txt: no `{member}` in {file}");
        }
    }
    seeds.extend(stored::seeds(target.name));
    seeds
}

/// All values of `member` in `value`.
fn collect(value: &Value, member: &str, seeds: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, member, seeds)),
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(text) if key == member => seeds.push(text.clone()),
                    other if key == member && !other.is_null() => seeds.push(other.to_string()),
                    other => collect(other, member, seeds),
                }
            }
        }
        _ => {}
    }
}

/// Inputs: soup of characters and words, or a seed with a few cuts and insertions.
fn inputs(target: &Target) -> impl Strategy<Value = String> + use<> {
    let words = target.words;
    let piece =
        || prop_oneof![3 => prop::sample::select(words).prop_map(str::to_owned), 1 => ".{0,3}", 1 => "[a-z0-9]{1,4}"];
    let soup = prop::collection::vec(piece(), 0..60).prop_map(|pieces| pieces.concat());
    // The same few pieces many times over: nesting and repetition.
    let deep = (prop::collection::vec(piece(), 1..4), 1usize..600, ".{0,8}")
        .prop_map(|(pieces, times, end)| pieces.concat().repeat(times) + &end);
    let mut known = seeds(target);
    known.push(String::new());
    let edit =
        (any::<prop::sample::Index>(), 0usize..12, prop_oneof![2 => piece().boxed(), 1 => Just(String::new()).boxed()]);
    let spoilt = (prop::sample::select(known), prop::collection::vec(edit, 0..6)).prop_map(|(mut text, edits)| {
        for (at, cut, new) in edits {
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.ceil_char_boundary((start + cut).min(text.len()));
            text.replace_range(start..end, &new);
        }
        text
    });
    // The grammar is kept, a few values are others.
    let mut values: Vec<Value> = seeds(target).iter().filter_map(|seed| serde_json::from_str(seed).ok()).collect();
    values.retain(|value| value.is_object() || value.is_array());
    let is_json = if values.is_empty() { 0 } else { 4 };
    values.push(json!([]));
    let change = (any::<prop::sample::Index>(), stored::odd_value());
    let altered = (prop::sample::select(values), prop::collection::vec(change, 1..5)).prop_map(|(value, changes)| {
        changes.into_iter().fold(value, |value, (at, new)| stored::altered(value, at, new)).to_string()
    });
    prop_oneof![2 => soup, 1 => deep, 4 => spoilt, is_json => altered].prop_map(move |mut text| {
        // Links and worlds are longer than what people type.
        let limit = INPUT.max(if text.len() > 2 * INPUT { text.len() } else { 0 });
        text.truncate(text.floor_char_boundary(limit));
        text
    })
}

thread_local! {
    /// The longest time and the most memory of an input so far.
    static WORST: Cell<(Duration, usize)> = const { Cell::new((Duration::ZERO, 0)) };
}

/// Feeds one input and holds the bounds of time, memory and size.
fn feed(target: &Target, text: &str) -> Result<(), String> {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let start = Instant::now();
    let size = (target.feed)(text)?;
    let took = start.elapsed();
    let memory = ALLOCATOR.peak_usage().saturating_sub(before);
    let (longest, most) = WORST.get();
    WORST.set((longest.max(took), most.max(memory)));
    let bytes = text.len();
    if took > TIME {
        return Err(format!("{bytes} bytes took {took:?}"));
    }
    if memory > MEMORY {
        return Err(format!("{bytes} bytes took {memory} bytes of memory"));
    }
    if size > OUTPUT { Err(format!("{bytes} bytes gave {size} bytes")) } else { Ok(()) }
}

fn run(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let found = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds/found.txt")).unwrap();
    for line in found.lines() {
        if let Some(input) = line.strip_prefix(name).and_then(|rest| rest.strip_prefix(' ')) {
            let input: String = serde_json::from_str(input).unwrap();
            feed(target, &input).unwrap_or_else(|why| panic!("{name}: {input:?}: {why}"));
        }
    }
    let number = |variable: &str| std::env::var(variable).ok().and_then(|text| text.parse::<u32>().ok());
    let cases = (number("FUZZ_CASES").unwrap_or(2_000) / target.one_in).max(1);
    let mut key = [0; 32];
    key[..4].copy_from_slice(&number("FUZZ_SEED").unwrap_or(0).to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &key));
    let start = Instant::now();
    let result = runner.run(&inputs(target), |text| feed(target, &text).map_err(TestCaseError::fail));
    match result {
        Ok(()) => {
            let ((longest, most), time) = (WORST.get(), start.elapsed());
            let readings = stored::READINGS.get().max(cases.into());
            let most = most / 1000;
            println!(
                "{name}: {cases} inputs, {readings} readings in {time:.1?}; at most {longest:.1?} and {most} kB for one"
            );
        }
        Err(TestError::Fail(why, input)) => panic!("{name} {}\n  {why}", Value::String(input)),
        Err(TestError::Abort(why)) => panic!("{name}: {why}"),
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*

        #[test]
        fn every_target_runs() {
            let run: Vec<&str> = vec![$(stringify!($name)),*];
            let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(run, known);
        }
    };
}

/// As much as the limits let in, of what takes the most room.
#[test]
fn the_largest_contents_stay_within_the_bounds() {
    for (what, text) in stored::largest() {
        ALLOCATOR.reset_peak_usage();
        let before = ALLOCATOR.current_usage();
        let start = Instant::now();
        let answer = stored::largest_answer(&text);
        let (took, memory) = (start.elapsed(), ALLOCATOR.peak_usage().saturating_sub(before));
        println!("{what}: {} bytes, {took:.1?}, {} kB: {answer}", text.len(), memory / 1000);
        assert!(took < TIME * 5 && memory < MEMORY, "{what}: {took:?}, {memory} bytes");
    }
}

/// The tests are named after their targets.
mod targets {
    use super::*;
    targets! { yaml aws_auth arn link packed content saved world query jsonpath shell object selector terminal }
}
