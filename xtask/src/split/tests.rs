use std::collections::BTreeSet;

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, MemorySection, MemoryType, Module, NameMap,
    NameSection, RefType, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{Payload, Validator};

use super::{LOADER, Probed, probe, split};

/// A program with an import and five functions: `start` calls `big`, `big` calls `inner` and `shared`.
/// `inner` is called by `big` alone, and `shared` by `start` too.
fn program() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types.ty().function([ValType::I32], [ValType::I32]);
    let mut imports = ImportSection::new();
    imports.import("page", "load", wasm_encoder::EntityType::Function(0));
    let mut functions = FunctionSection::new();
    for ty in [0, 0, 1, 1, 1] {
        functions.function(ty);
    }
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        minimum: 1,
        maximum: Some(1),
        table64: false,
        shared: false,
    });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut globals = GlobalSection::new();
    globals.global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }, &ConstExpr::i32_const(9));
    let mut exports = ExportSection::new();
    exports.export(LOADER, ExportKind::Func, 1).export("start", ExportKind::Func, 2);
    let mut elements = ElementSection::new();
    elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(vec![5].into()));
    let mut code = CodeSection::new();
    let body = |instructions: &[Instruction<'_>]| {
        let mut function = Function::new([]);
        for instruction in instructions {
            function.instruction(instruction);
        }
        // Long enough to be worth moving.
        for _ in 0..12 {
            function.instruction(&Instruction::I32Const(1)).instruction(&Instruction::Drop);
        }
        function.instruction(&Instruction::End);
        function
    };
    let call = |index| [Instruction::I32Const(5), Instruction::Call(index)];
    code.function(&body(&[Instruction::Call(0)]));
    code.function(&body(&[&call(3)[..], &[Instruction::Drop], &call(5), &[Instruction::Drop]].concat()));
    code.function(&body(&[&call(4)[..], &[Instruction::GlobalSet(0)], &call(5)].concat()));
    code.function(&body(&[Instruction::LocalGet(0)]));
    code.function(&body(&[Instruction::LocalGet(0)]));
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(0), *b"data");
    let mut names = NameSection::new();
    let mut map = NameMap::new();
    for (index, name) in (0..).zip(["load", "loader", "start", "big", "inner", "shared"]) {
        map.append(index, name);
    }
    names.functions(&map);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
    module.section(&globals).section(&exports).section(&elements).section(&code).section(&data).section(&names);
    module.finish()
}

fn assert_valid(bytes: &[u8]) {
    Validator::new().validate_all(bytes).unwrap();
}

/// Names of what a module imports and exports, and its number of functions.
fn outline(bytes: &[u8]) -> (Vec<String>, Vec<String>, usize) {
    let (mut imports, mut exports, mut functions) = (Vec::new(), Vec::new(), 0);
    for payload in wasmparser::Parser::new(0).parse_all(bytes) {
        match payload.unwrap() {
            Payload::ImportSection(section) => {
                imports = section.into_imports().map(|import| import.unwrap().name.to_owned()).collect();
            }
            Payload::ExportSection(section) => {
                exports = section.into_iter().map(|export| export.unwrap().name.to_owned()).collect();
            }
            Payload::CodeSectionEntry(_) => functions += 1,
            _ => {}
        }
    }
    (imports, exports, functions)
}

#[test]
fn a_moved_function_leaves_a_door_where_it_is_called_from_outside() {
    let whole = program();
    assert_valid(&whole);
    let parts = split(&whole, &BTreeSet::from(["start", "shared", "gone"])).unwrap();
    assert_valid(&parts.first);
    assert_valid(&parts.second);
    // `big` and `inner` go; only `big` is called from outside. `gone` is nobody's name.
    assert_eq!((parts.moved, parts.doors, parts.stayed, parts.unknown), (2, 1, 3, 1));
    let (_, exports, functions) = outline(&parts.first);
    // The loader, `start`, the door, `shared`. `shared` is exported by its number for the second part.
    assert_eq!((functions, exports.join(" ").as_str()), (4, "load_second_part start 5 0m 0t 0g 1t"));
    let (imports, _, functions) = outline(&parts.second);
    assert_eq!((functions, imports.join(" ").as_str()), (2, "5 0m 0t 0g 1t"));
}

#[test]
fn everything_but_the_loader_may_be_moved() {
    let parts = split(&program(), &BTreeSet::new()).unwrap();
    assert_valid(&parts.first);
    assert_valid(&parts.second);
    assert_eq!((parts.moved, parts.stayed), (4, 1));
}

#[test]
fn nothing_need_be_moved() {
    let parts = split(&program(), &BTreeSet::from(["start", "big", "inner", "shared"])).unwrap();
    assert_valid(&parts.first);
    assert_valid(&parts.second);
    assert_eq!((parts.moved, parts.doors), (0, 0));
}

#[test]
fn what_is_not_such_a_program_is_refused() {
    assert!(split(b"not wasm", &BTreeSet::new()).is_err());
    let mut module = Module::new();
    module.section(&TypeSection::new());
    let error = split(&module.finish(), &BTreeSet::new()).err().unwrap();
    assert_eq!(error, "the program does not export `load_second_part`");
}

#[test]
fn a_probed_program_has_a_global_for_each_function() {
    let Probed { program: probed, names } = probe(&program()).unwrap();
    assert_valid(&probed);
    let (_, exports, _) = outline(&probed);
    assert_eq!(exports.join(","), "load_second_part,start,ran 1,ran 2,ran 3,ran 4,ran 5");
    assert_eq!(names.len(), 5);
}
