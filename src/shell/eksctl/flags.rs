//! Reading eksctl's flags: `--name value`, `--name=value`, `-n value`, `-nvalue`, as the pflag library reads them.
//!
//! The words of its complaints are those of pflag.

use crate::formats::arn::Arn;

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One text; the last one counts.
    Text,
    /// Texts, separated by commas or given again.
    List,
    /// The ARN of something.
    Arn,
    /// Nothing, or `=true` or `=false`.
    Switch,
}

/// A flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// Its name, without dashes.
    pub name: &'static str,
    /// Its letter, if any.
    pub letter: Option<char>,
    /// What it takes.
    pub kind: Kind,
    /// What it does.
    pub about: &'static str,
}

/// The flags of a command line, and the words that are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    values: Vec<(&'static str, String)>,
    /// Words that belong to no flag.
    pub words: Vec<String>,
}

impl Parsed {
    /// The value of a flag; `None` if it was not given.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a flag, empty if it was not given.
    pub fn text(&self, name: &str) -> &str {
        self.value(name).unwrap_or_default()
    }

    /// The values of a list flag.
    pub fn list(&self, name: &str) -> Vec<String> {
        let given = self.values.iter().filter(|(known, _)| *known == name);
        given.flat_map(|(_, value)| value.split(',')).filter(|v| !v.is_empty()).map(str::to_owned).collect()
    }

    /// The name that a flag or the word without a flag gives; empty without either.
    ///
    /// # Errors
    /// Both are there.
    pub fn name(&self, flag: &str) -> Result<String, String> {
        match (self.text(flag), self.words.first().map_or("", String::as_str)) {
            ("", word) => Ok(word.to_owned()),
            (name, "") => Ok(name.to_owned()),
            (name, word) => Err(format!("--{flag}={name} and argument {word} cannot be used at the same time")),
        }
    }

    /// True if a switch is on.
    pub fn on(&self, name: &str) -> bool {
        self.value(name) == Some("true")
    }
}

/// Reads the words behind a command.
///
/// # Errors
/// A flag that the command does not have, that lacks its value, or whose value does not fit.
pub fn parse(words: &[String], flags: &[Flag]) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            parsed.words.extend(words.by_ref().cloned());
        } else if let Some(rest) = word.strip_prefix("--") {
            let (name, value) = rest.split_once('=').map_or((rest, None), |(name, value)| (name, Some(value)));
            let flag = flags.iter().find(|f| f.name == name).ok_or_else(|| format!("unknown flag: --{name}"))?;
            let value = match (value, flag.kind) {
                (Some(value), _) => value.to_owned(),
                (None, Kind::Switch) => "true".to_owned(),
                (None, _) => words.next().cloned().ok_or_else(|| format!("flag needs an argument: --{name}"))?,
            };
            parsed.values.push((flag.name, checked(flag, value)?));
        } else if let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            letter_flags(letters, flags, &mut words, &mut parsed)?;
        } else {
            parsed.words.push(word.clone());
        }
    }
    Ok(parsed)
}

fn letter_flags<'a>(
    letters: &str,
    flags: &[Flag],
    words: &mut impl Iterator<Item = &'a String>,
    parsed: &mut Parsed,
) -> Result<(), String> {
    for (at, letter) in letters.char_indices() {
        let flag = flags
            .iter()
            .find(|f| f.letter == Some(letter))
            .ok_or_else(|| format!("unknown shorthand flag: {letter:?} in -{letters}"))?;
        let rest = letters.get(at + letter.len_utf8()..).unwrap_or_default();
        if flag.kind == Kind::Switch && !rest.starts_with('=') {
            parsed.values.push((flag.name, "true".to_owned()));
            continue;
        }
        let value = match rest {
            "" => words.next().cloned().ok_or_else(|| format!("flag needs an argument: {letter:?} in -{letters}"))?,
            rest => rest.strip_prefix('=').unwrap_or(rest).to_owned(),
        };
        parsed.values.push((flag.name, checked(flag, value)?));
        break;
    }
    Ok(())
}

/// The value as the flag takes it.
fn checked(flag: &Flag, value: String) -> Result<String, String> {
    let shown = match flag.letter {
        Some(letter) => format!("-{letter}, --{}", flag.name),
        None => format!("--{}", flag.name),
    };
    let refused = |why: String| Err(format!("invalid argument {value:?} for {shown:?} flag: {why}"));
    match flag.kind {
        Kind::Switch => match value.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok("true".to_owned()),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok("false".to_owned()),
            _ => refused(format!("strconv.ParseBool: parsing {value:?}: invalid syntax")),
        },
        Kind::Arn => match value.parse::<Arn>() {
            Ok(_) => Ok(value),
            Err(error) => refused(format!("invalid ARN {value:?}: {error}")),
        },
        Kind::Text | Kind::List => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[
        Flag { name: "cluster", letter: Some('c'), kind: Kind::Text, about: "" },
        Flag { name: "group", letter: None, kind: Kind::List, about: "" },
        Flag { name: "arn", letter: None, kind: Kind::Arn, about: "" },
        Flag { name: "all", letter: Some('a'), kind: Kind::Switch, about: "" },
    ];

    fn read(line: &str) -> Result<Parsed, String> {
        parse(&line.split(' ').map(str::to_owned).collect::<Vec<_>>(), FLAGS)
    }

    #[test]
    fn every_form_is_read() {
        let parsed = read("-ac x --group a,b --group=c word --arn arn:aws:iam::1:role/r").unwrap();
        assert_eq!((parsed.text("cluster"), parsed.on("all")), ("x", true));
        assert_eq!((parsed.list("group").len(), parsed.words.len()), (3, 1));
        assert!(!read("--all=false").unwrap().on("all"));
    }

    #[test]
    fn complaints_are_those_of_pflag() {
        let check = |line: &str, expected: &str| assert_eq!(read(line).unwrap_err(), expected);
        check("--access-policy-arn x", "unknown flag: --access-policy-arn");
        check("-z", "unknown shorthand flag: 'z' in -z");
        check("--cluster", "flag needs an argument: --cluster");
        check("-c", "flag needs an argument: 'c' in -c");
        check("--arn x", r#"invalid argument "x" for "--arn" flag: invalid ARN "x": arn: invalid prefix"#);
        check(
            "--all=maybe",
            r#"invalid argument "maybe" for "-a, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax"#,
        );
    }
}
