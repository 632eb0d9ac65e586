//! The program: in a browser it mounts the page, natively it is the command line of the same engine.

#[cfg(target_arch = "wasm32")]
mod page {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        /// Of `static/boot.js`: when it returns, the second part of the program is there.
        #[wasm_bindgen(js_name = loadSecondPart)]
        fn await_second_part();
    }

    /// Mounts the page. `static/boot.js` calls it when both parts of the program can be reached.
    #[wasm_bindgen]
    pub fn start() {
        console_error_panic_hook::set_once();
        eks_access_playground::ui::mount();
    }

    /// Called by the program itself before it first enters its second part (`xtask/src/split.rs`).
    #[wasm_bindgen]
    pub fn load_second_part() {
        await_second_part();
    }
}

/// In the page `start` begins, not this.
#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    eks_access_playground::cli::main()
}
