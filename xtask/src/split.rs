//! Splits the finished program in two: what the first screen needs, and the rest, which the page loads when it is used.
//!
//! The first part keeps every function index, table and global that JavaScript or the second part can see. A function
//! that went to the second part leaves a *door* behind if anything outside the second part may call it: a few
//! instructions that look into a table of doors. While the second part is not there its slot is null, and the door
//! first calls the program's own export [`LOADER`], which must load it before it returns. So what goes where decides
//! about weight and waiting, never about what the program does.
//!
//! The second part imports the first part's memory, tables, globals and functions, and fills the table of doors.

mod module;
mod names;
mod probe;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    ImportSection, Instruction, Module, RefType, TableSection, TableType,
};

use module::Program;
pub use names::plain_name;
pub use probe::{PROBE, Probed, probe};

/// The export that loads the second part: no parameters, no result.
pub const LOADER: &str = "load_second_part";
/// The name under which the second part imports from the first: its exports.
const FIRST: &str = "first";
/// A body of at most so many bytes stays: its door would not be smaller.
const TINY: usize = 24;

/// The two parts of a program.
pub struct Parts {
    /// What the page starts with.
    pub first: Vec<u8>,
    /// What is loaded when it is needed.
    pub second: Vec<u8>,
    /// How many functions are in the first part.
    pub stayed: usize,
    /// How many functions went to the second part.
    pub moved: usize,
    /// How many names of functions that should stay are none of the program's.
    pub unknown: usize,
    /// How many of the moved can be reached from outside the second part.
    pub doors: usize,
}

/// What went wrong with a program; the text says where.
pub type Error = reencode::Error<Misplaced>;

/// Splits `program`: functions whose [plain names](plain_name) `stay` are the first part, and those that are tiny or
/// have no name (what wasm-bindgen adds).
///
/// # Errors
/// `program` is not WebAssembly as rustc, wasm-bindgen and wasm-opt leave it, with function names and [`LOADER`].
pub fn split(program: &[u8], stay: &BTreeSet<&str>) -> Result<Parts, String> {
    let program = Program::read(program)?;
    let loader = program.exported_function(LOADER).ok_or_else(|| format!("the program does not export `{LOADER}`"))?;
    if program.names.is_empty() {
        return Err("the program holds no function names, so that nothing says what belongs where".to_owned());
    }
    let names: BTreeMap<u32, String> = program.names.iter().map(|(index, name)| (*index, plain_name(name))).collect();
    let moved: BTreeSet<u32> = (program.imported_functions..program.functions())
        .filter(|&index| index != loader && program.body_size(index) > TINY)
        .filter(|index| names.get(index).is_some_and(|name| !stay.contains(name.as_str())))
        .collect();
    let known: BTreeSet<&str> = names.values().map(String::as_str).collect();
    let uses = program.uses(&moved).map_err(|error| error.to_string())?;
    let doors: BTreeMap<u32, u32> = moved.intersection(&uses.outside).copied().zip(0..).collect();
    let plan = Plan { program: &program, moved: &moved, doors: &doors, shared: &uses.inside, loader };
    Ok(Parts {
        first: plan.first().map_err(|error| error.to_string())?,
        second: plan.second().map_err(|error| error.to_string())?,
        stayed: program.bodies() - moved.len(),
        moved: moved.len(),
        unknown: stay.difference(&known).count(),
        doors: doors.len(),
    })
}

/// Who goes where. Indices are those of the whole program.
struct Plan<'a> {
    program: &'a Program<'a>,
    /// The functions of the second part.
    moved: &'a BTreeSet<u32>,
    /// Those of them that are called from elsewhere, each with its slot in the table of doors.
    doors: &'a BTreeMap<u32, u32>,
    /// Functions of the first part, imports among them, that the second calls.
    shared: &'a BTreeSet<u32>,
    loader: u32,
}

impl Plan<'_> {
    fn first(&self) -> Result<Vec<u8>, Error> {
        let kept = (0..self.program.functions()).filter(|index| self.is_in_first(*index));
        let mut part = FirstPart { plan: self, indices: kept.zip(0..).collect() };
        let mut module = Module::new();
        utils::parse_core_module(&mut part, &mut module, wasmparser::Parser::new(0), self.program.bytes)?;
        Ok(module.finish())
    }

    /// Whether the first part has this function, or its door.
    fn is_in_first(&self, index: u32) -> bool {
        !self.moved.contains(&index) || self.doors.contains_key(&index)
    }

    /// Where the table of doors stands among the tables of both parts.
    fn door_table(&self) -> u32 {
        self.program.tables
    }

    /// What a moved function leaves behind.
    fn door(&self, index: u32, slot: u32, loader: u32) -> Function {
        let mut door = Function::new([]);
        let slot = i32::try_from(slot).unwrap_or(i32::MAX);
        door.instruction(&Instruction::I32Const(slot))
            .instruction(&Instruction::TableGet(self.door_table()))
            .instruction(&Instruction::RefIsNull)
            .instruction(&Instruction::If(BlockType::Empty))
            .instruction(&Instruction::Call(loader))
            .instruction(&Instruction::End);
        for parameter in 0..self.program.parameters(index) {
            door.instruction(&Instruction::LocalGet(parameter));
        }
        door.instruction(&Instruction::I32Const(slot))
            .instruction(&Instruction::CallIndirect {
                type_index: self.program.type_of(index),
                table_index: self.door_table(),
            })
            .instruction(&Instruction::End);
        door
    }

    fn second(&self) -> Result<Vec<u8>, Error> {
        let program = self.program;
        let indices = self.shared.iter().chain(self.moved).copied().zip(0..).collect();
        let mut part = SecondPart { indices };
        let mut module = Module::new();

        let mut types = wasm_encoder::TypeSection::new();
        part.parse_type_section(&mut types, program.type_section.clone())?;
        module.section(&types);

        let mut imports = ImportSection::new();
        for index in self.shared {
            imports.import(FIRST, &function_name(*index), EntityType::Function(program.type_of(*index)));
        }
        for (kind, index, entity) in program.shared_entities(&mut part)? {
            imports.import(FIRST, &entity_name(kind, index), entity);
        }
        imports.import(FIRST, &entity_name(ExportKind::Table, self.door_table()), EntityType::Table(self.doors_type()));
        module.section(&imports);

        let mut functions = FunctionSection::new();
        for index in self.moved {
            functions.function(program.type_of(*index));
        }
        module.section(&functions);

        let mut elements = ElementSection::new();
        let behind: Vec<u32> = self.doors.keys().filter_map(|index| part.indices.get(index).copied()).collect();
        let start = wasm_encoder::ConstExpr::i32_const(0);
        elements.active(Some(self.door_table()), &start, Elements::Functions(behind.into()));
        module.section(&elements);

        let mut code = CodeSection::new();
        for index in self.moved {
            if let Some(body) = program.body(*index) {
                part.parse_function_body(&mut code, body.clone())?;
            }
        }
        module.section(&code);
        Ok(module.finish())
    }

    fn doors_type(&self) -> TableType {
        let size = u64::try_from(self.doors.len()).unwrap_or(u64::MAX);
        TableType { element_type: RefType::FUNCREF, minimum: size, maximum: Some(size), table64: false, shared: false }
    }
}

/// Names of the exports that only the second part asks for: short, and never a name that wasm-bindgen gives.
fn function_name(index: u32) -> String {
    format!("{index}")
}

fn entity_name(kind: ExportKind, index: u32) -> String {
    let letter = match kind {
        ExportKind::Memory => 'm',
        ExportKind::Table => 't',
        _ => 'g',
    };
    format!("{index}{letter}")
}

/// Writes the first part.
struct FirstPart<'a> {
    plan: &'a Plan<'a>,
    indices: BTreeMap<u32, u32>,
}

impl Reencode for FirstPart<'_> {
    type Error = Misplaced;

    fn function_index(&mut self, index: u32) -> Result<u32, Error> {
        renumbered(&self.indices, index)
    }

    fn parse_table_section(
        &mut self,
        tables: &mut TableSection,
        section: wasmparser::TableSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_table_section(self, tables, section)?;
        tables.table(self.plan.doors_type());
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_export_section(self, exports, section)?;
        for index in self.plan.shared {
            exports.export(&function_name(*index), ExportKind::Func, self.function_index(*index)?);
        }
        for (kind, index) in self.plan.program.entities() {
            exports.export(&entity_name(kind, index), kind, index);
        }
        let doors = self.plan.door_table();
        exports.export(&entity_name(ExportKind::Table, doors), ExportKind::Table, doors);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        for (index, ty) in (self.plan.program.imported_functions..).zip(section) {
            let ty = ty?;
            if self.plan.is_in_first(index) {
                functions.function(ty);
            }
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        let loader = self.function_index(self.plan.loader)?;
        for (index, body) in (self.plan.program.imported_functions..).zip(section) {
            if let Some(slot) = self.plan.doors.get(&index) {
                code.function(&self.plan.door(index, *slot, loader));
            } else if !self.plan.moved.contains(&index) {
                self.parse_function_body(code, body?)?;
            }
        }
        Ok(())
    }

    /// Names and the like are not for the page.
    fn parse_custom_section(&mut self, _: &mut Module, _: wasmparser::CustomSectionReader<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Writes the second part's types and code.
struct SecondPart {
    indices: BTreeMap<u32, u32>,
}

impl Reencode for SecondPart {
    type Error = Misplaced;

    fn function_index(&mut self, index: u32) -> Result<u32, Error> {
        renumbered(&self.indices, index)
    }

    /// The second part has no data of its own.
    fn data_index(&mut self, index: u32) -> Result<u32, Error> {
        Err(Error::UserError(Misplaced::Data(index)))
    }
}

fn renumbered(indices: &BTreeMap<u32, u32>, index: u32) -> Result<u32, Error> {
    indices.get(&index).copied().ok_or(Error::UserError(Misplaced::Function(index)))
}

/// A reference that cannot stand where it is after the split.
#[derive(Debug)]
pub enum Misplaced {
    /// A function that the part cannot reach.
    Function(u32),
    /// A data segment used by the second part.
    Data(u32),
}

impl std::fmt::Display for Misplaced {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Function(index) => write!(formatter, "function {index} is out of reach"),
            Self::Data(index) => write!(formatter, "data segment {index} is used by a function that was moved"),
        }
    }
}

impl std::error::Error for Misplaced {}
