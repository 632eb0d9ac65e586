//! A YAML document as a tree with positions, before any typing.
//!
//! The nodes lie in one list and name each other by index, so an alias is just another name of a node.

use std::collections::BTreeMap;

use super::error::{Error, Mark, Stage};
use super::token::{Kind as Sign, Scanner, Token};

/// The prefix of the tags that YAML itself defines.
const SCHEMA: &str = "tag:yaml.org,2002:";

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
    let mut parser = Parser {
        scanner: Scanner::new(text),
        nodes: Vec::new(),
        anchors: BTreeMap::new(),
        tag_prefixes: BTreeMap::new(),
        depth: 0,
    };
    let root = parser.document()?;
    Ok(Document { nodes: parser.nodes, root })
}

/// Tokens into nodes. The nesting of calls is that of the nodes, which [`MAX_DEPTH`] bounds.
struct Parser {
    scanner: Scanner,
    nodes: Vec<Node>,
    anchors: BTreeMap<String, NodeId>,
    /// Prefixes of tags by their handles.
    tag_prefixes: BTreeMap<String, String>,
    depth: usize,
}

/// Where a node stands: what may be left out depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In brackets.
    Flow,
    /// In a block.
    Block,
    /// A key or value of a block mapping, where a list needs no indentation.
    BlockMember,
}

type Parsed<T = ()> = Result<T, Error>;

fn fault<T>(message: &str, at: Mark) -> Parsed<T> {
    Err(Error::placed(message, at, Stage::Parser))
}

impl Parser {
    fn peek(&mut self) -> Parsed<&Token> {
        self.scanner.peek()
    }

    /// Skips the next token if it is this one.
    fn skip_if(&mut self, kind: &Sign) -> Parsed<bool> {
        let found = self.peek()?.kind == *kind;
        if found {
            self.scanner.skip();
        }
        Ok(found)
    }

    fn next_is_one_of(&mut self, kinds: &[Sign]) -> Parsed<bool> {
        Ok(kinds.contains(&self.peek()?.kind))
    }

    fn add(&mut self, kind: Kind, at: Mark) -> NodeId {
        self.nodes.push(Node { kind, line: at.line + 1, column: at.column + 1 });
        NodeId(self.nodes.len() - 1)
    }

    /// The scalar that stands where nothing is written.
    fn nothing(&mut self, at: Mark) -> NodeId {
        self.add(Kind::Scalar { text: String::new(), plain: true, tag: None }, at)
    }

    fn document(&mut self) -> Parsed<Option<NodeId>> {
        let directives = self.directives()?;
        let token = self.peek()?;
        let at = token.start;
        match token.kind {
            Sign::StreamEnd if !directives => return Ok(None),
            Sign::DocumentStart => {
                let end = token.end;
                self.scanner.skip();
                if matches!(
                    self.peek()?.kind,
                    Sign::Version(..) | Sign::TagPrefix(..) | Sign::DocumentStart | Sign::DocumentEnd | Sign::StreamEnd
                ) {
                    return Ok(Some(self.nothing(end)));
                }
            }
            _ if directives => return fault("did not find expected <document start>", at),
            _ => {}
        }
        let root = self.node(Place::Block)?;
        // A fault right behind the document counts, what comes later does not.
        self.peek()?;
        Ok(Some(root))
    }

    /// Reads `%YAML` and `%TAG` lines. True if there were any.
    fn directives(&mut self) -> Parsed<bool> {
        let (mut version_seen, mut found) = (false, false);
        loop {
            let token = self.peek()?;
            let at = token.start;
            match token.kind.clone() {
                Sign::Version(..) if version_seen => return fault("found duplicate %YAML directive", at),
                Sign::Version(major, minor) => {
                    if (major.as_str(), minor.as_str()) != ("1", "1") {
                        return fault("found incompatible YAML document", at);
                    }
                    version_seen = true;
                }
                Sign::TagPrefix(handle, prefix) => {
                    if self.tag_prefixes.insert(handle, prefix).is_some() {
                        return fault("found duplicate %TAG directive", at);
                    }
                }
                _ => break,
            }
            found = true;
            self.scanner.skip();
        }
        for (handle, prefix) in [("!", "!"), ("!!", SCHEMA)] {
            self.tag_prefixes.entry(handle.to_owned()).or_insert_with(|| prefix.to_owned());
        }
        Ok(found)
    }

    fn node(&mut self, place: Place) -> Parsed<NodeId> {
        if self.depth >= MAX_DEPTH {
            return Err(Error::too_deep(self.peek()?.start));
        }
        self.depth += 1;
        let node = self.node_within(place);
        self.depth -= 1;
        node
    }

    fn node_within(&mut self, place: Place) -> Parsed<NodeId> {
        let token = self.peek()?;
        let start = token.start;
        if let Sign::Alias(name) = &token.kind {
            let name = name.clone();
            self.scanner.skip();
            return match self.anchors.get(&name) {
                Some(target) => Ok(self.add(Kind::Alias(*target), start)),
                None => {
                    let message = format!("unknown anchor '{name}' referenced");
                    Err(Error::unplaced(message, start.line + 1, start.column + 1))
                }
            };
        }
        let (anchor, tag) = self.properties()?;
        let has_properties = anchor.is_some() || tag.is_some();
        let token = self.peek()?;
        let (at, next) = (token.start, token.kind.clone());
        let in_block = place != Place::Flow;
        let kind = match &next {
            Sign::Scalar { .. } => None,
            Sign::BlockEntry if place == Place::BlockMember => Some(Kind::Sequence(Vec::new())),
            Sign::FlowSequenceStart => Some(Kind::Sequence(Vec::new())),
            Sign::FlowMappingStart => Some(Kind::Mapping(Vec::new())),
            Sign::BlockSequenceStart if in_block => Some(Kind::Sequence(Vec::new())),
            Sign::BlockMappingStart if in_block => Some(Kind::Mapping(Vec::new())),
            _ if has_properties => None,
            _ => return fault("did not find expected node content", at),
        };
        let id = match (kind, &next) {
            (Some(kind), _) => self.add(kind, start),
            (None, Sign::Scalar { text, plain }) => {
                let id = self.add(Kind::Scalar { text: text.clone(), plain: *plain, tag }, start);
                self.scanner.skip();
                id
            }
            (None, _) => self.add(Kind::Scalar { text: String::new(), plain: true, tag }, start),
        };
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
        // A list or mapping has its number before its parts are read: they may name its anchor.
        let content = match next {
            Sign::BlockEntry if place == Place::BlockMember => Kind::Sequence(self.indentless_sequence()?),
            Sign::FlowSequenceStart => Kind::Sequence(self.flow_sequence()?),
            Sign::FlowMappingStart => Kind::Mapping(self.flow_mapping()?),
            Sign::BlockSequenceStart if in_block => Kind::Sequence(self.block_sequence()?),
            Sign::BlockMappingStart if in_block => Kind::Mapping(self.block_mapping()?),
            _ => return Ok(id),
        };
        if let Some(node) = self.nodes.get_mut(id.0) {
            node.kind = content;
        }
        Ok(id)
    }

    /// Anchor and tag of a node, in either order.
    fn properties(&mut self) -> Parsed<(Option<String>, Option<String>)> {
        let (mut anchor, mut tag) = (None, None);
        loop {
            let token = self.peek()?;
            let at = token.start;
            match token.kind.clone() {
                Sign::Anchor(name) if anchor.is_none() => anchor = Some(name),
                Sign::Tag(handle, suffix) if tag.is_none() => {
                    let prefix = match self.tag_prefixes.get(&handle) {
                        Some(prefix) => prefix.as_str(),
                        None if handle.is_empty() => "",
                        None => return fault("found undefined tag handle", at),
                    };
                    tag = Some(short_tag(&format!("{prefix}{suffix}")));
                }
                _ => return Ok((anchor, tag)),
            }
            self.scanner.skip();
        }
    }

    fn block_sequence(&mut self) -> Parsed<Vec<NodeId>> {
        self.scanner.skip();
        let mut items = Vec::new();
        loop {
            let token = self.peek()?;
            let (start, end) = (token.start, token.end);
            match token.kind {
                Sign::BlockEntry => self.scanner.skip(),
                Sign::BlockEnd => {
                    self.scanner.skip();
                    return Ok(items);
                }
                _ => return fault("did not find expected '-' indicator", start),
            }
            items.push(self.node_unless(&[Sign::BlockEntry, Sign::BlockEnd], Place::Block, end)?);
        }
    }

    /// A list whose dashes stand in the column of the keys around it.
    fn indentless_sequence(&mut self) -> Parsed<Vec<NodeId>> {
        let mut items = Vec::new();
        loop {
            let end = self.peek()?.end;
            if !self.skip_if(&Sign::BlockEntry)? {
                return Ok(items);
            }
            let ends = [Sign::BlockEntry, Sign::Key, Sign::Value, Sign::BlockEnd];
            items.push(self.node_unless(&ends, Place::Block, end)?);
        }
    }

    fn block_mapping(&mut self) -> Parsed<Vec<(NodeId, NodeId)>> {
        const ENDS: [Sign; 3] = [Sign::Key, Sign::Value, Sign::BlockEnd];
        self.scanner.skip();
        let mut members = Vec::new();
        loop {
            let token = self.peek()?;
            let (start, end) = (token.start, token.end);
            match token.kind {
                Sign::Key => self.scanner.skip(),
                Sign::BlockEnd => {
                    self.scanner.skip();
                    return Ok(members);
                }
                _ => return fault("did not find expected key", start),
            }
            let key = self.node_unless(&ENDS, Place::BlockMember, end)?;
            let end = self.peek()?.end;
            let value = if self.skip_if(&Sign::Value)? {
                self.node_unless(&ENDS, Place::BlockMember, end)?
            } else {
                self.nothing(end)
            };
            members.push((key, value));
        }
    }

    fn flow_sequence(&mut self) -> Parsed<Vec<NodeId>> {
        self.scanner.skip();
        let mut items = Vec::new();
        loop {
            if self.skip_if(&Sign::FlowSequenceEnd)? {
                return Ok(items);
            }
            if !items.is_empty() {
                let at = self.peek()?.start;
                if !self.skip_if(&Sign::FlowEntry)? {
                    return fault("did not find expected ',' or ']'", at);
                }
                if self.skip_if(&Sign::FlowSequenceEnd)? {
                    return Ok(items);
                }
            }
            let token = self.peek()?;
            let (start, end) = (token.start, token.end);
            if !self.skip_if(&Sign::Key)? {
                items.push(self.node(Place::Flow)?);
                continue;
            }
            // `[a: b]` is a list of one mapping.
            let key = self.node_unless(&[Sign::Value, Sign::FlowEntry, Sign::FlowSequenceEnd], Place::Flow, end)?;
            let value = self.flow_value(&Sign::FlowSequenceEnd)?;
            items.push(self.add(Kind::Mapping(vec![(key, value)]), start));
        }
    }

    fn flow_mapping(&mut self) -> Parsed<Vec<(NodeId, NodeId)>> {
        self.scanner.skip();
        let mut members = Vec::new();
        loop {
            if self.skip_if(&Sign::FlowMappingEnd)? {
                return Ok(members);
            }
            if !members.is_empty() {
                let at = self.peek()?.start;
                if !self.skip_if(&Sign::FlowEntry)? {
                    return fault("did not find expected ',' or '}'", at);
                }
                if self.skip_if(&Sign::FlowMappingEnd)? {
                    return Ok(members);
                }
            }
            let end = self.peek()?.end;
            members.push(if self.skip_if(&Sign::Key)? {
                let ends = [Sign::Value, Sign::FlowEntry, Sign::FlowMappingEnd];
                let key = self.node_unless(&ends, Place::Flow, end)?;
                (key, self.flow_value(&Sign::FlowMappingEnd)?)
            } else {
                let key = self.node(Place::Flow)?;
                (key, self.nothing(end))
            });
        }
    }

    /// `: value` within brackets, each part of which may be missing.
    fn flow_value(&mut self, end: &Sign) -> Parsed<NodeId> {
        let at = self.peek()?.end;
        if !self.skip_if(&Sign::Value)? {
            return Ok(self.nothing(at));
        }
        self.node_unless(&[Sign::FlowEntry, end.clone()], Place::Flow, at)
    }

    /// A node, or the empty one if the next token shows that there is none.
    fn node_unless(&mut self, ends: &[Sign], place: Place, at: Mark) -> Parsed<NodeId> {
        if self.next_is_one_of(ends)? { Ok(self.nothing(at)) } else { self.node(place) }
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

/// The name in the alias `*name` at this place.
pub(super) fn alias_name(text: &str, line: usize, column: usize) -> String {
    let words = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    words.chars().skip(column).take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect()
}

/// `!!str` for the tags of the YAML schema, else as written.
fn short_tag(tag: &str) -> String {
    tag.strip_prefix(SCHEMA).map_or_else(|| tag.to_owned(), |name| format!("!!{name}"))
}
