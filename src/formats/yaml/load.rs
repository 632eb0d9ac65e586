//! The one YAML loader: manifests, kubeconfig and aws-auth, read as kubectl and the authenticator read them.
//!
//! That is sigs.k8s.io/yaml on go-yaml v2 (iam 4.1): YAML 1.1 typing of plain scalars, merge keys, of repeated keys the
//! last wins, keys that are not text become text, and the members of the result are sorted.
//! Hostile input costs no more than [`MAX_BYTES`], [`MAX_DEPTH`], [`MAX_NODES`] allow.

use std::collections::BTreeMap;

use base64::Engine;
use serde_json::{Map, Value};

pub use super::error::Error;
use super::node::{self, Document, Kind, Node, NodeId};
pub use super::node::{MAX_BYTES, MAX_DEPTH};
use super::scalar::{self, Scalar};
pub use super::stream::{load_documents, load_stream};
use crate::formats::ordered;

/// How many nodes a document may have once its aliases are replaced by what they stand for.
/// go-yaml compares the share of aliased nodes instead; that bound comes first in small documents.
pub const MAX_NODES: usize = 200_000;

/// How much of a value a message shows, in bytes or a little more.
const LONGEST_SHOWN: usize = 2000;

/// A place in a text: line and column, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column in characters.
    pub column: usize,
}

/// A value and the places of its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned {
    /// The first document.
    pub value: Value,
    /// JSON pointer (`/0/rolearn`, `` for the whole) to place: of a member its key, of a list item its first character.
    pub positions: BTreeMap<String, Position>,
}

impl Spanned {
    /// The line of the part that `pointer` names, or of its nearest ancestor that has a place.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        let mut pointer = pointer;
        loop {
            if let Some(position) = self.positions.get(pointer) {
                return Some(position.line);
            }
            pointer = pointer.get(..pointer.rfind('/')?)?;
        }
    }
}

/// The first document of `text` as JSON. A text without content is null.
///
/// # Errors
/// Syntax errors and exceeded limits, in go-yaml's words.
pub fn load(text: &str) -> Result<Value, Error> {
    let document = node::parse(text)?;
    let Some(root) = document.root() else { return Ok(Value::Null) };
    let mut reader = Reader::new(&document, text);
    reader.value(root)
}

/// Like [`load`], with the place of every part.
///
/// # Errors
/// As [`load`].
pub fn load_spanned(text: &str) -> Result<Spanned, Error> {
    let document = node::parse(text)?;
    let Some(root) = document.root() else { return Ok(Spanned { value: Value::Null, positions: BTreeMap::new() }) };
    let mut reader = Reader::new(&document, text);
    reader.positions = Some(BTreeMap::new());
    reader.note(root);
    let value = reader.value(root)?;
    Ok(Spanned { value, positions: reader.positions.unwrap_or_default() })
}

/// Turns nodes into JSON values.
struct Reader<'a> {
    document: &'a Document,
    text: &'a str,
    /// Anchored nodes that are being expanded, to find one that contains itself.
    expanding: Vec<NodeId>,
    /// Nodes made so far, and how many of them below an alias.
    made: usize,
    aliased: usize,
    /// Places, and the pointer to the value at hand, if they are wanted.
    positions: Option<BTreeMap<String, Position>>,
    pointer: String,
}

impl<'a> Reader<'a> {
    fn new(document: &'a Document, text: &'a str) -> Self {
        Self { document, text, expanding: Vec::new(), made: 0, aliased: 0, positions: None, pointer: String::new() }
    }

    /// The value of a node. Recursion is bounded by [`MAX_DEPTH`] times the number of aliases inside one another,
    /// which [`Reader::count`] bounds too.
    fn value(&mut self, id: NodeId) -> Result<Value, Error> {
        let Some(node) = self.document.node(id) else { return Ok(Value::Null) };
        self.count(node)?;
        match &node.kind {
            Kind::Scalar { text, plain, tag } => scalar_value(node, text, *plain, tag.as_deref()),
            Kind::Sequence(items) => {
                let mut values = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let value = self.below(&index.to_string(), *item, *item)?;
                    values.push(value);
                }
                Ok(Value::Array(values))
            }
            Kind::Mapping(members) => {
                let mut map = Map::new();
                self.members(members, &mut map)?;
                Ok(Value::Object(ordered::by_name(map)))
            }
            Kind::Alias(target) => self.within_alias(node, *target, |reader| reader.value(*target)),
        }
    }

    /// Puts the members of a mapping into `map`. As in go-yaml v2, a merge key acts at its place: it replaces members
    /// that stand before it and is replaced by those after it.
    fn members(&mut self, members: &[(NodeId, NodeId)], map: &mut Map<String, Value>) -> Result<(), Error> {
        for (key, value) in members {
            let Some(node) = self.document.node(*key) else { continue };
            if is_merge(node) {
                self.merge(*value, map)?;
                continue;
            }
            let name = self.key(*key, *value)?;
            let value = self.below(&name, *key, *value)?;
            map.insert(name, value);
        }
        Ok(())
    }

    /// The value of a merge key: a mapping or a list of mappings, of which the first wins.
    fn merge(&mut self, id: NodeId, map: &mut Map<String, Value>) -> Result<(), Error> {
        let sources: Vec<NodeId> = match self.document.node(id).map(|node| &node.kind) {
            Some(Kind::Sequence(items)) => items.iter().rev().copied().collect(),
            _ => vec![id],
        };
        for id in sources {
            let Some(node) = self.document.node(id) else { continue };
            let Some(Kind::Mapping(members)) = self.document.resolved(id).map(|node| &node.kind) else {
                let message = "map merge requires map or sequence of maps as the value";
                return Err(Error::unplaced(message, node.line, node.column));
            };
            match node.kind {
                Kind::Alias(target) => self.within_alias(node, target, |reader| reader.members(members, map))?,
                _ => self.members(members, map)?,
            }
        }
        Ok(())
    }

    /// The key `id` as text. Numbers and booleans are printed, anything else is refused; the refusal shows the value.
    fn key(&mut self, id: NodeId, value: NodeId) -> Result<String, Error> {
        let (Some(at), Some(node)) = (self.document.node(id), self.document.resolved(id)) else {
            return Ok(String::new());
        };
        self.count(at)?;
        let Kind::Scalar { text, plain, tag } = &node.kind else {
            self.value(id)?;
            return Err(Error::unplaced(format!("invalid map key: {}", self.go_syntax(id)), at.line, at.column));
        };
        let refuse = |kind: &str, key: String| {
            let value = match self.go_syntax(value) {
                nil if nil == "interface {}(nil)" => "<nil>".to_owned(),
                value => value,
            };
            let message = format!("unsupported map key of type: {kind}, key: {key}, value: {value}");
            Err(Error::bare(message, at.line, at.column))
        };
        match scalar_type(node, text, *plain, tag.as_deref())? {
            Typed::Text(text) => Ok(text),
            Typed::Plain(Scalar::Null) => refuse("%!s(<nil>)", "<nil>".to_owned()),
            Typed::Plain(Scalar::Bool(b)) => Ok(b.to_string()),
            Typed::Plain(Scalar::Int(i)) if i > i128::from(i64::MAX) => refuse("uint64", format!("{i:#x}")),
            Typed::Plain(Scalar::Int(i)) => Ok(i.to_string()),
            Typed::Plain(Scalar::Float(f)) => Ok(float_key(f)),
            Typed::Plain(Scalar::Text) => Ok(text.clone()),
        }
    }

    /// Reads the value `id` that hangs below the value at hand under `name`, and notes the place of `place`.
    fn below(&mut self, name: &str, place: NodeId, id: NodeId) -> Result<Value, Error> {
        if self.positions.is_none() {
            return self.value(id);
        }
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        self.note(place);
        let value = self.value(id);
        self.pointer.truncate(length);
        value
    }

    fn note(&mut self, place: NodeId) {
        if let (Some(positions), Some(node)) = (&mut self.positions, self.document.node(place)) {
            positions.insert(self.pointer.clone(), Position { line: node.line, column: node.column });
        }
    }

    fn within_alias<T>(
        &mut self,
        alias: &Node,
        target: NodeId,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.expanding.contains(&target) {
            let name = node::alias_name(self.text, alias.line, alias.column);
            return Err(Error::unplaced(format!("anchor '{name}' value contains itself"), alias.line, alias.column));
        }
        if self.expanding.len() >= MAX_DEPTH {
            return Err(Error::unplaced(format!("exceeded max depth of {MAX_DEPTH}"), alias.line, alias.column));
        }
        self.expanding.push(target);
        let result = read(self);
        self.expanding.pop();
        result
    }

    /// Counts a node, and stops where aliases blow the document up: more than 99 nodes of 100 from aliases in a
    /// document of more than 1000, which is go-yaml's rule, or more than [`MAX_NODES`] in all.
    fn count(&mut self, node: &Node) -> Result<(), Error> {
        self.made += 1;
        if !self.expanding.is_empty() {
            self.aliased += 1;
        }
        let mostly_aliases = self.aliased > 100 && self.made > 1000 && self.aliased * 100 > self.made * 99;
        if mostly_aliases || self.made > MAX_NODES && self.aliased > 0 {
            return Err(Error::unplaced("document contains excessive aliasing", node.line, node.column));
        }
        Ok(())
    }

    /// A value as Go's `%#v` shows it, which is how go-yaml names a key that is a list or mapping.
    fn go_syntax(&self, id: NodeId) -> String {
        let mut length = 0;
        self.go_syntax_within(id, &mut length)
    }

    /// `length` counts what has been written: a long value is cut short, which bounds a value that contains itself.
    fn go_syntax_within(&self, id: NodeId, length: &mut usize) -> String {
        let Some(node) = self.document.resolved(id) else { return String::new() };
        if *length > LONGEST_SHOWN {
            return "…".to_owned();
        }
        match &node.kind {
            Kind::Scalar { text, plain, tag } => {
                *length += text.len();
                match scalar_type(node, text, *plain, tag.as_deref()) {
                    Ok(Typed::Plain(Scalar::Null)) => "interface {}(nil)".to_owned(),
                    Ok(Typed::Plain(Scalar::Bool(value))) => value.to_string(),
                    Ok(Typed::Plain(Scalar::Int(value))) => value.to_string(),
                    Ok(Typed::Plain(Scalar::Float(value))) => value.to_string(),
                    Ok(Typed::Plain(Scalar::Text)) => format!("{text:?}"),
                    Ok(Typed::Text(text)) => format!("{text:?}"),
                    Err(_) => text.clone(),
                }
            }
            Kind::Sequence(items) => {
                *length += "[]interface {}{}".len();
                let items: Vec<_> =
                    items.iter().take(LONGEST_SHOWN).map(|item| self.go_syntax_within(*item, length)).collect();
                format!("[]interface {{}}{{{}}}", items.join(", "))
            }
            Kind::Mapping(members) => {
                *length += "map[interface {}]interface {}{}".len();
                let mut shown = Vec::new();
                for (key, value) in members {
                    shown.push(format!(
                        "{}:{}",
                        self.go_syntax_within(*key, length),
                        self.go_syntax_within(*value, length)
                    ));
                }
                ordered::sort(&mut shown);
                format!("map[interface {{}}]interface {{}}{{{}}}", shown.join(", "))
            }
            Kind::Alias(_) => String::new(),
        }
    }
}

/// A scalar once its tag has been heeded.
enum Typed {
    /// The type that the words themselves have.
    Plain(Scalar),
    /// Text, perhaps not the one written (`!!binary`).
    Text(String),
}

fn is_merge(node: &Node) -> bool {
    matches!(&node.kind, Kind::Scalar { text, plain, tag }
        if text == "<<" && (*plain && tag.is_none() || tag.as_deref() == Some("!!merge")))
}

fn scalar_type(node: &Node, text: &str, plain: bool, tag: Option<&str>) -> Result<Typed, Error> {
    let wanted = match tag {
        None if plain => return Ok(Typed::Plain(scalar::resolve(text))),
        Some("!!binary") => {
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(text.replace(['\n', '\r'], ""))
                .map_err(|_| Error::unplaced("!!binary value contains invalid base64 data", node.line, node.column))?;
            return Ok(Typed::Text(String::from_utf8_lossy(&bytes).into_owned()));
        }
        Some(wanted @ ("!!bool" | "!!int" | "!!float" | "!!null")) => wanted,
        _ => return Ok(Typed::Text(text.to_owned())),
    };
    match (scalar::resolve(text), wanted) {
        #[expect(clippy::cast_precision_loss, reason = "what the tag asks for")]
        (Scalar::Int(i), "!!float") => Ok(Typed::Plain(Scalar::Float(i as f64))),
        (found, wanted) if found.tag() == wanted => Ok(Typed::Plain(found)),
        (found, wanted) => {
            let message = format!("cannot decode {} `{text}` as a {wanted}", found.tag());
            Err(Error::unplaced(message, node.line, node.column))
        }
    }
}

fn scalar_value(node: &Node, text: &str, plain: bool, tag: Option<&str>) -> Result<Value, Error> {
    match scalar_type(node, text, plain, tag)? {
        Typed::Text(text) => Ok(Value::String(text)),
        Typed::Plain(scalar) => scalar.to_json(text).ok_or_else(|| {
            let shown = match scalar {
                Scalar::Float(f) if f == f64::INFINITY => "+Inf",
                Scalar::Float(f) if f == f64::NEG_INFINITY => "-Inf",
                _ => "NaN",
            };
            Error::bare(format!("json: unsupported value: {shown}"), node.line, node.column)
        }),
    }
}

/// A number as a key: the shortest digits that tell it apart in single precision, as sigs.k8s.io/yaml prints it.
fn float_key(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    #[expect(clippy::cast_possible_truncation, reason = "single precision is the rule")]
    let single = value as f32;
    let exponent = format!("{single:e}").rsplit_once('e').and_then(|(_, e)| e.parse::<i32>().ok()).unwrap_or_default();
    // Go's shortest `g` format leaves the plain form below 1e-4 and from 1e6 on.
    if single == 0.0 || (-4..6).contains(&exponent) {
        return format!("{single}");
    }
    let text = format!("{single:e}");
    let (digits, _) = text.rsplit_once('e').unwrap_or((&text, ""));
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

#[cfg(test)]
mod tests;
