//! The browser user interface (Yew).

use yew::prelude::*;

#[function_component]
fn App() -> Html {
    html! { <main>{ "EKS Access Playground" }</main> }
}

/// Mounts the page into the document's `#app` element.
pub fn mount() {
    yew::Renderer::<App>::new().render();
}
