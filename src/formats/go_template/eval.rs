//! Running a template.

use serde_json::Value;

use super::functions::{self, printed};
use super::parse::{Base, Block, Command, Node, Pipe, Templates, Term};
use crate::formats::{cost, go_values, ordered};

/// How many steps one run takes: evaluated parts of the template, and the cost of the values that they copy.
const MAX_STEPS: usize = 1_000_000;
/// How much it prints.
const MAX_OUTPUT: usize = 2_000_000;
/// How deep templates call each other.
const MAX_CALLS: usize = 50;

/// A run of a template.
pub struct Run<'t> {
    source: &'t str,
    templates: &'t Templates,
    template: &'t str,
    data: &'t Value,
    strict: bool,
    variables: Vec<(String, Value)>,
    steps: usize,
    calls: usize,
    /// What was printed.
    pub out: String,
}

/// How a list of nodes ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

impl<'t> Run<'t> {
    /// A run on `data`.
    pub fn new(source: &'t str, templates: &'t Templates, data: &'t Value, strict: bool) -> Self {
        let variables = vec![("$".to_owned(), data.clone())];
        let template = "output";
        Self { source, templates, template, data, strict, variables, steps: 0, calls: 0, out: String::new() }
    }

    /// Runs the main template.
    pub fn all(&mut self) -> Result<(), String> {
        let (templates, data) = (self.templates, self.data);
        let main = templates.get("output").map(Vec::as_slice).unwrap_or_default();
        self.nodes(main, data).map(|_| ())
    }

    /// A message with its place, as Go words it.
    fn fault(&self, at: usize, text: &str, message: &str) -> String {
        let before = self.source.get(..at).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        let column = at - before.rfind('\n').map_or(0, |newline| newline + 1);
        let shown: String = if text.chars().count() > 20 && text.len() != text.chars().count() {
            text.chars().take(20).collect()
        } else {
            text.to_owned()
        };
        format!("template: output:{line}:{column}: executing {:?} at <{shown}>: {message}", self.template)
    }

    fn spend(&mut self, steps: usize) -> Result<(), String> {
        self.steps += steps;
        if self.steps > MAX_STEPS || self.out.len() > MAX_OUTPUT {
            return Err(format!("the template takes more than {MAX_STEPS} steps or {MAX_OUTPUT} bytes; stopped"));
        }
        Ok(())
    }

    fn nodes(&mut self, nodes: &'t [Node], dot: &Value) -> Result<Flow, String> {
        let known = self.variables.len();
        for node in nodes {
            self.spend(1)?;
            let flow = match node {
                Node::Text(text) => {
                    self.out.push_str(text);
                    Flow::Next
                }
                Node::Print(pipe) => {
                    let value = self.pipe(pipe, dot)?;
                    if pipe.names.is_empty() {
                        self.spend(cost::of(&value))?;
                        self.out.push_str(&printed(&value));
                    }
                    Flow::Next
                }
                Node::Block(block, pipe, body, otherwise) => {
                    let inner = self.variables.len();
                    let flow = self.block(*block, pipe, (body, otherwise), dot)?;
                    self.variables.truncate(inner);
                    flow
                }
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
                Node::Call(name, at, pipe) => {
                    self.call(name, *at, pipe.as_ref(), dot)?;
                    Flow::Next
                }
            };
            if flow != Flow::Next {
                self.variables.truncate(known);
                return Ok(flow);
            }
        }
        self.variables.truncate(known);
        Ok(Flow::Next)
    }

    fn call(&mut self, name: &'t str, at: usize, pipe: Option<&'t Pipe>, dot: &Value) -> Result<(), String> {
        let shown = format!("{{{{template {name:?}}}}}");
        let templates = self.templates;
        let Some((name, body)) = templates.get_key_value(name) else {
            return Err(self.fault(at, &shown, &format!("template {name:?} not defined")));
        };
        if self.calls >= MAX_CALLS {
            return Err(self.fault(at, &shown, "exceeded maximum template depth"));
        }
        let value = match pipe {
            Some(pipe) => self.pipe(pipe, dot)?,
            None => Value::Null,
        };
        let variables = std::mem::replace(&mut self.variables, vec![("$".to_owned(), value.clone())]);
        let template = std::mem::replace(&mut self.template, name);
        self.calls += 1;
        self.nodes(body, &value)?;
        self.calls -= 1;
        self.template = template;
        self.variables = variables;
        Ok(())
    }

    fn block(
        &mut self,
        block: Block,
        pipe: &'t Pipe,
        (body, otherwise): (&'t [Node], &'t [Node]),
        dot: &Value,
    ) -> Result<Flow, String> {
        let value = self.pipe(pipe, dot)?;
        if block != Block::Range {
            return match (functions::is_true(&value), block) {
                (true, Block::With) => self.nodes(body, &value),
                (true, _) => self.nodes(body, dot),
                (false, _) => self.nodes(otherwise, dot),
            };
        }
        // `range $x := …` sets the variables itself.
        self.spend(cost::of(&value))?;
        let names = &pipe.names;
        let known = self.variables.len();
        let pairs: Vec<(Value, Value)> = match &value {
            Value::Array(items) => items.iter().enumerate().map(|(i, item)| (i.into(), item.clone())).collect(),
            Value::Object(members) => {
                ordered::members(members).into_iter().map(|(k, v)| (k.as_str().into(), v.clone())).collect()
            }
            Value::Number(number) if number.as_i64().is_some() => {
                let count = number.as_i64().unwrap_or_default().clamp(0, 1_000_000);
                (0..count).map(|i| (Value::from(i), Value::from(i))).collect()
            }
            Value::Null => Vec::new(),
            other => {
                let (at, text) = pipe.commands.first().map_or((0, ""), |c| (c.at, c.text.as_str()));
                return Err(self.fault(at, text, &format!("range can't iterate over {}", printed(other))));
            }
        };
        if pairs.is_empty() {
            return self.nodes(otherwise, dot);
        }
        for (key, element) in pairs {
            match names.as_slice() {
                [one] => self.keep(one, element.clone(), pipe.assigns),
                [index, one] => {
                    self.keep(index, key, pipe.assigns);
                    self.keep(one, element.clone(), pipe.assigns);
                }
                _ => {}
            }
            let flow = self.nodes(body, &element)?;
            if !pipe.assigns {
                self.variables.truncate(known);
            }
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::Next)
    }

    fn keep(&mut self, name: &str, value: Value, assigns: bool) {
        match self.variables.iter_mut().rev().find(|(known, _)| assigns && known == name) {
            Some((_, old)) => *old = value,
            None => self.variables.push((name.to_owned(), value)),
        }
    }

    fn pipe(&mut self, pipe: &'t Pipe, dot: &Value) -> Result<Value, String> {
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(command, dot, value)?);
        }
        let value = value.unwrap_or_default();
        if let [name] = pipe.names.as_slice() {
            self.keep(name, value.clone(), pipe.assigns);
        }
        Ok(value)
    }

    fn command(&mut self, command: &'t Command, dot: &Value, last: Option<Value>) -> Result<Value, String> {
        self.spend(1)?;
        let Some((first, rest)) = command.terms.split_first() else { return Ok(Value::Null) };
        let Base::Function(name) = &first.base else {
            if !rest.is_empty() || last.is_some() {
                let message = match &first.base {
                    Base::Dot | Base::Variable(_) if !first.fields.is_empty() => {
                        let field = first.fields.last().map(String::as_str).unwrap_or_default();
                        format!("{field} is not a method but has arguments")
                    }
                    _ => format!("can't give argument to non-function {}", first.text),
                };
                return Err(self.fault(first.at, &first.text, &message));
            }
            return self.term(first, dot);
        };
        let mut arguments = Vec::new();
        // These two stop at the first value that decides.
        if matches!(name.as_str(), "and" | "or") {
            let mut value = Value::Null;
            for term in rest {
                value = self.term(term, dot)?;
                if functions::is_true(&value) == (name == "or") {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        for term in rest {
            arguments.push(self.term(term, dot)?);
        }
        arguments.extend(last);
        let value =
            functions::call(name, &arguments).map_err(|message| self.fault(command.at, &command.text, &message))?;
        self.spend(cost::of(&value))?;
        if first.fields.is_empty() { Ok(value) } else { self.member(&value, first, "interface {}") }
    }

    fn term(&mut self, term: &'t Term, dot: &Value) -> Result<Value, String> {
        let value = match &term.base {
            Base::Dot => self.member(dot, term, "interface {}")?,
            Base::Variable(name) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                let value = known.map_or(&Value::Null, |(_, value)| value);
                self.member(value, term, go_values::type_name(value))?
            }
            Base::Value(value) => self.member(value, term, go_values::type_name(value))?,
            Base::Nil if term.text == "nil" => return Err(self.fault(term.at, &term.text, "nil is not a command")),
            Base::Nil => self.member(&Value::Null, term, "")?,
            Base::Function(name) => {
                let value = functions::call(name, &[]).map_err(|message| self.fault(term.at, &term.text, &message))?;
                self.member(&value, term, "interface {}")?
            }
            Base::Pipe(pipe) => {
                let known = self.variables.len();
                let value = self.pipe(pipe, dot)?;
                self.variables.truncate(known);
                self.member(&value, term, go_values::type_name(&value))?
            }
        };
        self.spend(cost::of(&value))?;
        Ok(value)
    }

    /// What the members that a word names, one after the other, lead to in `value`. `kind` is the Go type of `value`.
    fn member(&self, value: &Value, term: &Term, mut kind: &'static str) -> Result<Value, String> {
        let mut value = value;
        for field in &term.fields {
            value = match value {
                Value::Object(members) => match members.get(field) {
                    Some(member) => member,
                    None if self.strict => {
                        return Err(self.fault(term.at, &term.text, &format!("map has no entry for key {field:?}")));
                    }
                    None => &Value::Null,
                },
                Value::Null if self.strict => {
                    return Err(self.fault(term.at, &term.text, &format!("nil data; no entry for key {field:?}")));
                }
                Value::Null => value,
                _ => {
                    let message = format!("can't evaluate field {field} in type {kind}");
                    return Err(self.fault(term.at, &term.text, &message));
                }
            };
            kind = "interface {}";
        }
        Ok(value.clone())
    }
}
