//! What the split must know of a program.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{EntityType, ExportKind};
use wasmparser::{
    ElementItems, ExternalKind, FunctionBody, KnownCustom, Name, Operator, Parser, Payload, TypeRef, TypeSectionReader,
};

use super::Error;

/// A program, read.
pub struct Program<'a> {
    pub bytes: &'a [u8],
    pub imported_functions: u32,
    /// How many tables it has.
    pub tables: u32,
    pub names: BTreeMap<u32, String>,
    pub type_section: TypeSectionReader<'a>,
    parameters: Vec<u32>,
    types: Vec<u32>,
    bodies: Vec<FunctionBody<'a>>,
    memories: Vec<wasmparser::MemoryType>,
    table_types: Vec<wasmparser::TableType>,
    globals: Vec<wasmparser::GlobalType>,
    exports: BTreeMap<&'a str, u32>,
    /// Functions that tables, exports, globals and the start name.
    named: BTreeSet<u32>,
}

/// Which functions are used across the border.
pub struct Uses {
    /// Moved or not, named outside the moved functions.
    pub outside: BTreeSet<u32>,
    /// Not moved, called by moved functions.
    pub inside: BTreeSet<u32>,
}

impl<'a> Program<'a> {
    /// Reads a program as rustc makes it: imports are functions, and nothing refers to types out of order.
    ///
    /// # Errors
    /// Anything else.
    pub fn read(bytes: &'a [u8]) -> Result<Self, String> {
        read(bytes).map_err(|error| error.to_string())?.ok_or_else(|| "the program has no types".to_owned())
    }

    /// How many functions it has, imports among them.
    pub fn functions(&self) -> u32 {
        u32::try_from(self.types.len()).unwrap_or(u32::MAX)
    }

    /// How many globals it has.
    pub fn globals(&self) -> u32 {
        u32::try_from(self.globals.len()).unwrap_or(u32::MAX)
    }

    /// How many functions it has, imports not counted.
    pub fn bodies(&self) -> usize {
        self.bodies.len()
    }

    pub fn type_of(&self, function: u32) -> u32 {
        at(&self.types, function).copied().unwrap_or_default()
    }

    /// How many parameters a function takes.
    pub fn parameters(&self, function: u32) -> u32 {
        at(&self.parameters, self.type_of(function)).copied().unwrap_or_default()
    }

    /// The body of a function, unless it is imported.
    pub fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        at(&self.bodies, function.checked_sub(self.imported_functions)?)
    }

    /// Bytes of a function's body.
    pub fn body_size(&self, function: u32) -> usize {
        self.body(function).map_or(0, |body| body.as_bytes().len())
    }

    pub fn exported_function(&self, name: &str) -> Option<u32> {
        self.exports.get(name).copied()
    }

    /// Everything but functions that both parts need: memories, tables, globals, each with its index.
    pub fn entities(&self) -> impl Iterator<Item = (ExportKind, u32)> {
        let memories = (0..).zip(&self.memories).map(|(index, _)| (ExportKind::Memory, index));
        let tables = (0..).zip(&self.table_types).map(|(index, _)| (ExportKind::Table, index));
        let globals = (0..).zip(&self.globals).map(|(index, _)| (ExportKind::Global, index));
        memories.chain(tables).chain(globals)
    }

    /// As [`Program::entities`], with what an importer says of them.
    pub fn shared_entities(
        &self,
        part: &mut impl Reencode<Error = super::Misplaced>,
    ) -> Result<Vec<(ExportKind, u32, EntityType)>, Error> {
        let mut found = Vec::new();
        for (index, ty) in (0..).zip(&self.memories) {
            found.push((ExportKind::Memory, index, EntityType::Memory(part.memory_type(*ty)?)));
        }
        for (index, ty) in (0..).zip(&self.table_types) {
            found.push((ExportKind::Table, index, EntityType::Table(part.table_type(*ty)?)));
        }
        for (index, ty) in (0..).zip(&self.globals) {
            found.push((ExportKind::Global, index, EntityType::Global(part.global_type(*ty)?)));
        }
        Ok(found)
    }

    /// Which functions are used across the border if `moved` go.
    ///
    /// # Errors
    /// A body that cannot be read.
    pub fn uses(&self, moved: &BTreeSet<u32>) -> Result<Uses, wasmparser::Error> {
        let mut uses = Uses { outside: self.named.clone(), inside: BTreeSet::new() };
        for (index, body) in (self.imported_functions..).zip(&self.bodies) {
            let is_moved = moved.contains(&index);
            let mut reader = body.get_operators_reader()?;
            while !reader.eof() {
                let Some(used) = function_used(&reader.read()?) else { continue };
                if !is_moved {
                    uses.outside.insert(used);
                } else if !moved.contains(&used) {
                    uses.inside.insert(used);
                }
            }
        }
        Ok(uses)
    }
}

fn at<T>(list: &[T], index: u32) -> Option<&T> {
    list.get(usize::try_from(index).ok()?)
}

fn function_used(operator: &Operator<'_>) -> Option<u32> {
    match operator {
        Operator::Call { function_index }
        | Operator::ReturnCall { function_index }
        | Operator::RefFunc { function_index } => Some(*function_index),
        _ => None,
    }
}

fn read(bytes: &[u8]) -> Result<Option<Program<'_>>, wasmparser::Error> {
    let mut type_section = None;
    let (mut types, mut imported, mut parameters) = (Vec::new(), 0, Vec::new());
    let (mut memories, mut table_types, mut globals) = (Vec::new(), Vec::new(), Vec::new());
    let (mut exports, mut named, mut bodies) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::TypeSection(section) => {
                type_section = Some(section.clone());
                for ty in section.into_iter_err_on_gc_types() {
                    parameters.push(u32::try_from(ty?.params().len()).unwrap_or(u32::MAX));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(ty) = import?.ty {
                        types.push(ty);
                        imported += 1;
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    types.push(ty?);
                }
            }
            Payload::MemorySection(section) => {
                for ty in section {
                    memories.push(ty?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    table_types.push(table?.ty);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    let global = global?;
                    globals.push(global.ty);
                    let mut operators = global.init_expr.get_operators_reader();
                    while !operators.eof() {
                        named.extend(function_used(&operators.read()?));
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        exports.insert(export.name, export.index);
                        named.insert(export.index);
                    }
                }
            }
            Payload::StartSection { func, .. } => {
                named.insert(func);
            }
            Payload::ElementSection(section) => {
                for element in section {
                    match element?.items {
                        ElementItems::Functions(functions) => {
                            for function in functions {
                                named.insert(function?);
                            }
                        }
                        ElementItems::Expressions(_, expressions) => {
                            for expression in expressions {
                                let mut operators = expression?.get_operators_reader();
                                while !operators.eof() {
                                    named.extend(function_used(&operators.read()?));
                                }
                            }
                        }
                    }
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    for subsection in section {
                        if let Name::Function(map) = subsection? {
                            for naming in map {
                                let naming = naming?;
                                names.insert(naming.index, naming.name.to_owned());
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(type_section.map(|type_section| Program {
        bytes,
        imported_functions: imported,
        tables: u32::try_from(table_types.len()).unwrap_or(u32::MAX),
        names,
        type_section,
        parameters,
        types,
        bodies,
        memories,
        table_types,
        globals,
        exports,
        named,
    }))
}
