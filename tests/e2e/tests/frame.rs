//! What is around every page: messages that leave, addresses that are no page.

use e2e::{App, Options};
use serde_json::json;

/// The interval after which a message leaves does not pass by itself: `leave()` lets it pass.
const STEPPED: &str = "const every = setInterval; window.leaving = new Set(); \
    window.setInterval = (f, ms, ...rest) => { \
        if (ms !== 8000) return every(f, ms, ...rest); \
        const id = every(f, 1e9); window.leaving.add([id, f]); return id; \
    }; \
    const clear = clearInterval; \
    window.clearInterval = id => { \
        clear(id); \
        for (const each of window.leaving) if (each[0] === id) window.leaving.delete(each); \
    }; \
    window.leave = () => [...window.leaving].forEach(each => each[1]());";

fn stepped(route: &str) -> App {
    App::open_with(route, Options { script: Some(STEPPED.to_owned()), ..Options::default() })
}

/// Makes a change by a click, so that a message of success is there.
fn undo_something(app: &mut App) {
    app.type_line("kubectl create namespace passing");
    app.wait_for_text(".terminal__log", "namespace/passing created");
    app.click("button[aria-label='Undo']");
    app.wait_for_text(".flash", "Undid one change");
}

#[test]
fn a_message_of_success_leaves_after_a_while_unless_it_is_used() {
    let mut app = stepped("#/history");
    undo_something(&mut app);
    app.script("document.querySelector('.flash [aria-label=Dismiss]').focus(); window.leave()", vec![]);
    app.wait_for_text(".flash", "Undid one change");
    app.script("document.activeElement.blur(); window.leave()", vec![]);
    app.wait_for_none(".flash");
}

#[test]
fn a_message_of_success_stays_behind_on_another_page_and_one_that_matters_does_not() {
    let mut app = stepped("#/history");
    undo_something(&mut app);
    app.script("location.hash = '#/iam'", vec![]);
    app.wait_for_none(".flash");
    app.script("location.hash = '#/iam?s=v2.damaged'", vec![]);
    app.wait_for_text(".flash", "The link could not be opened");
    app.script("window.leave(); location.hash = '#/history'", vec![]);
    app.wait_for(".history, #history-title");
    app.wait_for_text(".flash", "The link could not be opened");
}

#[test]
fn an_address_that_is_no_page_says_so_and_keeps_the_world() {
    let mut app = App::open("#/nosuchpage");
    app.wait_for_text(".page", "There is no such page");
    app.wait_for_text(".page", "/nosuchpage");
    assert_eq!(app.count(".nav__link--current"), 0);
    assert_eq!(app.script("return document.title.split(' · ')[0]", vec![]), json!("No such page"));
    app.script("location.hash = '#/kubernetes/nosuchkind'", vec![]);
    app.wait_for_text(".page", "/kubernetes/nosuchkind");
    app.script("document.querySelector('#unknown-title ~ ul a[href=\"#/iam\"]').click()", vec![]);
    app.wait_for_text("h1", "IAM");
    assert_eq!(app.count("#unknown-title"), 0);
}
