//! What `test` and `[` decide. Messages are bash's.

use super::devices::device;
use crate::session::workstation::Workstation;
use crate::shell::terminal::tool_names;
use crate::shell::{files, filters};

/// True if the condition holds.
///
/// # Errors
/// The message after `[: `.
pub(super) fn evaluate(args: &[String], workstation: &Workstation) -> Result<bool, String> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut reader = Reader { words: &words, at: 0, workstation };
    // Up to four words POSIX decides by their number; that comes first, as `=` or `!` may also be data.
    match words.as_slice() {
        [] => Ok(false),
        [word] => Ok(!word.is_empty()),
        ["!", word] => Ok(word.is_empty()),
        [operator, word] => {
            reader.unary(operator, word).unwrap_or_else(|| Err(format!("{operator}: unary operator expected")))
        }
        [left, operator, right] if reader.binary(left, operator, right).is_some() => {
            reader.binary(left, operator, right).unwrap_or(Ok(false))
        }
        ["!", rest @ ..] if rest.len() < 4 => Ok(!evaluate(args.get(1..).unwrap_or_default(), workstation)?),
        [left, operator, _] if *left != "(" => Err(match *operator {
            "-a" | "-o" => return reader.or(),
            operator => format!("{operator}: binary operator expected"),
        }),
        _ => {
            let holds = reader.or()?;
            if reader.at == words.len() { Ok(holds) } else { Err("too many arguments".to_owned()) }
        }
    }
}

/// The devices that are no streams of a command.
const DEVICES: [&str; 6] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/ptmx"];

/// True for the commands that a real system keeps in `/usr/bin`.
fn is_program(name: &str) -> bool {
    let tool = filters::find(name).or_else(|| files::find(name)).is_some() || tool_names().any(|known| known == name);
    tool || super::builtins::is_only_a_program(name) || ["bash", "sh", "env"].contains(&name)
}

struct Reader<'a> {
    words: &'a [&'a str],
    at: usize,
    workstation: &'a Workstation,
}

impl Reader<'_> {
    fn or(&mut self) -> Result<bool, String> {
        let mut holds = self.and()?;
        while self.words.get(self.at) == Some(&"-o") {
            self.at += 1;
            holds |= self.and()?;
        }
        Ok(holds)
    }

    fn and(&mut self) -> Result<bool, String> {
        let mut holds = self.primary()?;
        while self.words.get(self.at) == Some(&"-a") {
            self.at += 1;
            holds &= self.primary()?;
        }
        Ok(holds)
    }

    fn primary(&mut self) -> Result<bool, String> {
        let mut negated = false;
        while self.words.get(self.at) == Some(&"!") {
            negated = !negated;
            self.at += 1;
        }
        let rest = self.words.get(self.at..).unwrap_or_default();
        if let [left, operator, right, ..] = rest
            && let Some(result) = self.binary(left, operator, right)
        {
            self.at += 3;
            return Ok(result? != negated);
        }
        if let [operator, word, ..] = rest
            && let Some(result) = self.unary(operator, word)
        {
            self.at += 2;
            return Ok(result? != negated);
        }
        match rest.first() {
            None => Err("argument expected".to_owned()),
            Some(&"(") => Err("parentheses are not supported in this terminal; use `[ … ] && [ … ]`".to_owned()),
            Some(word) => {
                self.at += 1;
                Ok(word.is_empty() == negated)
            }
        }
    }

    fn unary(&self, operator: &str, word: &str) -> Option<Result<bool, String>> {
        let w = self.workstation;
        // A number, or a stream by its name: neither a file nor a directory.
        let special = DEVICES.contains(&word) || device(word).is_some();
        let pipe = word.strip_prefix("/dev/fd/").is_some_and(|number| number.len() == 2) && w.is_file(word);
        let program = word.strip_prefix("/usr/bin/").or(word.strip_prefix("/bin/")).is_some_and(is_program);
        Some(Ok(match operator {
            "-e" | "-a" | "-r" if special || pipe || program => true,
            "-w" | "-O" | "-G" if special => true,
            "-c" => special,
            "-p" => pipe,
            "-f" if special || pipe => false,
            "-f" | "-x" | "-s" if program => true,
            "-b" | "-S" | "-g" | "-u" | "-k" | "-N" => false,
            "-z" => word.is_empty(),
            "-n" => !word.is_empty(),
            "-e" | "-a" | "-r" | "-w" | "-O" | "-G" => w.is_file(word) || w.is_directory(word),
            "-f" => w.is_file(word),
            "-d" | "-x" => w.is_directory(word),
            "-s" => w.is_directory(word) || w.read(word).is_ok_and(|text| !text.is_empty()),
            "-t" => false,
            "-v" => super::arrays::value(w, word).is_some(),
            "-R" => super::arrays::attributes(w, word).contains('n'),
            "-L" | "-h" => false,
            _ => return None,
        }))
    }

    fn binary(&self, left: &str, operator: &str, right: &str) -> Option<Result<bool, String>> {
        let number =
            |text: &str| text.trim().parse::<i64>().map_err(|_| format!("{text}: integer expression expected"));
        let compare = |holds: fn(i64, i64) -> bool| Some(number(left).and_then(|l| Ok(holds(l, number(right)?))));
        match operator {
            "=" | "==" => Some(Ok(left == right)),
            "!=" => Some(Ok(left != right)),
            // All files are as old as each other.
            "-nt" | "-ot" => {
                let (newer, older) = if operator == "-nt" { (left, right) } else { (right, left) };
                let exists = |path: &str| self.workstation.is_file(path) || self.workstation.is_directory(path);
                Some(Ok(exists(newer) && !exists(older)))
            }
            "-ef" => {
                let w = self.workstation;
                Some(Ok(w.resolve(left) == w.resolve(right) && (w.is_file(left) || w.is_directory(left))))
            }
            "<" => Some(Ok(left < right)),
            ">" => Some(Ok(left > right)),
            "-eq" => compare(|l, r| l == r),
            "-ne" => compare(|l, r| l != r),
            "-lt" => compare(|l, r| l < r),
            "-le" => compare(|l, r| l <= r),
            "-gt" => compare(|l, r| l > r),
            "-ge" => compare(|l, r| l >= r),
            _ => None,
        }
    }
}
