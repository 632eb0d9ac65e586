//! Redirections: the streams that a command runs with.

use super::super::io::Stdin;
use super::super::syntax::ast::{Redirection, RedirectionKind, Word};
use super::exec::{Io, Shell, Sink, Stop};

impl Shell<'_> {
    /// The streams of a command; `None` if a redirection failed, which has been said.
    pub(super) fn redirect(&mut self, redirections: &[Redirection], io: &Io) -> Result<Option<Io>, Stop> {
        let mut io = io.clone();
        for redirection in redirections {
            match &redirection.kind {
                RedirectionKind::Read(word) => {
                    let Some(path) = self.file_name(word, &io)? else { return Ok(None) };
                    if path == "/dev/stdin" {
                        continue;
                    }
                    match self.host.workstation().read(&path).map(str::to_owned) {
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
                RedirectionKind::Write { descriptor, append, file } => {
                    let Some(sink) = self.open(file, *append, &io)? else { return Ok(None) };
                    match descriptor {
                        2 => io.stderr = sink,
                        _ => io.stdout = sink,
                    }
                }
                RedirectionKind::WriteBoth { append, file } => {
                    let Some(sink) = self.open(file, *append, &io)? else { return Ok(None) };
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

    fn open(&mut self, word: &Word, append: bool, io: &Io) -> Result<Option<Sink>, Stop> {
        let Some(path) = self.file_name(word, io)? else { return Ok(None) };
        match path.as_str() {
            "/dev/null" => return Ok(Some(Sink::Null)),
            "/dev/stdout" => return Ok(Some(io.stdout.clone())),
            "/dev/stderr" => return Ok(Some(io.stderr.clone())),
            _ => {}
        }
        let w = self.host.workstation();
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
