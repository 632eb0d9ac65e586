//! The support library can fail: errors in the console, panics, and conditions that never come true are noticed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use e2e::App;
use serde_json::json;

/// The message with which `run` panics.
fn panic_of(run: impl FnOnce()) -> String {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(()) => "nothing failed".to_owned(),
        Err(panic) => match panic.downcast::<String>() {
            Ok(text) => *text,
            Err(other) => other.downcast_ref::<&str>().copied().unwrap_or("not text").to_owned(),
        },
    }
}

#[test]
fn an_error_in_the_console_fails_the_test_that_ignores_it() {
    let message = panic_of(|| {
        let mut app = App::open("");
        app.script("console.error('the disk is on fire')", vec![]);
    });
    assert!(message.contains("the disk is on fire"), "{message}");
}

#[test]
fn an_error_in_the_console_fails_the_assertion() {
    let mut app = App::open("");
    app.script("console.error('no route')", vec![]);
    let message = panic_of(|| app.assert_no_console_errors());
    assert!(message.contains("no route"), "{message}");
    assert_eq!(app.take_console_errors().len(), 1);
}

#[test]
fn a_panic_of_the_program_and_an_uncaught_exception_are_errors() {
    let mut app = App::open("");
    app.script("console.log('panicked at src/main.rs'); setTimeout(() => { throw new Error('late') })", vec![]);
    let mut seen = Vec::new();
    app.wait_until("both messages", |app| {
        seen.extend(app.take_console_errors());
        seen.len() == 2
    });
    assert!(seen.iter().any(|message| message.contains("panicked at")), "{seen:?}");
    assert!(seen.iter().any(|message| message.contains("late")), "{seen:?}");
}

#[test]
fn size_theme_clicks_and_typing_reach_the_page() {
    let mut app = App::open("");
    app.script(
        "document.getElementById('app').innerHTML = \
           '<input class=\"terminal__input\"><p id=out></p><button> Say  it </button>'; \
         const [input, out] = [document.querySelector('input'), document.getElementById('out')]; \
         input.addEventListener('keydown', (e) => { if (e.key === 'Enter') out.textContent += '[' + input.value + ']'; }); \
         document.querySelector('button').addEventListener('click', () => { out.textContent += '!'; });",
        vec![],
    );
    app.type_line("kubectl get pods");
    app.wait_for_text("#out", "[kubectl get pods]");
    app.click_text("Say it");
    assert_eq!(app.text("#out"), "[kubectl get pods]!");
    assert_eq!(app.property("input", "value").as_deref(), Some("kubectl get pods"));
    app.resize(320, 480);
    assert_eq!(app.script("return [innerWidth, innerHeight]", vec![]), json!([320, 480]));
    for dark in [true, false] {
        app.set_theme(dark);
        let matches = "return matchMedia('(prefers-color-scheme: dark)').matches";
        assert_eq!(app.script(matches, vec![]), json!(dark));
    }
}

#[test]
fn the_fragment_is_part_of_the_address() {
    // The page may already have added its world.
    let mut app = App::open("#/history");
    let hash = app.script("return location.hash", vec![]);
    assert!(hash.as_str().is_some_and(|hash| hash.starts_with("#/history")), "{hash}");
    assert!(app.address().starts_with("#/history"), "{}", app.address());
    app.reload();
    app.wait_for_text("#app", "EKS Access Playground");
}
