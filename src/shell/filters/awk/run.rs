//! Running awk rules over the records of files.

use std::collections::BTreeMap;
use std::rc::Rc;

use regex_lite::Regex;

use super::super::regex::{Syntax, compile};
use super::super::{Call, MAX_TOOL_OUTPUT};
use super::eval::{eval, text};
use super::values::Value;
use super::{Expr, Function, Pattern, Program, Redirection, Rule, Statement, assignment};

/// How many expressions and statements one call evaluates.
const MAX_STEPS: usize = 1_500_000;
/// How much all variables and elements may hold, in bytes.
const MAX_BYTES: usize = 8_000_000;
/// The longest text.
pub(super) const MAX_TEXT: usize = 100_000;
/// The most elements of all arrays together.
const MAX_ELEMENTS: usize = 100_000;
/// The most regular expressions that are kept compiled.
const MAX_KEPT: usize = 20;

pub(super) type Outcome<T> = Result<T, String>;

/// The elements of an array with their places: loops go in the order in which they were added.
#[derive(Default)]
pub(super) struct Array {
    pub elements: BTreeMap<String, (usize, Value)>,
    added: usize,
}

/// A parameter or a local variable.
pub(super) enum Local {
    Value(Value),
    /// The array of that name.
    Array(String),
    /// Never set so far: the array of that name if it is used as one.
    Unknown(String),
}

pub(super) struct State<'p> {
    pub functions: &'p [Function],
    pub line: String,
    pub fields: Vec<String>,
    pub variables: BTreeMap<String, Value>,
    pub arrays: BTreeMap<String, Array>,
    pub locals: Vec<BTreeMap<String, Local>>,
    pub depth: usize,
    /// The state of `rand`.
    pub seed: u32,
    /// What was written to files; true if it goes to the end of what is there.
    files: BTreeMap<String, (bool, String)>,
    out: String,
    ranges: Vec<bool>,
    steps: usize,
    elements: usize,
    bytes: usize,
    kept: Vec<(String, Rc<Regex>)>,
    exit: i32,
}

/// What ends the statements of a line.
pub(super) enum Flow {
    Go,
    Next,
    Break,
    Continue,
    Exit,
    Return(Value),
}

/// Runs the program; the exit code.
pub(super) fn run(
    call: &mut Call<'_>,
    program: &Program,
    operands: &[String],
    separator: String,
    variables: Vec<(String, String)>,
) -> i32 {
    let mut state = State {
        functions: &program.functions,
        line: String::new(),
        fields: Vec::new(),
        variables: BTreeMap::new(),
        arrays: BTreeMap::new(),
        locals: Vec::new(),
        depth: 0,
        seed: 1,
        files: BTreeMap::new(),
        out: String::new(),
        ranges: vec![false; program.rules.len() * 2],
        steps: 0,
        elements: 0,
        bytes: 0,
        kept: Vec::new(),
        exit: 0,
    };
    for (name, value) in [
        ("FS", separator.as_str()),
        ("OFS", " "),
        ("ORS", "\n"),
        ("RS", "\n"),
        ("SUBSEP", "\u{1c}"),
        ("CONVFMT", "%.6g"),
        ("OFMT", "%.6g"),
    ] {
        state.variables.insert(name.to_owned(), Value::Text(value.to_owned()));
    }
    for name in ["NR", "FNR"] {
        state.variables.insert(name.to_owned(), Value::Number(0.0));
    }
    for (name, value) in call.workstation.environment() {
        if let Ok(slot) = state.element("ENVIRON", name) {
            *slot = Value::Input(value);
        }
    }
    for (name, value) in variables {
        state.variables.insert(name, Value::Input(value));
    }
    let (mut failed, mut message) = (false, None);
    match all(&mut state, call, program, operands) {
        Ok(unreadable) => failed = unreadable,
        Err(error) => message = Some(error),
    }
    call.out(&state.out);
    for (path, (append, text)) in std::mem::take(&mut state.files) {
        let written = match path.as_str() {
            "/dev/stderr" => {
                call.err(&text);
                continue;
            }
            path if append => call.workstation.append(path, &text),
            path => call.workstation.write(path, &text),
        };
        if let Err(error) = written {
            message.get_or_insert(format!("cannot open \"{path}\" for output ({error})"));
        }
    }
    if let Some(message) = message {
        call.complain(&message);
        return 2;
    }
    if failed && state.exit == 0 { 2 } else { state.exit }
}

/// Runs everything; true if a file could not be read.
fn all(state: &mut State<'_>, call: &mut Call<'_>, program: &Program, operands: &[String]) -> Outcome<bool> {
    let is_begin = |rule: &&Rule| matches!(rule.pattern, Pattern::Begin);
    let mut exited = false;
    for rule in program.rules.iter().filter(is_begin) {
        if !exited {
            exited = matches!(act(state, rule)?, Flow::Exit);
        }
    }
    let mut failed = false;
    if !exited && !program.rules.iter().all(|rule| is_begin(&rule)) {
        let mut read = false;
        let mut total = 0;
        for operand in operands {
            if let Some((name, value)) = assignment(operand) {
                state.assign_variable(&name, Value::Input(value))?;
                continue;
            }
            read = true;
            match call.read(operand) {
                Ok(text) => {
                    total += text.len();
                    if total > MAX_TOOL_OUTPUT {
                        return Err(format!("the input is longer than {MAX_TOOL_OUTPUT} bytes; stopped"));
                    }
                    exited = exited || records(state, &program.rules, operand, &text)?;
                }
                Err(error) => {
                    call.complain(&format!("cannot open {operand} ({error})"));
                    failed = true;
                }
            }
        }
        if !read {
            let text = call.stdin();
            records(state, &program.rules, "", &text)?;
        }
    }
    for rule in program.rules.iter().filter(|rule| matches!(rule.pattern, Pattern::End)) {
        if let Flow::Exit = act(state, rule)? {
            break;
        }
    }
    Ok(failed)
}

/// Goes through the records of a file; true after `exit`.
fn records(state: &mut State<'_>, rules: &[Rule], name: &str, text: &str) -> Outcome<bool> {
    state.variables.insert("FILENAME".to_owned(), Value::Text(name.to_owned()));
    state.variables.insert("FNR".to_owned(), Value::Number(0.0));
    let mut rest = text;
    while !rest.is_empty() {
        let separator = state.setting("RS");
        let (record, after) = match separator.as_str() {
            // Paragraphs.
            "" => {
                rest = rest.trim_start_matches('\n');
                if rest.is_empty() {
                    return Ok(false);
                }
                let (record, after) = rest.split_once("\n\n").unwrap_or((rest, ""));
                (record.trim_end_matches('\n'), after)
            }
            one if one.chars().count() == 1 => match rest.split_once(one) {
                Some(parts) => parts,
                None => (rest, ""),
            },
            pattern => {
                let regex = state.regex(pattern)?;
                match regex.find(rest).filter(|found| !found.is_empty()) {
                    Some(found) => {
                        (rest.get(..found.start()).unwrap_or_default(), rest.get(found.end()..).unwrap_or_default())
                    }
                    None => (rest, ""),
                }
            }
        };
        rest = after;
        for count in ["NR", "FNR"] {
            let number = state.variables.get(count).map_or(0.0, Value::number) + 1.0;
            state.variables.insert(count.to_owned(), Value::Number(number));
        }
        state.set_line(record.to_owned())?;
        for rule in rules {
            if !applies(state, rule)? {
                continue;
            }
            match act(state, rule)? {
                Flow::Next => break,
                Flow::Exit => return Ok(true),
                _ => {}
            }
        }
    }
    Ok(false)
}

fn applies(state: &mut State<'_>, rule: &Rule) -> Outcome<bool> {
    Ok(match &rule.pattern {
        Pattern::Begin | Pattern::End => false,
        Pattern::Always => true,
        Pattern::Expr(expr) => eval(state, expr)?.holds(),
        Pattern::Range(from, to, at) => {
            let inside = state.ranges.get(*at).copied().unwrap_or(false);
            let now = inside || eval(state, from)?.holds();
            let ends = now && eval(state, to)?.holds();
            if let Some(range) = state.ranges.get_mut(*at) {
                *range = now && !ends;
            }
            now
        }
    })
}

fn act(state: &mut State<'_>, rule: &Rule) -> Outcome<Flow> {
    match &rule.action {
        None => print(state, &[], None).map(|()| Flow::Go),
        Some(action) => execute(state, action),
    }
}

/// Runs a statement.
pub(super) fn execute(state: &mut State<'_>, statement: &Statement) -> Outcome<Flow> {
    state.step()?;
    match statement {
        Statement::Print(list, to) => print(state, list, to.as_ref())?,
        Statement::Printf(list, to) => {
            let text = super::replace::formatted(state, list)?;
            write(state, &text, to.as_ref())?;
        }
        Statement::Expr(expr) => _ = eval(state, expr)?,
        Statement::Block(statements) => {
            for statement in statements {
                match execute(state, statement)? {
                    Flow::Go => {}
                    other => return Ok(other),
                }
            }
        }
        Statement::If(condition, yes, no) => {
            return match (eval(state, condition)?.holds(), no) {
                (true, _) => execute(state, yes),
                (false, Some(no)) => execute(state, no),
                (false, None) => Ok(Flow::Go),
            };
        }
        Statement::While(condition, body) => return repeat(state, None, Some(condition), body, None),
        Statement::Do(body, condition) => return repeat(state, Some(body), Some(condition), body, None),
        Statement::For(first, condition, step, body) => {
            if let Some(first) = first {
                execute(state, first)?;
            }
            return repeat(state, None, condition.as_ref(), body, step.as_deref());
        }
        Statement::ForIn(name, array, body) => {
            let array = state.array_name(array);
            let mut keys: Vec<(usize, String)> = state.arrays.get(&array).map_or_else(Vec::new, |array| {
                array.elements.iter().map(|(key, (place, _))| (*place, key.clone())).collect()
            });
            crate::formats::ordered::sort(&mut keys);
            for (_, key) in keys {
                state.assign_variable(name, Value::Input(key))?;
                match execute(state, body)? {
                    Flow::Go | Flow::Continue => {}
                    Flow::Break => break,
                    other => return Ok(other),
                }
            }
        }
        Statement::Delete(name, index) => {
            let name = state.array_name(name);
            match index {
                None => {
                    state.arrays.remove(&name).map(|array| state.elements -= array.elements.len()).unwrap_or_default()
                }
                Some(index) => {
                    let key = super::eval::key(state, index)?;
                    let removed = state.arrays.get_mut(&name).and_then(|array| array.elements.remove(&key));
                    state.elements -= usize::from(removed.is_some());
                }
            }
        }
        Statement::Next => return Ok(Flow::Next),
        Statement::Break => return Ok(Flow::Break),
        Statement::Continue => return Ok(Flow::Continue),
        Statement::Exit(code) => {
            if let Some(code) = code {
                state.exit = eval(state, code)?.number() as i64 as i32 & 255;
            }
            return Ok(Flow::Exit);
        }
        Statement::Return(value) => {
            let value = value.as_ref().map_or(Ok(Value::Unset), |value| eval(state, value))?;
            return Ok(Flow::Return(value));
        }
    }
    Ok(Flow::Go)
}

/// A loop: `first` runs before the condition is asked, `step` after every round.
fn repeat(
    state: &mut State<'_>,
    first: Option<&Statement>,
    condition: Option<&Expr>,
    body: &Statement,
    step: Option<&Statement>,
) -> Outcome<Flow> {
    let mut unasked = first.is_some();
    loop {
        state.step()?;
        if !std::mem::take(&mut unasked)
            && let Some(condition) = condition
            && !eval(state, condition)?.holds()
        {
            return Ok(Flow::Go);
        }
        match execute(state, body)? {
            Flow::Go | Flow::Continue => {}
            Flow::Break => return Ok(Flow::Go),
            other => return Ok(other),
        }
        if let Some(step) = step {
            execute(state, step)?;
        }
    }
}

fn print(state: &mut State<'_>, list: &[Expr], to: Option<&Redirection>) -> Outcome<()> {
    let format = state.setting("OFMT");
    let mut texts = Vec::new();
    for expr in list {
        texts.push(eval(state, expr)?.text_as(&format));
    }
    let mut line = if list.is_empty() { state.line.clone() } else { texts.join(&state.setting("OFS")) };
    line.push_str(&state.setting("ORS"));
    write(state, &line, to)
}

fn write(state: &mut State<'_>, printed: &str, to: Option<&Redirection>) -> Outcome<()> {
    let path = match to {
        Some(to) => text(state, &to.file)?,
        None => String::new(),
    };
    let sink = match path.as_str() {
        "" | "/dev/stdout" | "-" => &mut state.out,
        _ => &mut state.files.entry(path).or_insert_with(|| (to.is_some_and(|to| to.append), String::new())).1,
    };
    if sink.len() + printed.len() > MAX_TOOL_OUTPUT {
        return Err(format!("the output is longer than {MAX_TOOL_OUTPUT} bytes; stopped"));
    }
    sink.push_str(printed);
    Ok(())
}

impl State<'_> {
    pub fn step(&mut self) -> Outcome<()> {
        self.spend(1)
    }

    pub fn spend(&mut self, steps: usize) -> Outcome<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MAX_STEPS {
            return Err(format!("the program takes more than {MAX_STEPS} steps; stopped"));
        }
        Ok(())
    }

    /// One of the variables that awk itself looks at.
    pub fn setting(&self, name: &str) -> String {
        self.variables.get(name).map(|value| value.text_as("%.6g")).unwrap_or_default()
    }

    pub fn set_line(&mut self, line: String) -> Outcome<()> {
        let separator = self.setting("FS");
        self.fields = self.split(&line, &separator)?;
        if separator != " " && self.setting("RS").is_empty() {
            self.fields = self.fields.iter().flat_map(|field| field.split('\n')).map(str::to_owned).collect();
        }
        self.line = line;
        Ok(())
    }

    /// Sets field `at`, 0 for the line.
    pub fn set_field(&mut self, at: usize, text: String) -> Outcome<()> {
        if at == 0 {
            return self.set_line(text);
        }
        if at > 10_000 {
            return Err("more than 10000 fields are not supported in this terminal".to_owned());
        }
        if self.fields.len() < at {
            self.fields.resize(at, String::new());
        }
        if let Some(field) = self.fields.get_mut(at - 1) {
            *field = text;
        }
        self.join_line()
    }

    fn join_line(&mut self) -> Outcome<()> {
        self.line = self.fields.join(&self.setting("OFS"));
        self.spend(1 + self.line.len() / 64)?;
        if self.line.len() > MAX_TEXT {
            return Err(too_long());
        }
        Ok(())
    }

    pub fn assign_variable(&mut self, name: &str, value: Value) -> Outcome<()> {
        if value.size() > MAX_TEXT {
            return Err(too_long());
        }
        if let Some(slot) = self.locals.last_mut().and_then(|locals| locals.get_mut(name)) {
            *slot = Local::Value(value);
            return Ok(());
        }
        if name == "NF" {
            let count = value.number().max(0.0) as usize;
            if count > 10_000 {
                return Err("more than 10000 fields are not supported in this terminal".to_owned());
            }
            self.fields.resize(count, String::new());
            return self.join_line();
        }
        self.variables.insert(name.to_owned(), value);
        Ok(())
    }

    /// The array that a name stands for here.
    pub fn array_name(&mut self, name: &str) -> String {
        let depth = self.locals.len();
        match self.locals.last_mut().and_then(|locals| locals.get_mut(name)) {
            Some(Local::Array(array)) => array.clone(),
            Some(local @ Local::Unknown(_)) => {
                let Local::Unknown(array) = std::mem::replace(local, Local::Value(Value::Unset)) else {
                    return name.to_owned();
                };
                *local = Local::Array(array.clone());
                array
            }
            // A local variable becomes an array by being used as one.
            Some(local) => {
                let own = format!("{depth} {name}");
                self.arrays.remove(&own);
                *local = Local::Array(own.clone());
                own
            }
            None => name.to_owned(),
        }
    }

    /// An element, made if it is not there.
    pub fn element(&mut self, name: &str, key: String) -> Outcome<&mut Value> {
        let name = self.array_name(name);
        self.bytes += key.len();
        let array = self.arrays.entry(name).or_default();
        if !array.elements.contains_key(&key) {
            self.elements += 1;
            array.added += 1;
        }
        if self.elements > MAX_ELEMENTS || self.bytes > MAX_BYTES {
            return Err(format!("more than {MAX_ELEMENTS} elements or {MAX_BYTES} bytes of them; stopped"));
        }
        let place = array.added;
        Ok(&mut array.elements.entry(key).or_insert((place, Value::Unset)).1)
    }

    pub fn set_element(&mut self, name: &str, key: String, value: Value) -> Outcome<()> {
        if value.size() > MAX_TEXT {
            return Err(too_long());
        }
        self.spend(value.size() / 64)?;
        self.bytes += value.size();
        *self.element(name, key)? = value;
        Ok(())
    }

    /// Empties an array.
    pub fn clear(&mut self, name: &str) {
        let name = self.array_name(name);
        self.elements -= self.arrays.remove(&name).map_or(0, |array| array.elements.len());
    }

    /// A compiled regular expression.
    pub fn regex(&mut self, pattern: &str) -> Outcome<Rc<Regex>> {
        if let Some((_, regex)) = self.kept.iter().find(|(known, _)| known == pattern) {
            return Ok(Rc::clone(regex));
        }
        self.spend(1_000)?;
        let regex = Rc::new(compile(pattern, Syntax::Extended, false)?);
        if self.kept.len() >= MAX_KEPT {
            self.kept.remove(0);
        }
        self.kept.push((pattern.to_owned(), Rc::clone(&regex)));
        Ok(regex)
    }

    /// The fields of a text.
    pub fn split(&mut self, text: &str, separator: &str) -> Outcome<Vec<String>> {
        self.spend(1 + text.len() / 8)?;
        if text.is_empty() {
            return Ok(Vec::new());
        }
        Ok(match separator {
            " " => text.split_ascii_whitespace().map(str::to_owned).collect(),
            "" => text.chars().map(String::from).collect(),
            one if one.chars().count() == 1 && one != "\\" => text.split(one).map(str::to_owned).collect(),
            pattern => {
                let regex = self.regex(pattern)?;
                regex.split(text).map(str::to_owned).collect()
            }
        })
    }
}

pub(super) fn too_long() -> String {
    format!("a text longer than {MAX_TEXT} bytes is not supported in this terminal")
}
