//! Running a filter: every filter gives any number of values for one, each handed on as soon as it is there.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::{Number, Value, json};

use super::bindings::{Fold, destructure, fold};
use super::made::made;
use super::parse::{Definition, Filter};
use super::{functions, values};

/// How many steps one call takes: evaluated filters, and the values and bytes that they touch. All of them together take
/// less than a fifth of a second in a browser.
pub(super) const MAX_STEPS: usize = 700_000;
/// How deep filters may be evaluated inside each other.
const MAX_DEPTH: usize = 250;
/// How deep values may stand in each other.
const MAX_VALUE_DEPTH: usize = 300;

/// Why a filter stopped.
#[derive(Debug)]
pub(super) enum Error {
    /// An error of jq, mostly a message; `try` catches it.
    Value(Value),
    /// `break` to the label of that number.
    Break(usize),
    /// `halt`, `halt_error`: the exit code, and what is printed before.
    Halt(i32, String),
    /// A bound of this program.
    Limit(String),
}

pub(super) type Outcome<T> = Result<T, Error>;

/// An error that `try` catches.
pub(super) fn fail<T>(message: impl Into<String>) -> Outcome<T> {
    Err(Error::Value(Value::String(message.into())))
}

/// What a call has to work with, and what is left of its bounds over all inputs.
#[derive(Debug)]
pub(super) struct Machine {
    left: usize,
    depth: usize,
    labels: usize,
    /// The inputs that have not been read, each with the line it ends on.
    pub inputs: VecDeque<(Value, Option<usize>)>,
    /// What `$ENV` is.
    pub environment: Value,
    /// Seconds since 1970.
    pub now: i64,
    /// What `debug` and `stderr` print.
    pub messages: String,
}

/// Where a value stands in the input, while paths are asked for.
pub(super) type Trail<'t> = Option<&'t [Value]>;

/// Takes the values that a filter gives.
pub(super) type Emit<'e> = dyn FnMut(&mut Machine, Cow<'_, Value>, Trail<'_>) -> Outcome<()> + 'e;

/// What the numbers of variables, functions and labels stand for.
#[derive(Clone, Default)]
pub(super) struct Env<'p>(Option<Rc<Node<'p>>>);

struct Node<'p> {
    id: usize,
    bound: Bound<'p>,
    parent: Env<'p>,
}

/// What a number stands for.
pub(super) enum Bound<'p> {
    Value(Value),
    /// An argument with what its numbers stand for.
    Filter(&'p Filter, Env<'p>),
    Function(&'p Definition),
    Label(usize),
}

impl<'p> Env<'p> {
    fn with(&self, id: usize, bound: Bound<'p>) -> Self {
        Self(Some(Rc::new(Node { id, bound, parent: self.clone() })))
    }

    /// With a variable.
    pub fn with_value(&self, id: usize, value: Value) -> Self {
        self.with(id, Bound::Value(value))
    }

    /// Itself, begun at what a number stands for.
    fn find(&self, id: usize) -> Option<&Self> {
        let mut env = self;
        while let Some(node) = &env.0 {
            if node.id == id {
                return Some(env);
            }
            env = &node.parent;
        }
        None
    }

    /// What a number stands for.
    pub fn bound(&self, id: usize) -> Option<&Bound<'p>> {
        self.find(id)?.0.as_ref().map(|node| &node.bound)
    }
}

impl Machine {
    pub fn new(environment: Value, now: i64) -> Self {
        Self {
            left: MAX_STEPS,
            depth: 0,
            labels: 0,
            inputs: VecDeque::new(),
            environment,
            now,
            messages: String::new(),
        }
    }

    /// Takes `steps` off.
    pub fn spend(&mut self, steps: usize) -> Outcome<()> {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Error::Limit(format!("the filter takes more than {MAX_STEPS} steps; stopped"))),
        }
    }

    /// A value of its own, paid for by its size if it is a copy.
    pub fn own(&mut self, value: Cow<'_, Value>) -> Outcome<Value> {
        match value {
            Cow::Owned(value) => Ok(value),
            Cow::Borrowed(value) => self.copy(value),
        }
    }

    /// A copy of a value, paid for by its size.
    pub fn copy(&mut self, value: &Value) -> Outcome<Value> {
        let steps = size(value, 0)?;
        self.spend(steps)?;
        Ok(value.clone())
    }

    /// The number of a label that is used nowhere else.
    pub fn label(&mut self) -> usize {
        self.labels += 1;
        self.labels
    }
}

/// How many steps a copy costs.
pub(super) fn size(value: &Value, depth: usize) -> Outcome<usize> {
    if depth > MAX_VALUE_DEPTH {
        return Err(Error::Limit(format!("values more than {MAX_VALUE_DEPTH} deep; stopped")));
    }
    Ok(match value {
        Value::Array(items) => {
            let mut sum = 1;
            for item in items {
                sum += size(item, depth + 1)?;
            }
            sum
        }
        Value::Object(members) => {
            let mut sum = 1;
            for (name, item) in members {
                sum += 1 + name.len() / 64 + size(item, depth + 1)?;
            }
            sum
        }
        Value::String(text) => 1 + text.len() / 64,
        _ => 1,
    })
}

/// How many steps it takes to sort so many values.
pub(super) fn sorting(count: usize) -> usize {
    count.saturating_mul(count.checked_ilog2().unwrap_or(0) as usize) / 4
}

/// All values of `filter` for `input`.
pub(super) fn all<'p>(m: &mut Machine, filter: &'p Filter, env: &Env<'p>, input: &Value) -> Outcome<Vec<Value>> {
    if let Filter::Literal(value) = filter {
        return Ok(vec![m.copy(value)?]);
    }
    let mut out = Vec::new();
    eval(m, filter, env, input, None, &mut |m, value, _| {
        out.push(m.own(value)?);
        Ok(())
    })?;
    Ok(out)
}

/// Hands every value of `filter` for `input` to `emit`. With a trail, that of every value goes with it.
pub(super) fn eval<'p>(
    m: &mut Machine,
    filter: &'p Filter,
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    m.spend(1)?;
    m.depth += 1;
    if m.depth > MAX_DEPTH {
        return Err(Error::Limit(format!("filters call each other more than {MAX_DEPTH} deep; stopped")));
    }
    let result = match filter {
        Filter::Identity => emit(m, Cow::Borrowed(input), trail),
        Filter::Pipe(first, second) => {
            eval(m, first, env, input, trail, &mut |m, value, trail| eval(m, second, env, &value, trail, emit))
        }
        Filter::Comma(first, second) => {
            eval(m, first, env, input, trail, emit).and_then(|()| eval(m, second, env, input, trail, emit))
        }
        Filter::Recurse => recurse(m, input, trail, emit, 0),
        Filter::Index(of, index) => indexed(m, of, index, env, input, trail, emit),
        Filter::Slice(of, from, to) => sliced(m, of, [from.as_deref(), to.as_deref()], env, input, trail, emit),
        Filter::Iterate(of) => eval(m, of, env, input, trail, &mut |m, value, trail| {
            items(m, &value, trail, &mut |m, item, trail| emit(m, Cow::Borrowed(item), trail))
        }),
        Filter::Try(body, handler) => attempt(m, body, handler.as_deref(), env, input, trail, emit),
        Filter::Binary("//", left, right) => alternative(m, left, right, env, input, trail, emit),
        Filter::Bind(source, patterns, body) => eval(m, source, env, input, None, &mut |m, value, _| {
            destructure(m, patterns, env, &value, input, &mut |m, env| eval(m, body, env, input, trail, emit))
        }),
        Filter::Reduce(source, pattern, init, update) => {
            fold(m, (source, pattern), [init, update], Fold::Reduce, env, input, emit)
        }
        Filter::Foreach(source, pattern, init, update, extract) => {
            fold(m, (source, pattern), [init, update], Fold::Foreach(extract.as_deref()), env, input, emit)
        }
        Filter::If(branches, otherwise) => choose(m, branches, otherwise, env, input, trail, emit),
        Filter::Call(name, arguments) => functions::call(m, name, arguments, env, input, trail, emit),
        Filter::Define(definition, rest) => {
            eval(m, rest, &env.with(definition.id, Bound::Function(definition)), input, trail, emit)
        }
        Filter::User(id, arguments) => match env.find(*id).and_then(|at| Some((at, at.bound(*id)?))) {
            Some((_, Bound::Filter(filter, env))) => eval(m, filter, &env.clone(), input, trail, emit),
            Some((at, Bound::Function(definition))) => {
                invoke(m, (definition, 0, arguments), &at.clone(), env, input, trail, emit)
            }
            _ => Ok(()),
        },
        Filter::Library(cell, arguments) => match cell.get() {
            Some(definition) => {
                let at = Env::default().with(definition.id, Bound::Function(definition));
                invoke(m, (definition, 0, arguments), &at, env, input, trail, emit)
            }
            None => Ok(()),
        },
        Filter::Label(id, body) => {
            let label = m.label();
            match eval(m, body, &env.with(*id, Bound::Label(label)), input, trail, emit) {
                Err(Error::Break(to)) if to == label => Ok(()),
                other => other,
            }
        }
        Filter::Break(id) => match env.bound(*id) {
            Some(Bound::Label(label)) => Err(Error::Break(*label)),
            _ => Ok(()),
        },
        _ => made(m, filter, env, input, trail, emit),
    };
    m.depth -= 1;
    result
}

/// A trail that goes on to a member.
pub(super) fn onward(trail: Trail<'_>, key: impl FnOnce() -> Value) -> Option<Vec<Value>> {
    trail.map(|trail| trail.iter().cloned().chain([key()]).collect())
}

/// Everything that `.[]` goes over.
pub(super) fn items(
    m: &mut Machine,
    value: &Value,
    trail: Trail<'_>,
    each: &mut dyn FnMut(&mut Machine, &Value, Trail<'_>) -> Outcome<()>,
) -> Outcome<()> {
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(at, item)| each(m, item, onward(trail, || Value::from(at)).as_deref())),
        Value::Object(members) => {
            members.iter().try_for_each(|(name, item)| each(m, item, onward(trail, || name.as_str().into()).as_deref()))
        }
        value => fail(format!("Cannot iterate over {}", values::described(value))),
    }
}

#[inline(never)]
fn recurse(m: &mut Machine, value: &Value, trail: Trail<'_>, emit: &mut Emit<'_>, depth: usize) -> Outcome<()> {
    m.spend(1)?;
    if depth > MAX_VALUE_DEPTH {
        return Err(Error::Limit(format!("values more than {MAX_VALUE_DEPTH} deep; stopped")));
    }
    emit(m, Cow::Borrowed(value), trail)?;
    match value {
        Value::Array(_) | Value::Object(_) => {
            items(m, value, trail, &mut |m, item, trail| recurse(m, item, trail, emit, depth + 1))
        }
        _ => Ok(()),
    }
}

#[inline(never)]
fn indexed<'p>(
    m: &mut Machine,
    of: &'p Filter,
    index: &'p Filter,
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    for index in all(m, index, env, input)? {
        eval(m, of, env, input, trail, &mut |m, value, trail| {
            let found = values::index(m, &value, &index)?;
            emit(m, found, onward(trail, || index.clone()).as_deref())
        })?;
    }
    Ok(())
}

#[inline(never)]
fn sliced<'p>(
    m: &mut Machine,
    of: &'p Filter,
    [from, to]: [Option<&'p Filter>; 2],
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    let bounds = |m: &mut Machine, filter: Option<&'p Filter>| match filter {
        None => Ok(vec![Value::Null]),
        Some(filter) => all(m, filter, env, input),
    };
    let froms = bounds(m, from)?;
    for to in bounds(m, to)? {
        for from in &froms {
            eval(m, of, env, input, trail, &mut |m, value, trail| {
                let found = values::slice(m, &value, from, &to)?;
                emit(m, Cow::Owned(found), onward(trail, || json!({"start": from, "end": to})).as_deref())
            })?;
        }
    }
    Ok(())
}

/// Runs `body` so that errors of what takes its values pass through: `Ok` of what happened in `body` itself.
#[inline(never)]
fn apart<'p>(
    m: &mut Machine,
    body: &'p Filter,
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<Outcome<()>> {
    let stop = m.label();
    let mut after = None;
    let result = eval(m, body, env, input, trail, &mut |m, value, trail| {
        emit(m, value, trail).map_err(|error| {
            after = Some(error);
            Error::Break(stop)
        })
    });
    match after {
        Some(error) => Err(error),
        None => Ok(result),
    }
}

#[inline(never)]
fn attempt<'p>(
    m: &mut Machine,
    body: &'p Filter,
    handler: Option<&'p Filter>,
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    match (apart(m, body, env, input, trail, emit)?, handler) {
        (Err(Error::Value(_)), None) => Ok(()),
        (Err(Error::Value(error)), Some(handler)) => eval(m, handler, env, &error, None, emit),
        (result, _) => result,
    }
}

/// `left // right`.
#[inline(never)]
fn alternative<'p>(
    m: &mut Machine,
    left: &'p Filter,
    right: &'p Filter,
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    let mut any = false;
    let result = apart(m, left, env, input, trail, &mut |m, value, trail| {
        if !holds(&value) {
            return Ok(());
        }
        any = true;
        emit(m, value, trail)
    })?;
    match result {
        Ok(()) | Err(Error::Value(_)) if any => Ok(()),
        Ok(()) | Err(Error::Value(_)) => eval(m, right, env, input, trail, emit),
        other => other,
    }
}

/// Calls a function from its parameter `at` on; `inner` is what the numbers in it stand for.
#[inline(never)]
fn invoke<'p>(
    m: &mut Machine,
    (definition, at, arguments): (&'p Definition, usize, &'p [Filter]),
    inner: &Env<'p>,
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    let mut inner = inner.clone();
    for (at, ((id, variable), argument)) in definition.parameters.iter().zip(arguments).enumerate().skip(at) {
        inner = inner.with(*id, Bound::Filter(argument, env.clone()));
        let Some(variable) = variable else { continue };
        return eval(m, argument, env, input, None, &mut |m, value, _| {
            let inner = inner.with_value(*variable, m.own(value)?);
            invoke(m, (definition, at + 1, arguments), &inner, env, input, trail, emit)
        });
    }
    eval(m, &definition.body, &inner, input, trail, emit)
}

#[inline(never)]
fn choose<'p>(
    m: &mut Machine,
    branches: &'p [(Filter, Filter)],
    otherwise: &'p Filter,
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    let Some(((condition, body), rest)) = branches.split_first() else {
        return eval(m, otherwise, env, input, trail, emit);
    };
    eval(m, condition, env, input, None, &mut |m, value, _| match holds(&value) {
        true => eval(m, body, env, input, trail, emit),
        false => choose(m, rest, otherwise, env, input, trail, emit),
    })
}

/// Everything but `null` and `false`.
pub(super) fn holds(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

/// A number as a value: whole if it is.
pub(super) fn number_value(number: f64) -> Value {
    if number == number.trunc() && number.abs() < 9e15 {
        return Value::from(number as i64);
    }
    // JSON has no infinity: jq prints the greatest number.
    let finite = if number.is_nan() { return Value::Null } else { number.clamp(f64::MIN, f64::MAX) };
    Number::from_f64(finite).map_or(Value::Null, Value::Number)
}
