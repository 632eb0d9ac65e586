//! Reading the options of a small tool, as `getopt_long` does.

use super::Call;

/// The options and operands of a call.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// In the order given: the short letter with its value.
    pub given: Vec<(char, Option<String>)>,
    /// The arguments that are no options.
    pub operands: Vec<String>,
}

impl Options {
    /// Reads `args`. `flags` are the letters without a value, `valued` those with one; `long` maps long names to letters.
    /// Options may stand after operands; `--` ends them.
    ///
    /// # Errors
    /// The exit code 2, after the message has been printed.
    pub fn read(call: &mut Call<'_>, flags: &str, valued: &str, long: &[(&str, char)]) -> Result<Self, i32> {
        let args = call.args;
        Self::read_from(call, args, flags, valued, long)
    }

    /// As [`Options::read`], from other arguments than those of the call.
    ///
    /// # Errors
    /// The exit code 2, after the message has been printed.
    pub fn read_from(
        call: &mut Call<'_>,
        args: &[String],
        flags: &str,
        valued: &str,
        long: &[(&str, char)],
    ) -> Result<Self, i32> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--" {
                options.operands.extend(args.cloned());
                break;
            }
            if let Some(name) = arg.strip_prefix("--") {
                let (name, attached) = name.split_once('=').map_or((name, None), |(n, v)| (n, Some(v.to_owned())));
                let Some((_, letter)) = long.iter().find(|(known, _)| *known == name) else {
                    return Err(refuse(call, arg, flags, valued));
                };
                let value = if valued.contains(*letter) { attached.or_else(|| args.next().cloned()) } else { None };
                if valued.contains(*letter) && value.is_none() {
                    call.complain(&format!("option '--{name}' requires an argument"));
                    call.err(&format!("Try '{} --help' for more information.\n", call.name));
                    return Err(2);
                }
                options.given.push((*letter, value));
                continue;
            }
            let Some(letters) = arg.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                options.operands.push(arg.clone());
                continue;
            };
            let mut rest = letters.chars();
            while let Some(letter) = rest.next() {
                if flags.contains(letter) {
                    options.given.push((letter, None));
                } else if valued.contains(letter) {
                    let attached = rest.as_str();
                    let value = if attached.is_empty() { args.next().cloned() } else { Some(attached.to_owned()) };
                    let Some(value) = value else {
                        call.complain(&format!("option requires an argument -- '{letter}'"));
                        call.err(&format!("Try '{} --help' for more information.\n", call.name));
                        return Err(2);
                    };
                    options.given.push((letter, Some(value)));
                    break;
                } else {
                    return Err(refuse(call, &format!("-{letter}"), flags, valued));
                }
            }
        }
        Ok(options)
    }

    /// True if the flag was given.
    pub fn has(&self, letter: char) -> bool {
        self.given.iter().any(|(given, _)| *given == letter)
    }

    /// The last value given for an option.
    pub fn value(&self, letter: char) -> Option<&str> {
        self.values(letter).last()
    }

    /// All values given for an option.
    pub fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.given.iter().filter(move |(given, _)| *given == letter).filter_map(|(_, value)| value.as_deref())
    }
}

fn refuse(call: &mut Call<'_>, option: &str, flags: &str, valued: &str) -> i32 {
    let supported: Vec<String> = flags.chars().chain(valued.chars()).map(|c| format!("-{c}")).collect();
    let supported = if supported.is_empty() { "no options".to_owned() } else { supported.join(" ") };
    call.unsupported(option, &supported)
}
