//! The browser user interface (Yew).

use yew::prelude::*;

#[function_component]
fn App() -> Html {
    html! { <main>{ "EKS Access Playground" }</main> }
}

/// Mounts the page into the document's `#app` element, replacing what is in it; without one, into the body.
pub fn mount() {
    let document = web_sys::window().and_then(|window| window.document());
    match document.and_then(|document| document.get_element_by_id("app")) {
        Some(app) => yew::Renderer::<App>::with_root(app).render(),
        None => yew::Renderer::<App>::new().render(),
    };
}
