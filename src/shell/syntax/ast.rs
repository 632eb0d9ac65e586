//! The parsed form of a script: lists of pipelines of commands, and the words in them.
//!
//! Every word and command carries the byte range it was read from, so that messages can point at it.
//! The forms are those of the POSIX shell grammar that learners paste (cli, Part III); names follow that grammar.

use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

/// Commands separated by `;` or newlines, in order.
pub type List = Vec<AndOr>;

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, Clone, PartialEq)]
pub struct AndOr {
    /// Where it stands in the text. It reaches to the end of the last here-document that belongs to it.
    pub range: Range<usize>,
    /// The pipeline that always runs.
    pub first: Pipeline,
    /// The pipelines that depend on the status of those before.
    pub rest: Vec<(Connector, Pipeline)>,
    /// A `&` follows.
    pub background: bool,
}

/// What decides whether the next pipeline of an [`AndOr`] runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connector {
    /// `&&`: only after success.
    And,
    /// `||`: only after failure.
    Or,
}

/// Commands joined by `|`.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// Preceded by `!`: the status is turned around.
    pub negated: bool,
    /// At least one command; for `|&` the command before has a `2>&1` added.
    pub commands: Vec<Command>,
}

/// One command with its redirections.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Where it stands in the text.
    pub range: Range<usize>,
    /// Its first line, counted from 1.
    pub line: usize,
    /// A simple command as written.
    pub source: Option<Rc<str>>,
    /// What it does.
    pub kind: CommandKind,
    /// In the order written, which is the order in which they apply.
    pub redirections: Vec<Redirection>,
}

/// The forms of a command.
#[derive(Debug, Clone, PartialEq)]
pub enum CommandKind {
    /// `NAME=value … word word …`; either may be missing.
    Simple {
        /// The assignments before the first word.
        assignments: Vec<Assignment>,
        /// Those behind `export`, `local` and the like, whose names are words besides.
        declared: Vec<Assignment>,
        /// The command's name and arguments.
        words: Vec<Word>,
    },
    /// `( list )`: runs on a copy of the variables.
    Subshell(List),
    /// `{ list; }`.
    Group(List),
    /// `if list; then list; elif …; else …; fi`.
    If {
        /// Conditions with what they guard.
        branches: Vec<(List, List)>,
        /// The part after `else`; empty if there is none.
        otherwise: List,
    },
    /// `for name in words; do list; done`.
    For {
        /// The variable.
        name: String,
        /// The words; without `in` they are `"$@"`.
        words: Vec<Word>,
        /// What is repeated.
        body: List,
    },
    /// `select name in words; do list; done`.
    Select {
        /// The variable.
        name: String,
        /// The words; without `in` they are `"$@"`.
        words: Vec<Word>,
        /// What runs for each answer.
        body: List,
    },
    /// `for ((first; condition; step)); do list; done`.
    ForArithmetic {
        /// The three expressions; an empty condition holds.
        parts: Vec<Word>,
        /// What is repeated.
        body: List,
    },
    /// `case word in pattern | pattern) list;; … esac`.
    Case {
        /// What is looked at.
        word: Word,
        /// The arms in order.
        arms: Vec<CaseArm>,
    },
    /// `name() { list; }`.
    Function {
        /// The function.
        name: String,
        /// Its body as written.
        body: String,
    },
    /// `[[ … ]]`.
    Conditional(Test),
    /// `((expression))`.
    Arithmetic(Word),
    /// `while list; do list; done`, or `until`.
    While {
        /// `until`: runs as long as the condition fails.
        until: bool,
        /// What is asked before every round.
        condition: List,
        /// What is repeated.
        body: List,
    },
}

/// An arm of `case`.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseArm {
    /// The patterns before the parenthesis.
    pub patterns: Vec<Word>,
    /// What runs.
    pub body: List,
    /// What happens then.
    pub end: CaseEnd,
}

/// What ends an arm of `case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseEnd {
    /// `;;`: the command is done.
    Done,
    /// `;&`: the next arm runs too.
    FallThrough,
    /// `;;&`: the patterns of the next arms are looked at.
    GoOn,
}

/// What stands between `[[` and `]]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `-f file` and its like.
    Unary(String, Word),
    /// `left operator right`; a word alone is `-n word`.
    Binary(Word, String, Word),
    /// `! test`.
    Not(Box<Test>),
    /// `test && test`.
    And(Box<Test>, Box<Test>),
    /// `test || test`.
    Or(Box<Test>, Box<Test>),
}

/// `NAME=value` or `NAME+=value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// `NAME[index]=value`.
    pub index: Option<Word>,
    /// `NAME=(value [index]=value …)`.
    pub array: Option<Vec<(Option<Word>, Word)>>,
    /// `+=`: adds to the value it has.
    pub append: bool,
    /// The value; without parts for an empty one.
    pub value: Word,
}

/// A word with the range it was read from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Word {
    /// Where it stands in the text, quotes included.
    pub range: Range<usize>,
    /// Its pieces, in order.
    pub parts: Vec<Part>,
}

impl Word {
    /// The text of a word that is written without quotes and expansions.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

/// A piece of a word.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Plain text: takes part in brace, tilde and file name expansion.
    Literal(String),
    /// Text between quotes or after a backslash; possibly empty.
    Quoted(String),
    /// `$NAME` or `${NAME…}`.
    Parameter {
        /// The variable's name, or `?`, `#`, `@`, `*`, `$`, `!`, `-` or digits.
        name: String,
        /// `${NAME[index]}`.
        index: Option<Box<Word>>,
        /// `${!NAME}`: the variable whose name is the value, or `${!NAME[@]}`: the indices.
        indirect: bool,
        /// What is done with the value.
        operation: Operation,
        /// Between double quotes: not split into words.
        quoted: bool,
    },
    /// `$(list)` or the same in backquotes.
    Substitution {
        /// The commands whose output is inserted.
        list: List,
        /// Between double quotes: not split into words.
        quoted: bool,
    },
    /// `$((expression))`; the expression's own expansions are parts of it.
    Arithmetic(Word),
    /// `<(list)`: a file that holds what the list prints; with `true` `>(list)`, a file whose text the list reads.
    Process(List, bool),
}

/// What `${NAME…}` does with the value.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// `$NAME`, `${NAME}`.
    Value,
    /// `${#NAME}`.
    Length,
    /// `${NAME:-word}`, `${NAME:=word}`, `${NAME:?word}`, `${NAME:+word}`, with or without the colon.
    Test {
        /// With the colon an empty value counts as unset.
        colon: bool,
        /// One of `-`, `=`, `?`, `+`.
        action: char,
        /// The word after it.
        word: Word,
    },
    /// `${NAME#pattern}`, `##`, `%`, `%%`.
    Trim {
        /// At the end (`%`) and not at the start (`#`).
        suffix: bool,
        /// The longest match and not the shortest.
        longest: bool,
        /// The pattern.
        pattern: Word,
    },
    /// `${NAME/pattern/text}`, `//`, `/#`, `/%`.
    Replace {
        /// Nothing, or one of `/`, `#`, `%`.
        place: Option<char>,
        /// The pattern.
        pattern: Word,
        /// What takes its place.
        text: Word,
    },
    /// `${NAME:offset:length}`.
    Slice {
        /// An arithmetic expression.
        offset: Word,
        /// Another one; to the end without it.
        length: Option<Word>,
    },
    /// `${NAME@Q}` and its like.
    Transform(char),
    /// `${NAME^}`, `^^`, `,`, `,,`.
    Case {
        /// `^` and not `,`.
        upper: bool,
        /// All characters and not the first alone.
        all: bool,
    },
}

/// One redirection.
#[derive(Debug, Clone, PartialEq)]
pub struct Redirection {
    /// Where it stands in the text.
    pub range: Range<usize>,
    /// What is redirected to what.
    pub kind: RedirectionKind,
}

/// The forms of a redirection. Descriptors are 0, 1 and 2.
#[derive(Debug, Clone, PartialEq)]
pub enum RedirectionKind {
    /// `< file`.
    Read(Word),
    /// `[n]> file`, `[n]>> file`.
    Write {
        /// 1 or 2.
        descriptor: u8,
        /// `>>`.
        append: bool,
        /// `>|`: also if `set -C` keeps files from being overwritten.
        force: bool,
        /// The file.
        file: Word,
    },
    /// `&> file`, `>& file`, `&>> file`.
    WriteBoth {
        /// `&>>`.
        append: bool,
        /// The file.
        file: Word,
    },
    /// `[n]>&m`.
    Duplicate {
        /// The descriptor that changes.
        descriptor: u8,
        /// The descriptor it becomes a copy of.
        of: u8,
    },
    /// `[n]>&-`.
    Close(u8),
    /// `<<WORD`: the body, known once the parser has passed the end of the line.
    HereDocument(Rc<OnceCell<Word>>),
    /// `<<< word`.
    HereString(Word),
}
