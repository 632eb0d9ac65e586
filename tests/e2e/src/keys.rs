//! Working the page with keys alone: they go to whatever has the focus, and the focus moves as keys move it.

use serde_json::{Value, json};

use crate::App;
use crate::driver::Post;

/// Keys by WebDriver's codes.
pub const TAB: &str = "\u{e004}";
/// Shift and Tab.
pub const BACK_TAB: &str = "\u{e008}\u{e004}";
/// Enter.
pub const ENTER: &str = "\u{e007}";
/// Space.
pub const SPACE: &str = " ";
/// Escape.
pub const ESCAPE: &str = "\u{e00c}";
/// The arrow down.
pub const DOWN: &str = "\u{e015}";
/// The arrow up.
pub const UP: &str = "\u{e013}";
/// Ctrl, held for the keys that follow.
pub const CONTROL: &str = "\u{e009}";
/// Shift, held for the keys that follow.
pub const SHIFT: &str = "\u{e008}";

/// More presses of Tab than any page has stops.
const STOPS: usize = 400;

/// What a person with a screen reader hears of the element with the focus: its name, or nothing if the focus is lost.
const NAME: &str = "const e = document.activeElement;
    if (!e || e === document.body || e === document.documentElement) return '';
    const named = (e.getAttribute('aria-labelledby') || '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim();
    const label = e.labels?.[0]?.cloneNode(true);
    label?.querySelectorAll('select, textarea, datalist').forEach((each) => each.remove());
    const own = e.cloneNode(true);
    own.querySelectorAll('[aria-hidden=true]').forEach((each) => each.remove());
    const name = e.getAttribute('aria-label') || named || label?.textContent.trim() || (e.matches('main, dialog') ? e.tagName.toLowerCase() : own.textContent.trim()) || e.placeholder || e.tagName;
    return name.replace(/\\s+/g, ' ').trim()";

impl App {
    /// Presses keys, one after the other, wherever the focus is. Shift and Ctrl are held to the end.
    pub fn keys(&mut self, keys: &str) {
        let key = |kind: &str, c: char| json!({ "type": kind, "value": c.to_string() });
        let mut presses: Vec<Value> = Vec::new();
        let mut held = Vec::new();
        for c in keys.chars() {
            presses.push(key("keyDown", c));
            if CONTROL.contains(c) || SHIFT.contains(c) {
                held.push(c);
            } else {
                presses.push(key("keyUp", c));
            }
        }
        presses.extend(held.into_iter().map(|c| key("keyUp", c)));
        let body = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": presses }] });
        self.ask("pressing keys", |client| async move { client.issue_cmd(Post { path: "actions", body }).await });
    }

    /// The name of what has the focus; nothing if nobody has it.
    pub fn focused(&mut self) -> String {
        self.script(NAME, vec![]).as_str().unwrap_or_default().to_owned()
    }

    /// Presses Tab until what has the focus is called so. Tab must never be held up.
    pub fn tab_to(&mut self, name: &str) {
        self.move_to(TAB, name);
    }

    /// Presses Shift and Tab until what has the focus is called so.
    pub fn back_to(&mut self, name: &str) {
        self.move_to(BACK_TAB, name);
    }

    fn move_to(&mut self, key: &str, name: &str) {
        let mut passed: Vec<String> = Vec::new();
        for _ in 0..STOPS {
            self.script("window.leftByTab = document.activeElement", vec![]);
            self.keys(key);
            let now = self.focused();
            if self.script("return window.leftByTab === document.activeElement", vec![]) == true {
                self.fail(&format!("Tab does not leave «{now}» on the way to «{name}»"));
            }
            if now == name {
                return;
            }
            passed.push(now);
        }
        self.fail(&format!("Tab never comes to «{name}», only to {passed:?}"));
    }

    /// Waits until what has the focus is called so.
    pub fn wait_for_focus(&mut self, name: &str) {
        let mut last = String::new();
        let end = std::time::Instant::now() + crate::PATIENCE;
        while std::time::Instant::now() < end {
            last = self.focused();
            if last == name {
                return;
            }
            self.glance();
        }
        self.fail(&format!("the focus should be on «{name}», and is on «{last}»"));
    }

    /// Fails if nobody has the focus.
    pub fn assert_focus_is_kept(&mut self) {
        if self.focused().is_empty() {
            self.fail("nobody has the focus");
        }
    }
}
