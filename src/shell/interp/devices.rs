//! The files below `/dev` that are the streams of the command itself.
//!
//! While a tool runs whose arguments name one, it is a file like any other: with the input in it, or to be written to.

use super::super::io::Stdin;
use super::exec::{Io, Shell, Sink, Stop};

/// What a path below `/dev` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    Input,
    Output,
    Errors,
    Terminal,
}

/// The files by which the streams can be named.
pub(super) const DEVICES: [(&str, Device); 10] = [
    ("/dev/stdin", Device::Input),
    ("/dev/fd/0", Device::Input),
    ("/proc/self/fd/0", Device::Input),
    ("/dev/stdout", Device::Output),
    ("/dev/fd/1", Device::Output),
    ("/proc/self/fd/1", Device::Output),
    ("/dev/stderr", Device::Errors),
    ("/dev/fd/2", Device::Errors),
    ("/proc/self/fd/2", Device::Errors),
    ("/dev/tty", Device::Terminal),
];

/// The stream that a path names.
pub(super) fn device(path: &str) -> Option<Device> {
    DEVICES.iter().find(|(known, _)| *known == path).map(|(_, device)| *device)
}

impl Shell<'_> {
    /// Lays out the devices that arguments name, as files.
    pub(super) fn lend_devices(&mut self, args: &[String], io: &Io) -> Vec<(&'static str, Device)> {
        if !args.iter().any(|arg| arg.contains("/dev/") || arg.contains("/proc/")) {
            return Vec::new();
        }
        let named = |path: &str| {
            args.iter().any(|arg| {
                let after = arg.find(path).and_then(|at| arg.get(at + path.len()..));
                after.is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '/'))
            })
        };
        let lent: Vec<_> = DEVICES.into_iter().filter(|(path, _)| named(path)).collect();
        for (path, device) in &lent {
            let text = match device {
                Device::Input => self.inputs.get(io.stdin).map(|input| input.rest().to_owned()).unwrap_or_default(),
                _ => String::new(),
            };
            self.host.workstation().files.insert((*path).to_owned(), text);
        }
        lent
    }

    /// Takes the devices away again: input that was named is used up, and what was written goes where it belongs.
    pub(super) fn take_devices(&mut self, lent: Vec<(&'static str, Device)>, io: &Io) -> Result<(), Stop> {
        for (path, device) in lent {
            let text = self.host.workstation().files.remove(path).unwrap_or_default();
            match device {
                Device::Input => {
                    self.inputs.get_mut(io.stdin).map(Stdin::take);
                }
                Device::Output => self.write(&io.stdout, &text)?,
                Device::Errors => self.write(&io.stderr, &text)?,
                Device::Terminal => self.write(&Sink::Terminal(super::super::io::Stream::Out), &text)?,
            }
        }
        Ok(())
    }

    /// The text of a file that a builtin reads; the error is the C library's words.
    pub(super) fn text_of(&mut self, path: &str, io: &Io) -> Result<String, String> {
        match device(path) {
            Some(Device::Input) => Ok(self.inputs.get_mut(io.stdin).map(Stdin::take).unwrap_or_default()),
            Some(Device::Terminal) if !self.interactive() => Err("No such device or address".to_owned()),
            Some(_) => Ok(String::new()),
            None => self.host.workstation().read(path).map(str::to_owned).map_err(|error| error.to_string()),
        }
    }
}
