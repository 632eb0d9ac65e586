//! md5sum and sha256sum, with `-c`.

use super::{Call, Options, lines, plainly};
use crate::formats::{md5, sha256};

pub(super) fn md5sum(call: &mut Call<'_>) -> i32 {
    run(call, md5::hex, 32)
}

pub(super) fn sha256sum(call: &mut Call<'_>) -> i32 {
    run(call, sha256::hex, 64)
}

fn run(call: &mut Call<'_>, digest: fn(&[u8]) -> String, length: usize) -> i32 {
    let long = [("check", 'c'), ("binary", 'b'), ("text", 't'), ("quiet", 'q'), ("status", 's')];
    // The two last have no letter in the real tool.
    if let Some(letter) = call.args.iter().find(|arg| matches!(arg.as_str(), "-q" | "-s")).cloned() {
        return call.unsupported(&letter, "-b -c -t --quiet --status");
    }
    let options = match Options::read(call, "bctqs", "", &long) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    if options.has('c') {
        return check(call, &options, digest, length);
    }
    let mark = if options.given.last().is_some_and(|(letter, _)| *letter == 'b') { '*' } else { ' ' };
    let (inputs, failed) = call.inputs(&options.operands, plainly);
    for (path, text) in inputs {
        call.out(&format!("{} {mark}{path}\n", digest(text.as_bytes())));
    }
    i32::from(failed)
}

/// Compares files with the digests that lists of `DIGEST  FILE` give.
fn check(call: &mut Call<'_>, options: &Options, digest: fn(&[u8]) -> String, length: usize) -> i32 {
    let (lists, mut failed) = call.inputs(&options.operands, plainly);
    for (list, text) in lists {
        let (mut good, mut bad, mut wrong, mut unread) = (0, 0, 0, 0);
        for line in lines(&text) {
            let parts = line.split_at_checked(length).filter(|(sum, _)| sum.bytes().all(|b| b.is_ascii_hexdigit()));
            let Some((sum, path)) = parts.and_then(|(sum, rest)| {
                Some((sum, rest.strip_prefix(' ').and_then(|rest| rest.strip_prefix([' ', '*']).or(Some(rest)))?))
            }) else {
                bad += 1;
                continue;
            };
            good += 1;
            let (verdict, count) = match call.read(path) {
                Ok(text) if digest(text.as_bytes()).eq_ignore_ascii_case(sum) => ("OK", None),
                Ok(_) => ("FAILED", Some(&mut wrong)),
                Err(error) => {
                    call.complain(&plainly(path, &error));
                    ("FAILED open or read", Some(&mut unread))
                }
            };
            let silent = options.has('s') || options.has('q') && count.is_none();
            if let Some(count) = count {
                *count += 1;
            }
            if !silent {
                call.out(&format!("{path}: {verdict}\n"));
            }
        }
        let list = if list == "-" { "'standard input'".to_owned() } else { list };
        if good == 0 {
            call.complain(&format!("{list}: no properly formatted checksum lines found"));
            failed = true;
            continue;
        }
        let warnings = [
            (bad, "line is", "lines are", "improperly formatted"),
            (unread, "listed file", "listed files", "could not be read"),
            (wrong, "computed checksum", "computed checksums", "did NOT match"),
        ];
        for (count, one, many, what) in warnings.into_iter().filter(|(count, ..)| *count > 0 && !options.has('s')) {
            call.complain(&format!("WARNING: {count} {} {what}", if count == 1 { one } else { many }));
        }
        failed |= wrong + unread > 0;
    }
    i32::from(failed)
}
