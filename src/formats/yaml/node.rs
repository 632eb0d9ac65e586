//! A YAML document as a tree with positions, before any typing.
//!
//! The nodes lie in one list and name each other by index: nothing here recurses, however deep the text.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::error::{Error, translate};

/// The longest text that is read, in bytes. The API server takes 3 MiB; nobody types more than this.
pub const MAX_BYTES: usize = 1 << 20;
/// How deep lists and mappings may nest. go-yaml allows 10,000.
pub const MAX_DEPTH: usize = 100;

/// The index of a node in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(usize);

/// A node and where it starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The kinds of nodes.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A scalar as written (quotes, escapes and folding undone).
    Scalar {
        /// The text.
        text: String,
        /// True if it stood without quotes and not as a block.
        plain: bool,
        /// The tag, written short (`!!str`, `!local`).
        tag: Option<String>,
    },
    /// A list.
    Sequence(Vec<NodeId>),
    /// A mapping, in the order of the text, repeated keys included.
    Mapping(Vec<(NodeId, NodeId)>),
    /// `*name`, standing for the node that carries `&name`. That node may contain the alias.
    Alias(NodeId),
}

/// The first document of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    nodes: Vec<Node>,
    root: Option<NodeId>,
}

impl Document {
    /// The outermost node; `None` for a text without content.
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// The node with this index; `None` if it belongs to another document.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0)
    }

    /// The node with this index, or what it stands for if it is an alias.
    pub fn resolved(&self, id: NodeId) -> Option<&Node> {
        let node = self.node(id)?;
        // An alias never names an alias: anchors sit on content.
        if let Kind::Alias(target) = &node.kind { self.node(*target) } else { Some(node) }
    }
}

/// A list or mapping whose end has not been seen.
struct Open {
    id: NodeId,
    /// The key that waits for its value.
    key: Option<NodeId>,
}

/// Reads the first document of `text`. What follows it is not looked at (iam 4.1).
///
/// # Errors
/// Syntax errors, unknown anchors, and a text that is too long or too deep.
pub fn parse(text: &str) -> Result<Document, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_BYTES {
        return Err(Error::unplaced(format!("the text is longer than {MAX_BYTES} bytes"), 0, 0));
    }
    if let Some((line, column)) = control_character(text) {
        return Err(Error::unplaced("control characters are not allowed", line, column));
    }
    let mut document = Document { nodes: Vec::new(), root: None };
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: BTreeMap<usize, NodeId> = BTreeMap::new();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| translate(&error, text))?;
        let (kind, anchor) = match event {
            Event::Scalar(value, style, anchor, tag) => {
                let tag = tag.as_deref().map(short_tag);
                (Kind::Scalar { text: value.into_owned(), plain: style == ScalarStyle::Plain, tag }, anchor)
            }
            Event::SequenceStart(anchor, _) => (Kind::Sequence(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => (Kind::Mapping(Vec::new()), anchor),
            Event::Alias(anchor) => match anchors.get(&anchor) {
                Some(target) => (Kind::Alias(*target), 0),
                None => return Err(unknown_anchor(text, span.start.line(), span.start.col() + 1)),
            },
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
                continue;
            }
            Event::DocumentEnd | Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        let container = matches!(kind, Kind::Sequence(_) | Kind::Mapping(_));
        let id = NodeId(document.nodes.len());
        document.nodes.push(Node { kind, line: span.start.line(), column: span.start.col() + 1 });
        if anchor != 0 {
            anchors.insert(anchor, id);
        }
        attach(&mut document, open.last_mut(), id);
        if container {
            if open.len() >= MAX_DEPTH {
                let (line, column) = (span.start.line(), span.start.col() + 1);
                return Err(Error::unplaced(format!("exceeded max depth of {MAX_DEPTH}"), line, column));
            }
            open.push(Open { id, key: None });
        }
    }
    Ok(document)
}

/// Hangs node `id` into the list or mapping it belongs to.
fn attach(document: &mut Document, parent: Option<&mut Open>, id: NodeId) {
    let Some(parent) = parent else {
        document.root = Some(id);
        return;
    };
    match document.nodes.get_mut(parent.id.0).map(|node| &mut node.kind) {
        Some(Kind::Sequence(items)) => items.push(id),
        Some(Kind::Mapping(members)) => match parent.key.take() {
            None => parent.key = Some(id),
            Some(key) => members.push((key, id)),
        },
        _ => {}
    }
}

/// The place of the first character that YAML does not allow anywhere.
fn control_character(text: &str) -> Option<(usize, usize)> {
    let allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}') || c >= '\u{10000}';
    text.split('\n').enumerate().find_map(|(line, words)| {
        let column = words.chars().position(|c| !allowed(c))?;
        Some((line + 1, column + 1))
    })
}

/// The alias at this place names no anchor.
pub(super) fn unknown_anchor(text: &str, line: usize, column: usize) -> Error {
    let name = alias_name(text, line, column);
    Error::unplaced(format!("unknown anchor '{name}' referenced"), line, column)
}

/// The name in the alias `*name` at this place.
pub(super) fn alias_name(text: &str, line: usize, column: usize) -> String {
    let words = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    words.chars().skip(column).take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect()
}

/// `!!str` for the tags of the YAML schema, else as written.
fn short_tag(tag: &Tag) -> String {
    if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix) } else { format!("{}{}", tag.handle, tag.suffix) }
}
