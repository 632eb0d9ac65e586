//! Tests that need a browser but not the whole page. `cargo xtask test` runs them in headless Chromium.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use eks_access_playground::ui;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// The page's mount point, as `index.html` has it.
fn mount_point() -> web_sys::Element {
    let document = web_sys::window().unwrap().document().unwrap();
    let app = document.create_element("div").unwrap();
    app.set_id("app");
    app.set_text_content(Some("Loading"));
    document.body().unwrap().append_child(&app).unwrap();
    app
}

#[wasm_bindgen_test]
async fn the_app_replaces_the_loading_text_of_its_mount_point() {
    let app = mount_point();
    ui::mount();
    yew::scheduler::flush().await;
    let text = app.text_content().unwrap_or_default();
    assert!(text.contains("EKS Access Playground"), "{text}");
    assert!(!text.contains("Loading"), "{text}");
}
