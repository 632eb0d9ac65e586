//! The options of `set` and `shopt`: all that bash has, with what each does here.

/// What an option does in this shell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Support {
    /// What it does in bash.
    Works,
    /// It changes nothing that a command can see here, as in most scripts.
    Idle,
    /// It cannot be changed.
    Fixed,
}

use Support::{Fixed, Idle, Works};

/// Name, letter of `set` (or a blank), whether it is one of `shopt`, whether it is on at the start, what it does.
type Row = (&'static str, char, bool, bool, Support);

const ROWS: &[Row] = &[
    ("allexport", 'a', false, false, Works),
    ("braceexpand", 'B', false, true, Fixed),
    ("emacs", ' ', false, false, Idle),
    ("errexit", 'e', false, false, Works),
    ("errtrace", 'E', false, false, Works),
    ("functrace", 'T', false, false, Works),
    ("hashall", 'h', false, true, Idle),
    ("histexpand", 'H', false, false, Idle),
    ("history", ' ', false, false, Idle),
    ("ignoreeof", ' ', false, false, Idle),
    ("interactive-comments", ' ', false, true, Fixed),
    ("keyword", 'k', false, false, Fixed),
    ("monitor", 'm', false, false, Idle),
    ("noclobber", 'C', false, false, Works),
    ("noexec", 'n', false, false, Works),
    ("noglob", 'f', false, false, Works),
    ("nolog", ' ', false, false, Idle),
    ("notify", 'b', false, false, Idle),
    ("nounset", 'u', false, false, Works),
    ("onecmd", 't', false, false, Fixed),
    ("physical", 'P', false, false, Idle),
    ("pipefail", ' ', false, false, Works),
    ("posix", ' ', false, false, Fixed),
    ("privileged", 'p', false, false, Idle),
    ("verbose", 'v', false, false, Fixed),
    ("vi", ' ', false, false, Idle),
    ("xtrace", 'x', false, false, Works),
    ("autocd", ' ', true, false, Idle),
    ("assoc_expand_once", ' ', true, false, Idle),
    ("cdable_vars", ' ', true, false, Fixed),
    ("cdspell", ' ', true, false, Idle),
    ("checkhash", ' ', true, false, Idle),
    ("checkjobs", ' ', true, false, Idle),
    ("checkwinsize", ' ', true, true, Idle),
    ("cmdhist", ' ', true, true, Idle),
    ("compat31", ' ', true, false, Fixed),
    ("compat32", ' ', true, false, Fixed),
    ("compat40", ' ', true, false, Fixed),
    ("compat41", ' ', true, false, Fixed),
    ("compat42", ' ', true, false, Fixed),
    ("compat43", ' ', true, false, Fixed),
    ("compat44", ' ', true, false, Fixed),
    ("complete_fullquote", ' ', true, true, Idle),
    ("direxpand", ' ', true, false, Idle),
    ("dirspell", ' ', true, false, Idle),
    ("dotglob", ' ', true, false, Works),
    ("execfail", ' ', true, false, Idle),
    ("expand_aliases", ' ', true, true, Works),
    ("extdebug", ' ', true, false, Fixed),
    ("extglob", ' ', true, false, Fixed),
    ("extquote", ' ', true, true, Fixed),
    ("failglob", ' ', true, false, Works),
    ("force_fignore", ' ', true, true, Idle),
    ("globasciiranges", ' ', true, true, Fixed),
    ("globskipdots", ' ', true, true, Fixed),
    ("globstar", ' ', true, false, Fixed),
    ("gnu_errfmt", ' ', true, false, Fixed),
    ("histappend", ' ', true, false, Idle),
    ("histreedit", ' ', true, false, Idle),
    ("histverify", ' ', true, false, Idle),
    ("hostcomplete", ' ', true, true, Idle),
    ("huponexit", ' ', true, false, Idle),
    ("inherit_errexit", ' ', true, false, Works),
    ("interactive_comments", ' ', true, true, Fixed),
    ("lastpipe", ' ', true, false, Works),
    ("lithist", ' ', true, false, Idle),
    ("localvar_inherit", ' ', true, false, Fixed),
    ("localvar_unset", ' ', true, false, Fixed),
    ("login_shell", ' ', true, false, Fixed),
    ("mailwarn", ' ', true, false, Idle),
    ("no_empty_cmd_completion", ' ', true, false, Idle),
    ("nocaseglob", ' ', true, false, Works),
    ("nocasematch", ' ', true, false, Works),
    ("noexpand_translation", ' ', true, false, Idle),
    ("nullglob", ' ', true, false, Works),
    ("patsub_replacement", ' ', true, true, Fixed),
    ("progcomp", ' ', true, true, Idle),
    ("progcomp_alias", ' ', true, false, Idle),
    ("promptvars", ' ', true, true, Idle),
    ("restricted_shell", ' ', true, false, Fixed),
    ("shift_verbose", ' ', true, false, Works),
    ("sourcepath", ' ', true, true, Idle),
    ("varredir_close", ' ', true, false, Fixed),
    ("xpg_echo", ' ', true, false, Works),
];

/// An option that does what it does in bash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Flag(usize);

pub(super) const ALL_EXPORT: Flag = flag("allexport");
pub(super) const DOT_GLOB: Flag = flag("dotglob");
pub(super) const EXIT_ON_ERROR: Flag = flag("errexit");
pub(super) const ERR_TRACE: Flag = flag("errtrace");
pub(super) const EXPAND_ALIASES: Flag = flag("expand_aliases");
pub(super) const FAIL_GLOB: Flag = flag("failglob");
pub(super) const FUNC_TRACE: Flag = flag("functrace");
pub(super) const INHERIT_ERR_EXIT: Flag = flag("inherit_errexit");
pub(super) const LAST_PIPE: Flag = flag("lastpipe");
pub(super) const NO_CASE_GLOB: Flag = flag("nocaseglob");
pub(super) const NO_CASE_MATCH: Flag = flag("nocasematch");
pub(super) const NO_CLOBBER: Flag = flag("noclobber");
pub(super) const NO_EXEC: Flag = flag("noexec");
pub(super) const NO_GLOB: Flag = flag("noglob");
pub(super) const NO_UNSET: Flag = flag("nounset");
pub(super) const NULL_GLOB: Flag = flag("nullglob");
pub(super) const PIPE_FAIL: Flag = flag("pipefail");
pub(super) const SHIFT_VERBOSE: Flag = flag("shift_verbose");
pub(super) const TRACE: Flag = flag("xtrace");
pub(super) const XPG_ECHO: Flag = flag("xpg_echo");

/// The row of a name; a name that is not there does not compile.
#[allow(clippy::indexing_slicing, reason = "runs when the program is compiled")]
const fn flag(name: &str) -> Flag {
    let mut at = 0;
    loop {
        let (wanted, found) = (name.as_bytes(), ROWS[at].0.as_bytes());
        let mut same = 0;
        while same < wanted.len() && same < found.len() && wanted[same] == found[same] {
            same += 1;
        }
        if same == wanted.len() && same == found.len() {
            return Flag(at);
        }
        at += 1;
    }
}

/// Which options are on, by their row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Options(u128);

impl Default for Options {
    fn default() -> Self {
        let on = ROWS.iter().enumerate().filter(|(_, (.., on, _))| *on);
        Self(on.fold(0, |bits, (at, _)| bits | 1 << at))
    }
}

/// Why an option was not changed.
pub(super) enum Refusal {
    /// bash has none of that name.
    Unknown,
    /// bash has it, and this shell does not do what it says.
    Unsupported,
}

impl Options {
    pub fn has(self, flag: Flag) -> bool {
        self.is_on(flag.0)
    }

    fn is_on(self, row: usize) -> bool {
        self.0 >> row & 1 == 1
    }

    pub fn put(&mut self, flag: Flag, on: bool) {
        self.0 = self.0 & !(1 << flag.0) | u128::from(on) << flag.0;
    }

    /// Changes the option with that name, or with that letter if `name` is one character.
    pub fn change(&mut self, name: &str, shopt: bool, on: bool) -> Result<(), Refusal> {
        let letter = name.chars().next().filter(|_| name.chars().count() == 1);
        let row = ROWS.iter().position(|row| row.2 == shopt && (row.0 == name || Some(row.1) == letter));
        let Some((at, (.., support))) = row.and_then(|at| Some((at, ROWS.get(at)?))) else {
            return Err(Refusal::Unknown);
        };
        if *support == Fixed && self.is_on(at) != on {
            return Err(Refusal::Unsupported);
        }
        self.put(Flag(at), on);
        Ok(())
    }

    /// Whether the option of that name is on; `None` if there is none.
    pub fn state(self, name: &str, shopt: bool) -> Option<bool> {
        ROWS.iter().position(|row| row.2 == shopt && row.0 == name).map(|at| self.is_on(at))
    }

    /// Names with whether they are on.
    pub fn all(self, shopt: bool) -> impl Iterator<Item = (&'static str, bool)> {
        ROWS.iter().enumerate().filter(move |(_, row)| row.2 == shopt).map(move |(at, row)| (row.0, self.is_on(at)))
    }

    /// The letters of what is on, as `$-` shows them.
    pub fn letters(self) -> String {
        let on = |letter: &char| ROWS.iter().position(|row| row.1 == *letter).is_some_and(|at| self.is_on(at));
        "abefhkmnptuvxBCEHPT".chars().filter(on).collect()
    }

    /// The names that the options differ in from those at the start: kept between the lines that a person types.
    pub fn changed(self) -> String {
        let start = Self::default();
        let rows = ROWS.iter().enumerate().filter(|(at, _)| self.is_on(*at) != start.is_on(*at));
        rows.map(|(_, row)| row.0).collect::<Vec<_>>().join(":")
    }

    /// The options that [`Options::changed`] stands for.
    pub fn from_changed(names: &str) -> Self {
        let mut options = Self::default();
        for name in names.split(':') {
            if let Some(at) = ROWS.iter().position(|row| row.0 == name) {
                let flag = Flag(at);
                options.put(flag, !options.has(flag));
            }
        }
        options
    }
}

/// Names as a script that sets them: `set -o name`, `shopt -s name`.
pub(super) fn as_commands(name: &str, on: bool, shopt: bool) -> String {
    match shopt {
        true => format!("shopt {} {name}\n", if on { "-s" } else { "-u" }),
        false => format!("set {} {name}\n", if on { "-o" } else { "+o" }),
    }
}

/// A row of the list that `set -o` and `shopt` print.
pub(super) fn as_row(name: &str, on: bool) -> String {
    let state = if on { "on" } else { "off" };
    format!("{name:<15}\t{state}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_kept() {
        let mut options = Options::default();
        assert!(options.changed().is_empty());
        options.put(NO_GLOB, true);
        options.put(EXPAND_ALIASES, false);
        assert_eq!(options.changed(), "noglob:expand_aliases");
        assert_eq!(Options::from_changed("noglob:expand_aliases:what"), options);
        assert_eq!(options.letters(), "fhB");
        assert!(ROWS.len() <= 128);
    }
}
