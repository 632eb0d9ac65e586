//! A small HTTP server for the files of a built site: `cargo xtask serve`, and the whole-app tests.
//!
//! It binds to the loopback address only. One thread per connection, one request per connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The longest request head that is read.
const HEAD_LIMIT: u64 = 16 * 1024;
/// How long a connection may stay silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// A site to serve, and what was asked of it.
#[derive(Clone)]
pub struct Site {
    root: PathBuf,
    prefix: String,
    asked: Arc<Mutex<Vec<(String, u16)>>>,
}

impl Site {
    /// The files below `root`, at the path `prefix`: `/` or, for instance, `/some/where/`.
    pub fn new(root: impl Into<PathBuf>, prefix: &str) -> Self {
        Self { root: root.into(), prefix: prefix.to_owned(), asked: Arc::default() }
    }

    /// The paths asked for so far, each with the status it got.
    pub fn asked(&self) -> Vec<(String, u16)> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers requests to `listener` in background threads until the process ends. Returns the address.
    ///
    /// # Errors
    /// If the listener has no address.
    pub fn serve_in_background(&self, listener: TcpListener) -> io::Result<SocketAddr> {
        let address = listener.local_addr()?;
        let site = self.clone();
        std::thread::spawn(move || site.serve(&listener));
        Ok(address)
    }

    /// Answers requests to `listener` for ever.
    pub fn serve(&self, listener: &TcpListener) {
        for stream in listener.incoming().flatten() {
            let site = self.clone();
            // A client that goes away in the middle is its own business.
            std::thread::spawn(move || site.answer(stream).ok());
        }
    }

    fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut head = BufReader::new((&stream).take(HEAD_LIMIT));
        let mut request = String::new();
        head.read_line(&mut request)?;
        let mut header = String::new();
        while head.read_line(&mut header)? > 2 {
            header.clear();
        }
        let mut words = request.split_whitespace();
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if method.is_empty() {
            return Ok(()); // a connection opened in advance and not used
        }
        let (status, kind, body) = self.find(method, target);
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push((target.to_owned(), status));
        let reason = match status {
            200 => "OK",
            404 => "Not Found",
            _ => "Method Not Allowed",
        };
        write!(
            stream,
            "HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
             Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
            body.len()
        )?;
        if method != "HEAD" {
            stream.write_all(&body)?;
        }
        stream.flush()
    }

    /// Status, content type and body for a request.
    fn find(&self, method: &str, target: &str) -> (u16, &'static str, Vec<u8>) {
        const TEXT: &str = "text/plain; charset=utf-8";
        if method != "GET" && method != "HEAD" {
            return (405, TEXT, b"only GET and HEAD\n".to_vec());
        }
        let found = file_of(&self.prefix, target).and_then(|name| {
            let body = std::fs::read(self.root.join(&name)).ok()?;
            Some((200, content_type(&name), body))
        });
        found.unwrap_or_else(|| (404, TEXT, format!("nothing at {target}\n").into_bytes()))
    }
}

/// The file, relative to the site's root, that the request target names; `None` if it is outside the site.
fn file_of(prefix: &str, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?;
    let inside = percent_decode(path)?.strip_prefix(prefix)?.to_owned();
    let file = if inside.is_empty() || inside.ends_with('/') { format!("{inside}index.html") } else { inside };
    let file = PathBuf::from(file);
    file.components().all(|part| matches!(part, Component::Normal(_))).then_some(file)
}

/// `%41` becomes `A`. `None` for a broken escape or text that is not UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            decoded.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_name_files_inside_the_prefix_only() {
        let check = |target: &str, expected: Option<&str>| {
            assert_eq!(file_of("/a/b/", target).as_deref(), expected.map(Path::new), "{target}");
        };
        check("/a/b/", Some("index.html"));
        check("/a/b/x.css?v=1", Some("x.css"));
        check("/a/b/x%20y.css", Some("x y.css"));
        check("/x.css", None);
        check("/a/b/../../etc/passwd", None);
        check("/a/b/%2e%2e/secret", None);
        check("/a/b//etc/passwd", None);
        check("/a/b/%zz", None);
        check("/a/b/%e2", None);
    }

    #[test]
    fn a_file_is_served_with_its_type_and_a_missing_one_is_404() {
        let root = std::env::temp_dir().join(format!("static-server-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        std::fs::write(root.join("p.wasm"), b"\0asm").unwrap();
        let site = Site::new(&root, "/here/");
        let address = site.serve_in_background(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        let ask = |line: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "{line}\r\nHost: x\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        let found = ask("GET /here/p.wasm HTTP/1.1");
        assert!(
            found.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/wasm\r\nContent-Length: 4\r\n"),
            "{found}"
        );
        assert!(found.ends_with("\r\n\r\n\0asm"), "{found}");
        assert!(ask("HEAD /here/p.wasm HTTP/1.1").ends_with("\r\n\r\n"));
        assert!(ask("GET /p.wasm HTTP/1.1").starts_with("HTTP/1.1 404 "));
        assert!(ask("POST /here/p.wasm HTTP/1.1").starts_with("HTTP/1.1 405 "));
        assert_eq!(site.asked().len(), 4);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
