//! chromedriver: starting it, opening a session, and the commands that the WebDriver client does not know.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::variable;

/// A running chromedriver, ended when it is dropped.
pub struct Driver {
    process: Child,
    port: u16,
}

/// How often chromedriver is started before that has failed: it picks a port free for IPv4, and ends when the same port
/// is taken for IPv6.
const STARTS: usize = 5;

impl Driver {
    /// Starts chromedriver on a port that it chooses.
    pub fn start() -> Self {
        let program = variable("CHROMEDRIVER");
        let mut ends = Vec::new();
        for _ in 0..STARTS {
            match Self::started(&program) {
                Ok(driver) => return driver,
                Err(end) => ends.push(end),
            }
        }
        panic!("{} did not start: {ends:?}", program.display());
    }

    /// One try; else how it ended.
    fn started(program: &Path) -> Result<Self, std::io::Result<ExitStatus>> {
        let mut command = Command::new(program);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = match command.spawn() {
            Ok(process) => process,
            Err(error) => panic!("cannot start {}: {error}", program.display()),
        };
        let lines = BufReader::new(process.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        // `ChromeDriver was started successfully on port 12345.`
        let port = lines
            .filter_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .next();
        match port {
            Some(port) => Ok(Self { process, port }),
            None => Err(process.wait()),
        }
    }

    /// Opens a browser with the flags of `webdriver.json`; with a profile, its data are kept there.
    pub async fn session(&self, profile: Option<&Path>) -> Client {
        let file = variable("E2E_FLAGS");
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut flags: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let arguments = flags.pointer_mut("/goog:chromeOptions/args").and_then(Value::as_array_mut);
        let arguments = arguments.expect("the browser's flags");
        arguments.extend(profile.map(|folder| json!(format!("--user-data-dir={}", folder.display()))));
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments, "binary": variable("CHROME") },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted.as_object().expect("an object").clone());
        match builder.connect(&format!("http://127.0.0.1:{}", self.port)).await {
            Ok(client) => client,
            Err(error) => panic!("the browser did not start: {error}"),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A command of chromedriver's own: what to POST where.
#[derive(Debug)]
pub struct Post {
    /// The path below the session's.
    pub path: &'static str,
    /// The body.
    pub body: Value,
}

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
