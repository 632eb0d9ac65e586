//! Support for the whole-app browser tests: one [`App`] is the built site, open in a browser of its own.
//!
//! The methods block, wait for conditions with a limit, and panic with what was expected and what was there: a failed
//! expectation is how a test fails. When an `App` goes out of scope, any error in the browser's console fails the test,
//! unless the test took it with [`App::take_console_errors`].
//!
//! `cargo xtask test` (or `cargo xtask test app -- part-of-a-name`) builds the site and sets the variables:
//! `E2E_DIST` names the built site, `E2E_FLAGS` the file with the browser's flags, `CHROMEDRIVER` and `CHROME` the programs.
#![allow(clippy::panic, clippy::expect_used, reason = "a failed expectation is how a test fails")]

mod driver;
pub mod keys;
mod site;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use driver::{Driver, Post};
pub use site::Files;

/// How long a condition may take to come true.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a condition is looked at.
const GLANCE: Duration = Duration::from_millis(15);

/// How to open the site, where the defaults do not fit.
#[derive(Default)]
pub struct Options {
    /// The files to serve; those of the built site by default.
    pub files: Option<Files>,
    /// A script that runs in the page before anything else.
    pub script: Option<String>,
    /// Whether not to wait for the program to start: it cannot, or the test looks at the start itself.
    pub no_wait: bool,
    /// Whether the browser's data outlive it, for [`App::kill_browser`].
    pub keeps_profile: bool,
}

/// A tab of the browser that was left.
pub struct Tab(WindowHandle);

/// A folder for the browser's data, removed when it is dropped.
struct Profile(PathBuf);

impl Profile {
    fn new() -> Self {
        static PROFILES: AtomicUsize = AtomicUsize::new(0);
        let number = PROFILES.fetch_add(1, Ordering::Relaxed);
        let folder = target_folder().join(format!("profile-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the profile's folder");
        Self(folder.canonicalize().expect("the profile's path"))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // What is left behind in the build folder does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The site, open in a headless browser.
pub struct App {
    runtime: tokio::runtime::Runtime,
    client: Client,
    site: xtask::static_server::Site,
    base: String,
    console_errors: Vec<String>,
    // Dropped last: the driver's process ends after the session.
    driver: Driver,
    profile: Option<Profile>,
    _files: Files,
}

impl App {
    /// Opens the site below a sub-path, with `fragment` (`#/clusters`, or nothing) in its address, and waits until the
    /// program has replaced the loading text.
    pub fn open(fragment: &str) -> Self {
        Self::open_with(fragment, Options::default())
    }

    /// As [`App::open`], with options.
    pub fn open_with(fragment: &str, options: Options) -> Self {
        let files = options.files.unwrap_or_else(Files::built);
        let (site, base) = files.serve();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let driver = Driver::start();
        let profile = options.keeps_profile.then(Profile::new);
        let client = runtime.block_on(driver.session(profile.as_ref().map(|profile| profile.0.as_path())));
        let console_errors = Vec::new();
        let mut app = Self { runtime, client, site, base, console_errors, driver, profile, _files: files };
        if let Some(script) = options.script {
            app.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
        }
        app.resize(1280, 900);
        app.goto(fragment);
        if !options.no_wait {
            app.wait_for_start();
        }
        app
    }

    fn wait_for_start(&mut self) {
        self.wait_until("the program to start", |app| {
            app.count("#boot-status") == 0 && app.count("#app > *") > 0 || app.count("#boot-status[data-cause]") > 0
        });
        if self.count("#boot-status[data-cause]") > 0 {
            let said = self.text("#boot-status");
            self.fail(&format!("the program did not start: {said}"));
        }
    }

    /// Opens another tab of the same browser at an address of the site, and goes on there. Gives the tab that was left.
    pub fn open_tab(&mut self, fragment: &str) -> Tab {
        let left = self.ask("the tab", |client| async move { client.window().await });
        let opened = self.ask("a new tab", |client| async move { client.new_window(true).await });
        self.ask("going to the new tab", |client| async move { client.switch_to_window(opened.handle).await });
        self.resize(1280, 900);
        self.goto(fragment);
        self.wait_for_start();
        Tab(left)
    }

    /// Goes on in another tab. Gives the one that was left.
    pub fn go_to_tab(&mut self, tab: Tab) -> Tab {
        let left = self.ask("the tab", |client| async move { client.window().await });
        self.ask("going to a tab", |client| async move { client.switch_to_window(tab.0).await });
        Tab(left)
    }

    /// Waits until the browser has written a text of the page's local storage to the disk.
    pub fn wait_for_disk(&mut self, text: &str) {
        let folder = self.profile.as_ref().expect("a profile that is kept").0.join("Default/Local Storage/leveldb");
        self.wait_until(&format!("`{text}` to be on the disk"), |_| {
            let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            let mut contents = files.filter_map(|file| std::fs::read(file.path()).ok());
            contents.any(|content| content.windows(text.len()).any(|part| part == text.as_bytes()))
        });
    }

    /// Ends the browser as a crash does, starts another one with the same data, and opens an address of the site there.
    pub fn kill_browser(&mut self, fragment: &str) {
        let profile = self.profile.as_ref().expect("a profile that is kept").0.clone();
        // `HOST-PID`.
        let lock = std::fs::read_link(profile.join("SingletonLock")).expect("the lock of the profile");
        let process = lock.to_string_lossy().rsplit('-').next().unwrap_or_default().to_owned();
        let killed = std::process::Command::new("kill").args(["-9", &process]).status().expect("the program `kill`");
        assert!(killed.success(), "kill -9 {process}: {killed}");
        self.client = self.runtime.block_on(self.driver.session(Some(&profile)));
        self.resize(1280, 900);
        self.goto(fragment);
        self.wait_for_start();
    }

    /// Opens an address of the site: `#/…`, or nothing for the bare page.
    pub fn goto(&mut self, fragment: &str) {
        let address = format!("{}{fragment}", self.base);
        self.ask("opening the page", |client| async move { client.goto(&address).await });
    }

    /// Loads the page again.
    pub fn reload(&mut self) {
        self.ask("reloading", |client| async move { client.refresh().await });
    }

    /// The address that the browser shows, without the part that is the same for every page.
    pub fn address(&mut self) -> String {
        let url = self.ask("the address", |client| async move { client.current_url().await });
        url.as_str().strip_prefix(&self.base).unwrap_or(url.as_str()).to_owned()
    }

    /// Types a line into the terminal and presses Enter.
    pub fn type_line(&mut self, line: &str) {
        self.type_into(".terminal__input", &format!("{line}\u{e007}"));
    }

    /// Types text into an element; it may hold WebDriver's codes for keys, such as `\u{e007}` for Enter.
    pub fn type_into(&mut self, selector: &str, text: &str) {
        let element = self.wait_for(selector);
        self.ask(&format!("typing into `{selector}`"), |_| async move { element.send_keys(text).await });
    }

    /// Types text, or presses keys, wherever the focus is.
    pub fn press(&mut self, keys: &str) {
        self.ask("pressing keys", |client| async move { client.active_element().await?.send_keys(keys).await });
    }

    /// The text of an element as a person sees it.
    pub fn text(&mut self, selector: &str) -> String {
        let element = self.wait_for(selector);
        self.ask(&format!("the text of `{selector}`"), |_| async move { element.text().await })
    }

    /// The value of an attribute, or of a form control's property such as `value`.
    pub fn property(&mut self, selector: &str, name: &str) -> Option<String> {
        let element = self.wait_for(selector);
        self.ask(&format!("`{name}` of `{selector}`"), |_| async move {
            Ok(match element.prop(name).await? {
                Some(value) => Some(value),
                None => element.attr(name).await?,
            })
        })
    }

    /// How many elements match now.
    pub fn count(&mut self, selector: &str) -> usize {
        self.ask(&format!("counting `{selector}`"), |client| async move {
            Ok(client.find_all(Locator::Css(selector)).await?.len())
        })
    }

    /// Waits until an element is there.
    pub fn wait_for(&mut self, selector: &str) -> Element {
        self.wait_for_element(&format!("an element `{selector}`"), Locator::Css(selector))
    }

    /// Waits until no element matches.
    pub fn wait_for_none(&mut self, selector: &str) {
        self.wait_until(&format!("`{selector}` to go away"), |app| app.count(selector) == 0);
    }

    /// Waits until the element's text contains `text`.
    pub fn wait_for_text(&mut self, selector: &str, text: &str) {
        const SCRIPT: &str =
            "return Array.from(document.querySelectorAll(arguments[0]), (e) => e.innerText).join('\\n')";
        let mut seen = String::new();
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            seen = self.script(SCRIPT, vec![json!(selector)]).as_str().unwrap_or_default().to_owned();
            if seen.contains(text) {
                return;
            }
            self.glance();
        }
        self.fail(&format!("`{selector}` never said:\n{text}\n\nIt says:\n{seen}"));
    }

    /// Waits until a condition holds; `what` completes «waited for …».
    pub fn wait_until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            if Instant::now() > end {
                self.fail(&format!("waited {} s for {what}", PATIENCE.as_secs()));
            }
            self.glance();
        }
    }

    /// Clicks the first element that matches.
    pub fn click(&mut self, selector: &str) {
        self.click_on(&format!("an element `{selector}`"), Locator::Css(selector));
    }

    /// Clicks the button, link, tab, option or other control with exactly this label.
    pub fn click_text(&mut self, label: &str) {
        assert!(!label.contains('"'), "a label with a double quote cannot be looked for");
        let path = format!(
            "//*[self::button or self::a or self::summary or self::label or self::option or @role='button' or \
             @role='tab' or @role='menuitem' or @role='option' or @role='link'][normalize-space(.)=\"{label}\"]"
        );
        self.click_on(&format!("a control labelled «{label}»"), Locator::XPath(&path));
    }

    /// Clicks as soon as that is possible: what was just drawn may not be shown yet, or be drawn anew meanwhile.
    fn click_on(&mut self, what: &str, locator: Locator<'_>) {
        let end = Instant::now() + PATIENCE;
        loop {
            let element = self.wait_for_element(what, locator);
            match self.runtime.block_on(element.click()) {
                Ok(()) => return,
                Err(error) if Instant::now() > end => self.fail(&format!("clicking {what}: {error}")),
                Err(_) => self.glance(),
            }
        }
    }

    /// Runs a script in the page; its `return` value comes back, and `arguments` holds the arguments.
    pub fn script(&mut self, script: &str, arguments: Vec<Value>) -> Value {
        self.ask("a script", |client| async move { client.execute(script, arguments).await })
    }

    /// Looks for faults of accessibility: each with its rule, what is wrong, and where. Needs the variable `E2E_AXE`.
    pub fn accessibility_faults(&mut self) -> Vec<String> {
        const RUN: &str = "const done = arguments[arguments.length - 1];
            axe.run().then((found) => done(found.violations.flatMap((rule) => rule.nodes.map((node) =>
                `${rule.id} (${rule.impact}): ${rule.help}: ${node.target.join(' ')}: ${node.failureSummary}`))),
                (error) => done([`axe: ${error}`]))";
        let source = std::fs::read_to_string(variable("E2E_AXE")).expect("the script of axe-core");
        self.script(&source, vec![]);
        let found = self.ask("axe", |client| async move { client.execute_async(RUN, vec![]).await });
        let texts = found.as_array().expect("a list of faults").iter();
        texts.map(|fault| fault.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Makes the page's processor so many times slower.
    pub fn slow_down(&mut self, times: u32) {
        self.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": times }));
    }

    /// Sets the size of the page's viewport.
    pub fn resize(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", size);
    }

    /// Makes the system prefer the dark or the light theme.
    pub fn set_theme(&mut self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.cdp("Emulation.setEmulatedMedia", features);
    }

    /// Writes a PNG of the viewport.
    pub fn screenshot(&mut self, file: impl AsRef<Path>) {
        let png = self.cdp("Page.captureScreenshot", json!({ "format": "png" }));
        let data = png.get("data").and_then(Value::as_str).expect("a picture");
        let bytes = base64::engine::general_purpose::STANDARD.decode(data).expect("base64");
        if let Some(folder) = file.as_ref().parent() {
            std::fs::create_dir_all(folder).expect("the screenshot's folder");
        }
        std::fs::write(file, bytes).expect("the screenshot's file");
    }

    /// Fails if the page has written an error to the console, or the program has panicked.
    pub fn assert_no_console_errors(&mut self) {
        self.read_console();
        assert!(self.console_errors.is_empty(), "errors in the console:\n{}", self.console_errors.join("\n"));
    }

    /// The errors in the console so far. They do not fail the test any more.
    pub fn take_console_errors(&mut self) -> Vec<String> {
        self.read_console();
        std::mem::take(&mut self.console_errors)
    }

    /// The paths below the site's own that the browser has asked for, each with its HTTP status.
    pub fn requests(&self) -> Vec<(String, u16)> {
        let below = |path: String| path.strip_prefix(site::SUB_PATH).map_or(path.clone(), str::to_owned);
        self.site.asked().into_iter().map(|(path, status)| (below(path), status)).collect()
    }

    fn read_console(&mut self) {
        let log = self.ask("the console", |client| async move {
            client.issue_cmd(Post { path: "se/log", body: json!({ "type": "browser" }) }).await
        });
        for entry in log.as_array().into_iter().flatten() {
            let part = |name| entry.get(name).and_then(Value::as_str).unwrap_or_default();
            if part("level") == "SEVERE" || part("message").contains("panicked at") {
                self.console_errors.push(part("message").to_owned());
            }
        }
    }

    fn cdp(&mut self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.ask(command, |client| async move { client.issue_cmd(Post { path: "goog/cdp/execute", body }).await })
    }

    fn wait_for_element(&mut self, what: &str, locator: Locator<'_>) -> Element {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.ask(what, |client| async move { client.find_all(locator).await });
            if let Some(element) = found.into_iter().next() {
                return element;
            }
            if Instant::now() > end {
                self.fail(&format!("there is never {what}"));
            }
            self.glance();
        }
    }

    /// Lets the page go on before the next look at a condition.
    fn glance(&self) {
        self.runtime.block_on(async { tokio::time::sleep(GLANCE).await });
    }

    fn ask<T, F>(&mut self, what: &str, command: impl FnOnce(Client) -> F) -> T
    where
        F: Future<Output = Result<T, CmdError>>,
    {
        let future = command(self.client.clone());
        match self.runtime.block_on(future) {
            Ok(value) => value,
            Err(error) => panic!("{what}: {error}"),
        }
    }

    /// Fails the test, with what the console said and a picture of the page.
    fn fail(&mut self, message: &str) -> ! {
        let errors = self.take_console_errors();
        let name = std::thread::current().name().unwrap_or("test").replace("::", "-");
        let picture = target_folder().join(format!("{name}.png"));
        self.screenshot(&picture);
        panic!("{message}\n\nconsole errors: {errors:#?}\nthe page: {}", picture.display());
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // A test that already fails has its reason.
        let errors = if std::thread::panicking() { Vec::new() } else { self.take_console_errors() };
        let closing = self.client.clone().close();
        // The driver is stopped in any case, and takes the browser with it.
        let _ = self.runtime.block_on(closing);
        assert!(errors.is_empty(), "errors in the console:\n{}", errors.join("\n"));
    }
}

/// Where pictures and copies of the site go.
fn target_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/e2e")
}

/// A variable that `cargo xtask test` sets.
fn variable(name: &str) -> PathBuf {
    match std::env::var_os(name) {
        Some(value) => PathBuf::from(value),
        None => panic!(
            "the variable {name} is not set: these tests need the built site and a browser. Run `cargo xtask test app`"
        ),
    }
}
