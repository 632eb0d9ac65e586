//! Tests that need a browser but not the whole page. `cargo xtask test` runs them in headless Chromium.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::rc::Rc;

use eks_access_playground::engine::{AwsRequest, Request};
use eks_access_playground::ui::path::Ask;
use eks_access_playground::ui::state::{Action, App};
use eks_access_playground::ui::terminal::Terminal;
use eks_access_playground::ui::{self, Provided};
use eks_access_playground::view::route::Route;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, Event, EventInit, HtmlSelectElement, HtmlTextAreaElement, KeyboardEvent, KeyboardEventInit};
use yew::prelude::*;

wasm_bindgen_test_configure!(run_in_browser);

fn document() -> web_sys::Document {
    web_sys::window().unwrap().document().unwrap()
}

/// A place of its own for each test.
fn place(id: &str) -> Element {
    let element = document().create_element("div").unwrap();
    element.set_id(id);
    document().body().unwrap().append_child(&element).unwrap();
    element
}

fn find(root: &Element, selector: &str) -> Element {
    root.query_selector(selector).unwrap().unwrap_or_else(|| panic!("no {selector} in {}", root.inner_html()))
}

fn text(root: &Element, selector: &str) -> String {
    find(root, selector).text_content().unwrap_or_default()
}

fn fire(element: &Element, kind: &str) {
    let init = EventInit::new();
    init.set_bubbles(true);
    element.dispatch_event(&Event::new_with_event_init_dict(kind, &init).unwrap()).unwrap();
}

fn press(element: &Element, key: &str, with_control: bool) {
    let init = KeyboardEventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_key(key);
    init.set_ctrl_key(with_control);
    element.dispatch_event(&KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap()).unwrap();
}

/// Lets effects and timers of no length run.
async fn settle() {
    for _ in 0..5 {
        yew::scheduler::flush().await;
        let later = js_sys::Promise::new(&mut |done, _| {
            web_sys::window().unwrap().set_timeout_with_callback_and_timeout_and_arguments_0(&done, 5).unwrap();
        });
        wasm_bindgen_futures::JsFuture::from(later).await.unwrap();
    }
}

#[function_component]
fn Asking() -> Html {
    html! { <Provided><Ask is_whole=true /></Provided> }
}

#[function_component]
fn Typing() -> Html {
    html! { <Provided><Terminal is_open=true on_toggle={Callback::noop()} on_wanted={Callback::noop()} /></Provided> }
}

#[wasm_bindgen_test]
async fn the_app_replaces_the_loading_text_of_its_mount_point() {
    let app = place("app");
    app.set_text_content(Some("Loading"));
    ui::mount();
    settle().await;
    let text = app.text_content().unwrap_or_default();
    assert!(text.contains("EKS Access Playground"), "{text}");
    assert!(!text.contains("Loading"), "{text}");
    app.remove();
}

#[wasm_bindgen_test]
async fn the_answer_follows_the_question() {
    let root = place("asking");
    yew::Renderer::<Asking>::with_root(root.clone()).render();
    settle().await;
    let verdict = || find(&root, ".verdict").get_attribute("data-verdict").unwrap();
    assert_eq!(verdict(), "yes");
    let who: HtmlSelectElement = find(&root, ".question select").dyn_into().unwrap();
    who.set_value("arn:aws:iam::111122223333:user/k8s-dev");
    fire(&who, "change");
    settle().await;
    assert_eq!(verdict(), "unauthorized");
    assert!(text(&root, ".stage--lookup").contains("no access entry"), "{}", text(&root, ".stage--lookup"));
    assert!(text(&root, ".fix").contains("aws eks create-access-entry"));
    who.set_value("arn:aws:iam::111122223333:user/k8s-admin");
    fire(&who, "change");
    settle().await;
    assert_eq!(verdict(), "yes");
    assert!(text(&root, ".answer__sentence").contains("system:masters"));
    root.remove();
}

#[wasm_bindgen_test]
async fn enter_runs_a_complete_line_and_the_arrow_brings_it_back() {
    let root = place("typing");
    yew::Renderer::<Typing>::with_root(root.clone()).render();
    settle().await;
    let input: HtmlTextAreaElement = find(&root, ".terminal__input").dyn_into().unwrap();
    let typed = |value: &str| {
        input.set_value(value);
        fire(&input, "input");
    };
    typed("echo 'half");
    press(&input, "Enter", false);
    settle().await;
    assert_eq!(root.query_selector_all(".terminal__entry").unwrap().length(), 0, "an unfinished line waits");
    typed("echo one; echo two >&2\necho three");
    press(&input, "Enter", false);
    settle().await;
    assert_eq!(text(&root, ".terminal__log .block__out--err").trim(), "two");
    assert!(text(&root, ".terminal__log").contains("three"));
    assert_eq!(input.value(), "");
    press(&input, "ArrowUp", false);
    settle().await;
    assert_eq!(input.value(), "echo one; echo two >&2\necho three");
    press(&input, "c", true);
    settle().await;
    assert_eq!(input.value(), "");
    assert!(text(&root, ".terminal__log").contains("^C"));
    press(&input, "l", true);
    settle().await;
    assert_eq!(root.query_selector_all(".terminal__entry").unwrap().length(), 0);
    root.remove();
}

#[wasm_bindgen_test]
async fn a_search_finds_what_was_typed() {
    let root = place("searching");
    yew::Renderer::<Typing>::with_root(root.clone()).render();
    settle().await;
    let input: HtmlTextAreaElement = find(&root, ".terminal__input").dyn_into().unwrap();
    for line in ["echo first", "echo second"] {
        input.set_value(line);
        fire(&input, "input");
        press(&input, "Enter", false);
        settle().await;
    }
    press(&input, "r", true);
    settle().await;
    input.set_value("fir");
    fire(&input, "input");
    settle().await;
    assert!(text(&root, ".terminal__found").contains("echo first"));
    press(&input, "Enter", false);
    settle().await;
    assert_eq!(input.value(), "echo first");
    root.remove();
}

#[wasm_bindgen_test]
fn actions_that_change_nothing_give_the_same_store() {
    let app = Rc::new(App::walkthrough());
    let same = |action: Action| Rc::ptr_eq(&Rc::clone(&app).reduce(action), &app);
    assert!(same(Action::Go(Route::Overview)));
    assert!(same(Action::Travel(1)));
    assert!(same(Action::Travel(-1)));
    assert!(same(Action::DismissFlash));
    assert!(same(Action::Step));
    assert!(!same(Action::Go(Route::History)));
}

#[wasm_bindgen_test]
fn calls_of_a_click_are_one_step_and_a_refusal_is_told() {
    let app = Rc::new(App::walkthrough());
    let caller = app.aws_caller();
    let input = serde_json::json!({"clusterName": "eks-demo-cluster", "principalArn": "arn:aws:iam::111122223333:user/k8s-dev"});
    let request = Request::Aws(AwsRequest::from_parts("CreateAccessEntry", input).unwrap());
    let call = |app: Rc<App>| app.reduce(Action::Call(caller.clone(), vec![request.clone()], "Created".into()));
    let created = call(app);
    assert!(created.flash.as_ref().unwrap().can_undo);
    assert_eq!(created.session.log().len(), 1);
    let refused = call(Rc::clone(&created));
    assert_eq!(refused.flash.as_ref().unwrap().title, "ResourceInUseException");
    assert!(Rc::ptr_eq(&refused.session.now().world, &created.session.now().world));
    let back = refused.reduce(Action::Travel(2));
    assert_eq!(back.session.log().len(), 0);
    assert_eq!(back.session.undone().len(), 1);
}
