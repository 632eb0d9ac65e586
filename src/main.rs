//! The program: in a browser it mounts the page, natively it is the command line of the same engine.

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    eks_access_playground::ui::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    eks_access_playground::cli::main()
}
