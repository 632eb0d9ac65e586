//! The argument grammar: Python's argparse as the AWS CLI uses it (cli 1.1–1.5).
//!
//! Three parsers follow one another: the main one knows the global options and the command, the service's one the
//! operation, the operation's one its options. Each takes what it knows, wherever it stands, and passes on the rest.
//! That is why a prefix is matched against the global options first, and why a word after an unknown option is taken
//! for the command.

/// How many words follow an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// None.
    Flag,
    /// One.
    One,
    /// None or one; without a word it has the given value.
    Optional(&'static str),
    /// Any number.
    Any,
}

/// An option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opt {
    /// With its dashes.
    pub flag: String,
    /// What follows.
    pub arity: Arity,
    /// The only values allowed, if any.
    pub choices: &'static [&'static str],
    /// Whether the value must be a whole number.
    pub integer: bool,
    /// Whether it must be given.
    pub required: bool,
}

impl Opt {
    /// An option with one value.
    pub fn new(flag: impl Into<String>) -> Self {
        Self { flag: flag.into(), arity: Arity::One, choices: &[], integer: false, required: false }
    }
}

/// A word by position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Positional<'a> {
    /// Its name in messages.
    pub name: &'static str,
    /// Whether it may be missing.
    pub optional: bool,
    /// The only values allowed; empty for any.
    pub choices: Vec<&'a str>,
}

/// What a parser took and what it left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Options in the order given: flag in full and its words.
    options: Vec<(String, Vec<String>)>,
    /// Positionals by name.
    positionals: Vec<(&'static str, String)>,
    /// Words that mean nothing to this parser.
    pub rest: Vec<String>,
}

impl Parsed {
    /// The words of an option, the last one given.
    pub fn words(&self, flag: &str) -> Option<&[String]> {
        self.options.iter().rev().find(|(name, _)| name == flag).map(|(_, words)| words.as_slice())
    }

    /// The single word of an option, the last one given.
    pub fn value(&self, flag: &str) -> Option<&str> {
        self.words(flag)?.first().map(String::as_str)
    }

    /// True if the option was given.
    pub fn has(&self, flag: &str) -> bool {
        self.words(flag).is_some()
    }

    /// A positional.
    pub fn positional(&self, name: &str) -> Option<&str> {
        self.positionals.iter().find(|(known, _)| *known == name).map(|(_, word)| word.as_str())
    }
}

/// What a word looks like before its place is known.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// An option: its place in the table, or none if unknown, and the text after `=`.
    Option(Option<usize>, Option<String>),
    /// An argument.
    Argument,
    /// `--`.
    Dashes,
}

/// Parses `words`.
///
/// # Errors
/// argparse's message, without frame: `argument --output: expected one argument`.
pub fn parse(words: &[String], options: &[Opt], positionals: &[Positional<'_>]) -> Result<Parsed, String> {
    let mut kinds = Vec::new();
    let mut only_arguments = false;
    for word in words {
        kinds.push(if only_arguments {
            Kind::Argument
        } else if word == "--" {
            only_arguments = true;
            Kind::Dashes
        } else {
            classify(word, options)?
        });
    }
    let mut run = Run { words, kinds, options, waiting: positionals.to_vec(), parsed: Parsed::default() };
    run.all()?;
    let missing_options = options.iter().filter(|o| o.required && !run.parsed.has(&o.flag)).map(|o| o.flag.as_str());
    let missing: Vec<&str> =
        missing_options.chain(run.waiting.iter().filter(|p| !p.optional).map(|p| p.name)).collect();
    if missing.is_empty() {
        Ok(run.parsed)
    } else {
        Err(format!("the following arguments are required: {}", missing.join(", ")))
    }
}

fn classify(word: &str, options: &[Opt]) -> Result<Kind, String> {
    if !word.starts_with('-') || word.len() == 1 {
        return Ok(Kind::Argument);
    }
    if let Some(at) = options.iter().position(|o| o.flag == word) {
        return Ok(Kind::Option(Some(at), None));
    }
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (word, None),
    };
    if let Some(at) = options.iter().position(|o| o.flag == name) {
        return Ok(Kind::Option(Some(at), value));
    }
    if word.starts_with("--") {
        let matching: Vec<usize> =
            options.iter().enumerate().filter(|(_, o)| o.flag.starts_with(name)).map(|(at, _)| at).collect();
        match matching.as_slice() {
            [] => {}
            [at] => return Ok(Kind::Option(Some(*at), value)),
            several => {
                let flags: Vec<&str> =
                    several.iter().filter_map(|at| options.get(*at)).map(|o| o.flag.as_str()).collect();
                return Err(format!("ambiguous option: {word} could match {}", flags.join(", ")));
            }
        }
    }
    // A negative number and a text with blanks are arguments.
    Ok(if is_negative_number(word) || word.contains(' ') { Kind::Argument } else { Kind::Option(None, None) })
}

/// `-1`, `-1.5`, `-.5`.
fn is_negative_number(word: &str) -> bool {
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let Some(number) = word.strip_prefix('-') else { return false };
    match number.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction) && !fraction.is_empty(),
        None => digits(number) && !number.is_empty(),
    }
}

struct Run<'a> {
    words: &'a [String],
    kinds: Vec<Kind>,
    options: &'a [Opt],
    waiting: Vec<Positional<'a>>,
    parsed: Parsed,
}

impl Run<'_> {
    fn all(&mut self) -> Result<(), String> {
        let is_option = |kind: &Kind| matches!(kind, Kind::Option(..));
        let mut at = 0;
        while let Some(next) = self.kinds.iter().skip(at).position(is_option).map(|offset| at + offset) {
            if at < next {
                let end = self.positionals(at)?;
                if end > at {
                    at = end;
                    continue;
                }
                self.leave(at, next);
                at = next;
            }
            at = self.option(at)?;
        }
        let end = self.positionals(at)?;
        self.leave(end, self.words.len());
        Ok(())
    }

    fn leave(&mut self, from: usize, to: usize) {
        self.parsed.rest.extend(self.words.iter().take(to).skip(from).cloned());
    }

    /// Takes as many positionals as fit; returns where the next word is.
    fn positionals(&mut self, mut at: usize) -> Result<usize, String> {
        let mut taken = 0;
        for positional in &self.waiting {
            let mut end = at;
            while self.kinds.get(end) == Some(&Kind::Dashes) {
                end += 1;
            }
            let word = if self.kinds.get(end) == Some(&Kind::Argument) { self.words.get(end) } else { None };
            if word.is_none() && !positional.optional {
                break;
            }
            if let Some(word) = word {
                check_choice(positional.name, word, &positional.choices)?;
                self.parsed.positionals.push((positional.name, word.clone()));
                end += 1;
            }
            while self.kinds.get(end) == Some(&Kind::Dashes) {
                end += 1;
            }
            at = end;
            taken += 1;
        }
        self.waiting.drain(..taken);
        Ok(at)
    }

    /// Takes the option at `at` with its words; returns where the next word is.
    fn option(&mut self, at: usize) -> Result<usize, String> {
        let Some(Kind::Option(known, explicit)) = self.kinds.get(at).cloned() else { return Ok(at + 1) };
        let Some(option) = known.and_then(|place| self.options.get(place)) else {
            self.leave(at, at + 1);
            return Ok(at + 1);
        };
        let following = self.kinds.iter().skip(at + 1).take_while(|kind| **kind == Kind::Argument).count();
        let (mut words, end) = match (option.arity, explicit) {
            (Arity::Flag, Some(value)) => {
                return Err(format!("argument {}: ignored explicit argument '{value}'", option.flag));
            }
            (_, Some(value)) => (vec![value], at + 1),
            (Arity::One, None) if following == 0 => {
                return Err(format!("argument {}: expected one argument", option.flag));
            }
            (arity, None) => {
                let count = match arity {
                    Arity::Flag => 0,
                    Arity::One => 1,
                    Arity::Optional(_) => following.min(1),
                    Arity::Any => following,
                };
                (self.words.iter().skip(at + 1).take(count).cloned().collect(), at + 1 + count)
            }
        };
        if let (Arity::Optional(default), true) = (option.arity, words.is_empty()) {
            words.push(default.to_owned());
        }
        for word in &words {
            if option.integer && python_int(word).is_none() {
                return Err(format!("argument {}: invalid int value: '{word}'", option.flag));
            }
            check_choice(&option.flag, word, option.choices)?;
        }
        self.parsed.options.push((option.flag.clone(), words));
        Ok(end)
    }
}

fn check_choice(name: &str, word: &str, choices: &[&str]) -> Result<(), String> {
    if choices.is_empty() || choices.contains(&word) {
        return Ok(());
    }
    let mut message = format!("argument {name}: Found invalid choice '{word}'\n");
    let near = super::near::close_matches(word, choices);
    if !near.is_empty() {
        message.push_str("\nMaybe you meant:\n");
        for name in near {
            message.push_str(&format!("\n  * {name}"));
        }
    }
    Err(message)
}

/// Python's `int(text)`: blanks around, a sign, single underscores between digits.
pub fn python_int(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let well_formed = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && !digits.contains("__")
        && digits.chars().all(|c| c.is_ascii_digit() || c == '_');
    if well_formed { text.replace('_', "").parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    fn options() -> Vec<Opt> {
        vec![
            Opt { required: true, ..Opt::new("--cluster-name") },
            Opt { arity: Arity::Any, ..Opt::new("--kubernetes-groups") },
            Opt::new("--tags"),
            Opt::new("--type"),
            Opt { integer: true, ..Opt::new("--max-items") },
            Opt { arity: Arity::Flag, ..Opt::new("--dry-run") },
            Opt { arity: Arity::Optional("input"), choices: &["input", "output"], ..Opt::new("--skeleton") },
        ]
    }

    fn help() -> Positional<'static> {
        Positional { name: "help", optional: true, choices: Vec::new() }
    }

    /// The options taken, then what is left.
    fn check(line: &str, expected: &str) {
        let outcome = match parse(&words(line), &options(), &[help()]) {
            Ok(parsed) => {
                let taken: Vec<String> =
                    parsed.options.iter().map(|(flag, words)| format!("{flag}={}", words.join(","))).collect();
                let help = parsed.positional("help").map(|h| format!(" help:{h}")).unwrap_or_default();
                format!("{}{help} | {}", taken.join(" "), parsed.rest.join(" "))
            }
            Err(message) => message,
        };
        assert_eq!(outcome, expected, "{line}");
    }

    #[test]
    fn options_may_be_cut_as_long_as_one_matches() {
        check("--cl a", "--cluster-name=a | ");
        check("--cluster-name a --ta x --ty=y", "--cluster-name=a --tags=x --type=y | ");
        check("--cluster-name a --t x", "ambiguous option: --t could match --tags, --type");
        check("--cluster-name a --t=x", "ambiguous option: --t=x could match --tags, --type");
    }

    #[test]
    fn lists_end_at_the_next_option() {
        check("--cl a --kub a b c --dry", "--cluster-name=a --kubernetes-groups=a,b,c --dry-run= | ");
        check("--cl a --kub", "--cluster-name=a --kubernetes-groups= | ");
        check("--cl a --kub=x y", "--cluster-name=a --kubernetes-groups=x help:y | ");
    }

    #[test]
    fn unknown_words_are_left_and_the_first_stray_one_is_taken_for_help() {
        check("--cl a --foo bar", "--cluster-name=a help:bar | --foo");
        check("--cl a x y", "--cluster-name=a help:x | y");
        check("--cl a --tags a=b c=d --foo e", "--cluster-name=a --tags=a=b help:c=d | --foo e");
        check("--cl a -x", "--cluster-name=a | -x");
        check("--cl a -- --tags b", "--cluster-name=a help:--tags | b");
    }

    #[test]
    fn values_are_checked() {
        check("--cl a --max-items abc", "argument --max-items: invalid int value: 'abc'");
        check("--cl a --max-items -1", "--cluster-name=a --max-items=-1 | ");
        check("--cl a --tags", "argument --tags: expected one argument");
        check("--cl a --tags --type", "argument --tags: expected one argument");
        check("--cl a --dry-run=x", "argument --dry-run: ignored explicit argument 'x'");
        check("--cl a --skeleton", "--cluster-name=a --skeleton=input | ");
        check(
            "--cl a --skeleton outpu",
            "argument --skeleton: Found invalid choice 'outpu'\n\nMaybe you meant:\n\n  * output",
        );
        check("--foo x", "the following arguments are required: --cluster-name");
    }

    #[test]
    fn a_command_is_the_first_word_that_belongs_to_no_option() {
        let command = || Positional { name: "command", optional: false, choices: vec!["eks", "sts"] };
        let globals = [Opt::new("--output"), Opt { arity: Arity::Flag, ..Opt::new("--debug") }];
        let run = |line: &str| parse(&words(line), &globals, &[command()]);
        let parsed = run("--output text eks --foo list --debug").unwrap();
        assert_eq!((parsed.positional("command"), parsed.rest.clone()), (Some("eks"), words("--foo list")));
        assert_eq!(run("--foo bar eks"), Err("argument command: Found invalid choice 'bar'\n".to_owned()));
        assert_eq!(run("--debug"), Err("the following arguments are required: command".to_owned()));
    }

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        for (text, expected) in [("5", Some(5)), (" +1_0 ", Some(10)), ("-3", Some(-3)), ("1.5", None), ("_1", None)] {
            assert_eq!(python_int(text), expected, "{text}");
        }
    }
}
