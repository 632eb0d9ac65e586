//! curl and wget for the manifests that AWS publishes ([`crate::shell::published`]). Nothing else leaves the page.

use super::{Call, Options};
use crate::shell::published;

/// The last part of an address.
fn file_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':', '?']).next().unwrap_or_default()
}

/// Writes a file; the exit code of the tool if that fails.
fn save(call: &mut Call<'_>, path: &str, text: &str, exit: i32) -> Result<(), i32> {
    call.workstation.write(path, text).map_err(|error| {
        call.complain(&format!("({exit}) Failure writing output to destination {path}: {error}"));
        exit
    })
}

/// `curl`
pub(super) fn curl(call: &mut Call<'_>) -> i32 {
    const LONG: &[(&str, char)] = &[
        ("silent", 's'),
        ("show-error", 'S'),
        ("location", 'L'),
        ("fail", 'f'),
        ("insecure", 'k'),
        ("remote-name", 'O'),
        ("output", 'o'),
        ("retry", 'r'),
        ("tlsv1.2", 't'),
        ("proto", 'p'),
        ("create-dirs", 'c'),
    ];
    let options = match Options::read(call, "sSLfkOtc", "orp", LONG) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    if options.operands.is_empty() {
        call.complain("try 'curl --help' for more information");
        return 2;
    }
    let mut targets = options.values('o');
    let mut exit = 0;
    for url in &options.operands {
        let target = targets.next().map(str::to_owned);
        let target = target.or_else(|| options.has('O').then(|| file_name(url).to_owned())).filter(|path| path != "-");
        let Some(text) = published::find(url) else {
            if !options.has('s') || options.has('S') {
                call.complain(&format!("(6) Could not resolve host: {}", host(url)));
            }
            call.complain(&published::unknown());
            exit = 6;
            continue;
        };
        let Some(path) = target else {
            call.out(&text);
            continue;
        };
        if !options.has('s') {
            let size = text.len();
            call.err(&format!(
                "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n{:33}Dload  Upload   Total   \
                 Spent    Left  Speed\n100 {size:>5}  100 {size:>5}    0     0  {size:>5}      0 --:--:-- --:--:-- --:--:-- \
                 {size:>5}\n",
                ""
            ));
        }
        if options.has('c')
            && let Some((directory, _)) = path.rsplit_once('/')
        {
            // What is in the way is told by the write.
            let _ = call.workstation.make_directory(directory, true);
        }
        if let Err(failed) = save(call, &path, &text, 23) {
            exit = failed;
        }
    }
    exit
}

/// `wget`
pub(super) fn wget(call: &mut Call<'_>) -> i32 {
    const LONG: &[(&str, char)] = &[
        ("quiet", 'q'),
        ("no-verbose", 'n'),
        ("output-document", 'O'),
        ("no-check-certificate", 'k'),
        ("continue", 'c'),
    ];
    // `-nv` is one option of two letters.
    let args: Vec<String> =
        call.args.iter().map(|arg| if arg == "-nv" { "-n".to_owned() } else { arg.clone() }).collect();
    let options = match Options::read_from(call, &args, "qnkc", "O", LONG) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    if options.operands.is_empty() {
        call.err("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n");
        return 1;
    }
    for url in &options.operands {
        let Some(text) = published::find(url) else {
            if !options.has('q') {
                call.complain(&format!("unable to resolve host address ‘{}’", host(url)));
            }
            call.complain(&published::unknown());
            return 4;
        };
        let path = options.value('O').unwrap_or(file_name(url)).to_owned();
        if path == "-" {
            call.out(&text);
            continue;
        }
        if let Err(exit) = save(call, &path, &text, 3) {
            return exit;
        }
        if !options.has('q') {
            let size = text.len();
            call.err(&format!("URL:{url} [{size}/{size}] -> \"{path}\" [1]\n"));
        }
    }
    0
}
