//! A program that notes which of its functions ran.

use std::collections::BTreeMap;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection, GlobalType, Instruction, Module,
    ValType,
};

use super::module::Program;

/// Before a function's number, the name of the exported global that becomes 1 when the function runs.
pub const PROBE: &str = "ran ";

/// A program that notes what runs.
pub struct Probed {
    /// The program, with one exported global for each function.
    pub program: Vec<u8>,
    /// The plain names of those functions that the split can move, by number.
    pub names: BTreeMap<u32, String>,
}

/// Makes a program note which of its functions run.
///
/// # Errors
/// As [`super::split`].
pub fn probe(program: &[u8]) -> Result<Probed, String> {
    let program = Program::read(program)?;
    let mut probe = Probe { program: &program, next: program.imported_functions };
    let mut module = Module::new();
    utils::parse_core_module(&mut probe, &mut module, wasmparser::Parser::new(0), program.bytes)
        .map_err(|error| error.to_string())?;
    let names = program.names.iter().filter(|(index, _)| program.body_size(**index) > super::TINY);
    let names = names.map(|(index, name)| (*index, super::plain_name(name))).collect();
    Ok(Probed { program: module.finish(), names })
}

struct Probe<'a> {
    program: &'a Program<'a>,
    next: u32,
}

impl Probe<'_> {
    fn probed(&self) -> impl Iterator<Item = u32> + use<> {
        self.program.imported_functions..self.program.functions()
    }

    fn global(&self, function: u32) -> u32 {
        self.program.globals() + function - self.program.imported_functions
    }
}

impl Reencode for Probe<'_> {
    type Error = std::convert::Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_global_section(self, globals, section)?;
        for _ in self.probed() {
            let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
            globals.global(ty, &ConstExpr::i32_const(0));
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_export_section(self, exports, section)?;
        for function in self.probed() {
            exports.export(&format!("{PROBE}{function}"), ExportKind::Global, self.global(function));
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: wasmparser::FunctionBody<'_>) -> Result<(), Error> {
        let mut function: Function = self.new_function_with_parsed_locals(&body)?;
        function.instruction(&Instruction::I32Const(1)).instruction(&Instruction::GlobalSet(self.global(self.next)));
        self.next += 1;
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            function.instruction(&self.parse_instruction(&mut reader)?);
        }
        code.function(&function);
        Ok(())
    }

    fn parse_custom_section(&mut self, _: &mut Module, _: wasmparser::CustomSectionReader<'_>) -> Result<(), Error> {
        Ok(())
    }
}
