//! Redirections: the streams that a command runs with.

use super::super::io::{Stdin, Stream};
use super::super::syntax::ast::{Redirection, RedirectionKind, Word};
use super::devices::{Device, device};
use super::exec::{Io, Shell, Sink, Stop};
use super::options::NO_CLOBBER;
use crate::session::workstation::NULL_DEVICE;

impl Shell<'_> {
    /// The streams of a command; `None` if a redirection failed, which has been said.
    pub(super) fn redirect(&mut self, redirections: &[Redirection], io: &Io) -> Result<Option<Io>, Stop> {
        let mut io = io.clone();
        for redirection in redirections {
            match &redirection.kind {
                RedirectionKind::Read(word) => {
                    let Some(path) = self.file_name(word, &io)? else { return Ok(None) };
                    match device(&path) {
                        Some(Device::Terminal) if self.interactive() => {
                            io.stdin = 0;
                            continue;
                        }
                        Some(Device::Input) => continue,
                        _ => {}
                    }
                    match self.text_of(&path, &io) {
                        Ok(text) => self.feed(Stdin::from_file(text), &mut io)?,
                        Err(error) => {
                            self.complain(&io, &format!("{path}: {error}"))?;
                            return Ok(None);
                        }
                    }
                }
                RedirectionKind::HereString(word) => {
                    let mut text = self.assigned(word, &io)?;
                    text.push('\n');
                    self.feed(Stdin::new(text), &mut io)?;
                }
                RedirectionKind::HereDocument(body) => {
                    let text = match body.get() {
                        Some(body) => self.joined(body, &io)?,
                        None => String::new(),
                    };
                    self.feed(Stdin::new(text), &mut io)?;
                }
                RedirectionKind::Write { descriptor, append, force, file } => {
                    let Some(sink) = self.open(file, *append, *force, &io)? else { return Ok(None) };
                    match descriptor {
                        2 => io.stderr = sink,
                        _ => io.stdout = sink,
                    }
                }
                RedirectionKind::WriteBoth { append, file } => {
                    let Some(sink) = self.open(file, *append, false, &io)? else { return Ok(None) };
                    io.stderr = sink.clone();
                    io.stdout = sink;
                }
                RedirectionKind::Duplicate { descriptor, of } => match (descriptor, of) {
                    (2, 1) => io.stderr = io.stdout.clone(),
                    (1, 2) => io.stdout = io.stderr.clone(),
                    _ => {}
                },
                RedirectionKind::Close(descriptor) => match descriptor {
                    2 => io.stderr = Sink::Null,
                    _ => io.stdout = Sink::Null,
                },
            }
        }
        Ok(Some(io))
    }

    fn feed(&mut self, input: Stdin, io: &mut Io) -> Result<(), Stop> {
        self.work(input.rest().len())?;
        self.inputs.push(input);
        io.stdin = self.inputs.len() - 1;
        Ok(())
    }

    /// The one file name that a redirection's word stands for.
    fn file_name(&mut self, word: &Word, io: &Io) -> Result<Option<String>, Stop> {
        let mut names = self.fields(std::slice::from_ref(word), io)?;
        if names.len() == 1 {
            return Ok(names.pop());
        }
        let written = super::print::word(word);
        self.complain(io, &format!("{written}: ambiguous redirect"))?;
        Ok(None)
    }

    fn open(&mut self, word: &Word, append: bool, force: bool, io: &Io) -> Result<Option<Sink>, Stop> {
        let Some(path) = self.file_name(word, io)? else { return Ok(None) };
        match device(&path) {
            _ if path == NULL_DEVICE => return Ok(Some(Sink::Null)),
            Some(Device::Output) => return Ok(Some(io.stdout.clone())),
            Some(Device::Errors) => return Ok(Some(io.stderr.clone())),
            Some(Device::Terminal) if self.interactive() => return Ok(Some(Sink::Terminal(Stream::Out))),
            Some(Device::Terminal) => {
                self.complain(io, &format!("{path}: No such device or address"))?;
                return Ok(None);
            }
            Some(Device::Input) | None => {}
        }
        let keeps = self.progress.options.has(NO_CLOBBER) && !append && !force;
        let w = self.host.workstation();
        if keeps && w.is_file(&path) {
            self.complain(io, &format!("{path}: cannot overwrite existing file"))?;
            return Ok(None);
        }
        let opened = match path.as_str() {
            "" => Err(crate::session::workstation::FileError::NotFound),
            path if append => w.append(path, ""),
            path => w.write(path, ""),
        };
        match opened {
            Ok(()) => Ok(Some(Sink::File(self.host.workstation().resolve(&path)))),
            Err(error) => {
                self.complain(io, &format!("{path}: {error}"))?;
                Ok(None)
            }
        }
    }
}
