//! What scripts print, what the shell says about them, and how much of the bounds they use.

use std::borrow::Cow;

use super::super::io::{Chunk, Stream};
use super::exec::{Io, Shell, Sink, Stop};
use super::{MAX_COMMANDS, MAX_FIELDS, MAX_OUTPUT_BYTES, MAX_WORK_BYTES, arrays, options};
use crate::session::workstation::Workstation;
use crate::shell::syntax::is_name;

impl Shell<'_> {
    /// Prints on the terminal itself.
    pub fn print(&mut self, stream: Stream, text: &str) {
        self.progress.printed += text.len();
        self.output.push(stream, text);
    }

    pub fn write(&mut self, sink: &Sink, text: &str) -> Result<(), Stop> {
        self.work(text.len())?;
        match sink {
            Sink::Null => {}
            Sink::Terminal(stream) => {
                if self.progress.printed + text.len() > MAX_OUTPUT_BYTES {
                    return self.refuse(&format!("the script printed more than {MAX_OUTPUT_BYTES} bytes; stopped"));
                }
                self.print(*stream, text);
            }
            Sink::Capture(index) => {
                let Some(capture) = self.captures.get_mut(*index) else { return Ok(()) };
                if capture.len() + text.len() > MAX_OUTPUT_BYTES {
                    return self.refuse(&format!("a command printed more than {MAX_OUTPUT_BYTES} bytes; stopped"));
                }
                capture.push_str(text);
            }
            Sink::File(path) => {
                if let Err(error) = self.host.workstation().append(path, text) {
                    return self.refuse(&format!("{path}: write error: {error}"));
                }
            }
        }
        Ok(())
    }

    pub fn out(&mut self, io: &Io, text: &str) -> Result<(), Stop> {
        self.write(&io.stdout, text)
    }

    pub(super) fn write_chunks(&mut self, chunks: &[Chunk], io: &Io) -> Result<(), Stop> {
        for chunk in chunks {
            let sink = if chunk.stream == Stream::Out { &io.stdout } else { &io.stderr };
            self.write(sink, &chunk.text)?;
        }
        Ok(())
    }

    /// A message of the shell, with the head that bash gives it.
    pub fn complain(&mut self, io: &Io, message: &str) -> Result<(), Stop> {
        let text = format!("{}{message}\n", self.head());
        self.write(&io.stderr, &text)
    }

    fn head(&mut self) -> String {
        match self.host.workstation().variables.get("0").filter(|_| self.scripts > 0).cloned() {
            Some(name) => format!("{name}: line {}: ", self.line),
            None if self.interactive() => "bash: ".to_owned(),
            None => format!("bash: line {}: ", self.line),
        }
    }

    /// True, and said, if a variable is one that may not be changed.
    pub(super) fn refuses_to_change(&mut self, name: &str, io: &Io) -> Result<bool, Stop> {
        let w = self.host.workstation();
        let target = arrays::target(w, name);
        let refuses = arrays::attributes(w, target.split('[').next().unwrap_or_default()).contains('r');
        if refuses {
            self.complain(io, &format!("{target}: readonly variable"))?;
        }
        Ok(refuses)
    }

    /// A message about a bound, which ends the script.
    pub fn refuse<T>(&mut self, message: &str) -> Result<T, Stop> {
        // Not through `write`: the bound may be the one on output.
        let text = format!("{}{message}\n", self.head());
        if !self.spent() {
            self.print(Stream::Err, &text);
        }
        self.progress.work = usize::MAX;
        Err(Stop::Exit(2))
    }

    /// True after [`Shell::refuse`].
    pub(super) fn spent(&self) -> bool {
        self.progress.work == usize::MAX
    }

    /// Counts bytes that are copied or looked at.
    pub fn work(&mut self, bytes: usize) -> Result<(), Stop> {
        self.progress.work = self.progress.work.saturating_add(bytes);
        if self.progress.work <= MAX_WORK_BYTES {
            return Ok(());
        }
        if self.progress.work != usize::MAX {
            return self.refuse(&format!("the script handled more than {MAX_WORK_BYTES} bytes; stopped"));
        }
        Err(Stop::Exit(2))
    }

    pub(super) fn count_command(&mut self) -> Result<(), Stop> {
        self.progress.commands += 1;
        if self.progress.commands > MAX_COMMANDS {
            return self.refuse(&format!("the script ran more than {MAX_COMMANDS} commands; stopped"));
        }
        Ok(())
    }

    pub fn too_many_fields<T>(&mut self) -> Result<T, Stop> {
        self.refuse(&format!("a command expands to more than {MAX_FIELDS} words; stopped"))
    }

    /// Sets a variable or an element; attributes that `declare` gave it have their effect. One that may not be changed
    /// says so, and the line ends.
    pub fn set_variable(&mut self, name: &str, value: String) -> Result<(), Stop> {
        self.work(value.len())?;
        let w = self.host.workstation();
        let has = |w: &Workstation| {
            w.variables.range("declare ".to_owned()..).next().is_some_and(|(name, _)| name.starts_with("declare "))
        };
        let (mut name, mut value) = (Cow::Borrowed(name), value);
        if has(w) && !name.contains(' ') {
            name = Cow::Owned(arrays::target(w, &name));
            let base = name.split('[').next().unwrap_or_default();
            let letters = arrays::attributes(w, base).to_owned();
            if letters.contains('r') {
                let text = format!("{}{base}: readonly variable\n", self.head());
                self.write(&Sink::Terminal(Stream::Err), &text)?;
                return Err(Stop::Line(1));
            }
            if letters.contains('i') {
                let io = Io { stdin: 0, stdout: Sink::Null, stderr: Sink::Terminal(Stream::Err) };
                value = self.calculate(&value, &io)?.unwrap_or(0).to_string();
            } else if letters.contains('u') {
                value = value.to_uppercase();
            } else if letters.contains('l') {
                value = value.to_lowercase();
            }
        }
        let name = &*name;
        if self.progress.options.has(options::ALL_EXPORT) && is_name(name) {
            self.host.workstation().exported.insert(name.to_owned());
        }
        match self.host.workstation().set_variable(name, value) {
            Ok(()) => Ok(()),
            Err(error) => self.refuse(&format!("{name}: {error}")),
        }
    }
}
