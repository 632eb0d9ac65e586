//! The flag grammar of kubectl (cli 7): what pflag accepts, and its words for what it does not.
//!
//! Flags may stand anywhere, the global ones before the command too. Which flags a command takes is in [`super::spec`].

use std::collections::BTreeMap;

use super::spec::{self, Command, Flag, Value};

/// A command line, read.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The command.
    pub command: &'static Command,
    /// The words that name it, `kubectl` first.
    pub path: Vec<&'static str>,
    /// The words that are neither command nor flag.
    pub args: Vec<String>,
    /// How many of [`Parsed::args`] stood before `--`; `None` without `--`.
    pub dash: Option<usize>,
    /// The values given for each flag, in order.
    values: BTreeMap<&'static str, Vec<String>>,
    /// `-h` or `--help` was given.
    pub help: bool,
}

impl Parsed {
    /// `kubectl auth can-i`.
    pub fn name(&self) -> String {
        self.path.join(" ")
    }

    /// The last value of a flag.
    pub fn text(&self, flag: &str) -> Option<&str> {
        self.values.get(flag).and_then(|all| all.last()).map(String::as_str)
    }

    /// The last value of a flag, or nothing.
    pub fn text_or_empty(&self, flag: &str) -> &str {
        self.text(flag).unwrap_or_default()
    }

    /// True if the flag was given in any form.
    pub fn given(&self, flag: &str) -> bool {
        self.values.contains_key(flag)
    }

    /// A switch; absent ones are off.
    pub fn switch(&self, flag: &str) -> bool {
        self.text(flag).and_then(parse_bool).unwrap_or(false)
    }

    /// All values of a flag that accumulates.
    pub fn all(&self, flag: &str) -> Vec<String> {
        self.values.get(flag).cloned().unwrap_or_default()
    }
}

/// Why a command line cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagError {
    /// The fault, without `error: `.
    pub text: String,
    /// The command whose help is named, `kubectl get`.
    pub command: String,
}

/// A command line, or the word that is no command.
#[derive(Debug, Clone)]
pub enum Reading {
    /// A known command.
    Known(Parsed),
    /// `kubectl WORD` where there is no such command.
    Unknown(String),
}

/// Reads the words after `kubectl`.
///
/// # Errors
/// Unknown flags, flags without their value, values of the wrong form.
pub fn read(words: &[String]) -> Result<Reading, FlagError> {
    let (command, path, rest) = match find(words) {
        Ok(found) => found,
        Err(unknown) => return Ok(Reading::Unknown(unknown)),
    };
    parse(command, path, &rest).map(Reading::Known)
}

/// The innermost command that the words name, its path, and the words without those that name it.
fn find(words: &[String]) -> Result<(&'static Command, Vec<&'static str>, Vec<String>), String> {
    let mut command = &spec::ROOT;
    let mut path = vec![command.name];
    let mut rest: Vec<String> = words.to_vec();
    while let Some(at) = first_word(command, &rest)
        && let Some(word) = rest.get(at)
    {
        match command.subcommands.iter().find(|c| c.is_called(word)) {
            Some(next) => {
                command = next;
                path.push(next.name);
                rest.remove(at);
            }
            None if path.len() == 1 => return Err(word.clone()),
            None => break,
        }
    }
    Ok((command, path, rest))
}

/// Where the first word stands that is no flag and no flag's value.
fn first_word(command: &Command, words: &[String]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            return None;
        }
        if let Some(long) = word.strip_prefix("--") {
            let alone = long.contains('=') || command.flag(long).is_some_and(Flag::stands_alone);
            at += if alone || long == "help" { 1 } else { 2 };
        } else if word.starts_with('-') && word.len() > 1 {
            let short = word.chars().nth(1).unwrap_or_default();
            let alone = word.contains('=')
                || word.chars().count() > 2
                || short == 'h'
                || command.short_flag(short).is_some_and(Flag::stands_alone);
            at += if alone { 1 } else { 2 };
        } else if word.is_empty() {
            at += 1;
        } else {
            return Some(at);
        }
    }
    None
}

fn parse(command: &'static Command, path: Vec<&'static str>, words: &[String]) -> Result<Parsed, FlagError> {
    let mut parsed = Parsed { command, path, args: Vec::new(), dash: None, values: BTreeMap::new(), help: false };
    // What is not simulated has no flags in the table: whatever is given, the answer is that it is not simulated.
    if matches!(command.run, spec::Run::Missing) && !words.iter().any(|word| word == "--help" || word == "-h") {
        parsed.args.extend_from_slice(words);
        return Ok(parsed);
    }
    let name = parsed.name();
    let fail = |text: String| FlagError { text, command: name.clone() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            parsed.dash = Some(parsed.args.len());
            parsed.args.extend(words.by_ref().cloned());
        } else if let Some(long) = word.strip_prefix("--") {
            let (flag_name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (long, None),
            };
            if flag_name.is_empty() || flag_name.starts_with('-') {
                return Err(fail(format!("bad flag syntax: {word}")));
            }
            let Some(flag) = command.flag(flag_name) else {
                if flag_name == "help" {
                    parsed.help = true;
                    return Ok(parsed);
                }
                return Err(fail(format!("unknown flag: --{flag_name}")));
            };
            let value = match (value, flag.default_when_bare()) {
                (Some(value), _) => value,
                (None, Some(bare)) => bare.to_owned(),
                (None, None) => match words.next() {
                    Some(value) => value.clone(),
                    None => return Err(fail(format!("flag needs an argument: --{flag_name}"))),
                },
            };
            store(&mut parsed, flag, &value).map_err(fail)?;
        } else if word.starts_with('-') && word.len() > 1 {
            if !shorthands(&mut parsed, word.get(1..).unwrap_or_default(), &mut words).map_err(fail)? {
                return Ok(parsed);
            }
        } else {
            parsed.args.push(word.clone());
        }
    }
    Ok(parsed)
}

/// Reads `-xyz`, where the last letter may carry a value. False if help was asked for.
fn shorthands<'w>(
    parsed: &mut Parsed,
    letters: &str,
    words: &mut impl Iterator<Item = &'w String>,
) -> Result<bool, String> {
    let mut rest = letters;
    while let Some(letter) = rest.chars().next() {
        let after = rest.get(letter.len_utf8()..).unwrap_or_default();
        let Some(flag) = parsed.command.short_flag(letter) else {
            if letter == 'h' {
                parsed.help = true;
                return Ok(false);
            }
            return Err(format!("unknown shorthand flag: '{letter}' in -{rest}"));
        };
        if let Some(value) = after.strip_prefix('=') {
            store(parsed, flag, value)?;
            return Ok(true);
        }
        if let Some(bare) = flag.default_when_bare() {
            store(parsed, flag, bare)?;
            rest = after;
            continue;
        }
        let value = if after.is_empty() {
            words.next().cloned().ok_or_else(|| format!("flag needs an argument: '{letter}' in -{rest}"))?
        } else {
            after.to_owned()
        };
        store(parsed, flag, &value)?;
        return Ok(true);
    }
    Ok(true)
}

/// Checks a value and keeps it.
fn store(parsed: &mut Parsed, flag: &'static Flag, value: &str) -> Result<(), String> {
    let invalid = |why: String| {
        let name = match flag.short {
            Some(short) => format!("-{short}, --{}", flag.name),
            None => format!("--{}", flag.name),
        };
        format!("invalid argument {value:?} for {name:?} flag: {why}")
    };
    if flag.value == Value::Duration {
        check_duration(value).map_err(invalid)?;
    }
    let values = parsed.values.entry(flag.name).or_default();
    match flag.value {
        Value::Switch if parse_bool(value).is_none() => {
            return Err(invalid(format!("strconv.ParseBool: parsing {value:?}: invalid syntax")));
        }
        Value::Number if value.parse::<i64>().is_err() => {
            return Err(invalid(format!("strconv.ParseInt: parsing {value:?}: invalid syntax")));
        }
        Value::Pairs if value.split(',').any(|pair| !pair.is_empty() && !pair.contains('=')) => {
            return Err(invalid("malformed pair, expect string=string".to_owned()));
        }
        // A slice flag reads its value as one line of CSV.
        Value::Slice => values.extend(value.split(',').filter(|_| !value.is_empty()).map(str::to_owned)),
        _ => values.push(value.to_owned()),
    }
    Ok(())
}

/// Go's `ParseBool`.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Whether Go's `ParseDuration` takes the text: `0`, `1h30m`, `-1.5s`; if not, in its words.
fn check_duration(text: &str) -> Result<(), String> {
    let invalid = || Err(format!("time: invalid duration {text:?}"));
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Ok(());
    }
    if rest.is_empty() {
        return invalid();
    }
    while !rest.is_empty() {
        let is_of_number = |c: char| c.is_ascii_digit() || c == '.';
        let after = rest.trim_start_matches(is_of_number);
        let number = rest.strip_suffix(after).unwrap_or_default();
        if number.parse::<f64>().is_err() {
            return invalid();
        }
        let end = after.find(is_of_number).unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        match unit {
            "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h" => rest = next,
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            _ => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        }
    }
    Ok(())
}

/// Known commands that are near to a mistyped one: at most two edits away, or continuing it, in declaration order.
pub fn suggestions(typed: &str) -> Vec<&'static str> {
    let typed = typed.to_lowercase();
    let near = |name: &&str| distance(&typed, &name.to_lowercase()) <= 2 || name.to_lowercase().starts_with(&typed);
    spec::ROOT.subcommands.iter().filter(|c| !c.hidden).map(|c| c.name).filter(near).collect()
}

/// The edit distance, capped work: words longer than 64 characters are simply far.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len() > 64 || b.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            let best = (diagonal + usize::from(x != y)).min(left + 1).min(above + 1);
            diagonal = *above;
            left = best;
            next.push(best);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    fn known(line: &str) -> Parsed {
        match read(&words(line)).unwrap() {
            Reading::Known(parsed) => parsed,
            Reading::Unknown(word) => panic!("{word}"),
        }
    }

    #[test]
    fn values_stand_behind_the_flag_or_in_it() {
        for line in ["get -n dev po", "get -ndev po", "get -n=dev po", "-n dev get po", "get po --namespace dev"] {
            let parsed = known(line);
            assert_eq!((parsed.name().as_str(), parsed.text("namespace")), ("kubectl get", Some("dev")), "{line}");
            assert_eq!(parsed.args, ["po"], "{line}");
        }
        assert_eq!(known("get po -n a -n b").text("namespace"), Some("b"));
        assert!(known("get po -A").switch("all-namespaces"));
        assert!(!known("get po -A=false").switch("all-namespaces"));
    }

    #[test]
    fn slices_split_and_arrays_do_not() {
        let parsed = known("create clusterrole x --verb=get,list --verb watch --resource-name=a,b");
        assert_eq!(parsed.all("verb"), ["get", "list", "watch"]);
        assert_eq!(parsed.all("resource-name"), ["a,b"]);
        assert_eq!(known("create clusterrolebinding x --user=a,b").all("user"), ["a,b"]);
    }

    #[test]
    fn faults_are_named_as_pflag_names_them() {
        let check = |line: &str, text: &str, command: &str| {
            let expected = FlagError { text: text.to_owned(), command: command.to_owned() };
            assert_eq!(read(&words(line)).unwrap_err(), expected, "{line}");
        };
        check("get pods --foo", "unknown flag: --foo", "kubectl get");
        check("get pods -z", "unknown shorthand flag: 'z' in -z", "kubectl get");
        check("get pods -o", "flag needs an argument: 'o' in -o", "kubectl get");
        check("get pods --namespace", "flag needs an argument: --namespace", "kubectl get");
        check("auth can-i get pods -n", "flag needs an argument: 'n' in -n", "kubectl auth can-i");
        check(
            "auth can-i -q=x get pods",
            r#"invalid argument "x" for "-q, --quiet" flag: strconv.ParseBool: parsing "x": invalid syntax"#,
            "kubectl auth can-i",
        );
    }

    #[test]
    fn durations_and_pairs_are_checked_by_their_flags() {
        for good in ["0", "10m", "1h30m", "-1.5s", "300ms"] {
            assert_eq!(check_duration(good), Ok(()));
        }
        for (bad, expected) in [
            ("", "invalid duration \"\""),
            ("m", "invalid duration \"m\""),
            ("10", "missing unit in duration \"10\""),
            ("1m2", "missing unit in duration \"1m2\""),
            ("1x", "unknown unit \"x\" in duration \"1x\""),
        ] {
            assert_eq!(check_duration(bad), Err(format!("time: {expected}")));
        }
        let fault = |line: &str| read(&words(line)).unwrap_err().text;
        assert_eq!(
            fault("create token x --duration=y"),
            r#"invalid argument "y" for "--duration" flag: time: invalid duration "y""#
        );
        assert_eq!(
            fault("create clusterrole x --aggregation-rule=a"),
            r#"invalid argument "a" for "--aggregation-rule" flag: malformed pair, expect string=string"#
        );
    }

    #[test]
    fn near_commands_are_suggested() {
        assert_eq!(suggestions("foo"), ["top"]);
        assert_eq!(suggestions("gett"), ["set", "get"]);
        assert_eq!(suggestions("creat"), ["create"]);
        assert!(matches!(read(&words("foo bar")).unwrap(), Reading::Unknown(word) if word == "foo"));
    }

    #[test]
    fn commands_that_are_not_simulated_take_any_flag() {
        let parsed = known("wait --for=condition=Ready pod x");
        assert_eq!((parsed.name().as_str(), parsed.help), ("kubectl wait", false));
        assert!(known("wait --help").help);
    }

    #[test]
    fn words_after_two_dashes_are_arguments() {
        let parsed = known("exec web -n dev -- ls -l");
        assert_eq!((parsed.args.as_slice(), parsed.dash), (&words("web ls -l")[..], Some(1)));
    }
}
