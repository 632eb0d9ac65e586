//! Invoking a command by its name: a function, a builtin, a tool of this shell, or one of the host's.

use super::super::io::Input;
use super::super::{files, filters};
use super::exec::{Io, Run, Shell, Stop};
use super::{MAX_CALLS, MAX_TOOL_CALLS, arrays, builtins};

impl Shell<'_> {
    /// Runs the command `argv`: a builtin, a tool of this shell, or one of the host's.
    pub fn invoke(&mut self, argv: &[String], io: &Io) -> Run {
        let Some((name, args)) = argv.split_first() else { return Ok(0) };
        if let Some(body) = self.host.workstation().variables.get(&arrays::function(name)).cloned() {
            return self.function(name, &body, args, io);
        }
        self.program(name, args, argv, io)
    }

    /// Runs a command that is no function.
    pub fn program(&mut self, name: &str, args: &[String], argv: &[String], io: &Io) -> Run {
        if let Some(builtin) = builtins::find(name) {
            return match builtin(self, args, io) {
                // A variable that may not be changed is a failure of the builtin alone.
                Err(Stop::Line(status)) if builtins::SETTERS.contains(&name) => Ok(status),
                other => other,
            };
        }
        let base = name.strip_prefix("/usr/bin/").or(name.strip_prefix("/bin/")).unwrap_or(name);
        if let Some(tool) = files::find(base).or_else(|| filters::find(base)) {
            let lent = self.lend_devices(args, io);
            let mut stdin = self.inputs.get_mut(io.stdin).map(std::mem::take).unwrap_or_default();
            self.work(stdin.rest().len())?;
            let now = self.host.now();
            let mut call = filters::Call::new(base, args, self.host.workstation(), &mut stdin);
            call.now = now;
            let exit = tool(&mut call);
            let chunks = call.finish();
            if let Some(input) = self.inputs.get_mut(io.stdin) {
                *input = stdin;
            }
            self.write_chunks(&chunks, io)?;
            self.take_devices(lent, io)?;
            return Ok(exit);
        }
        let env = self.host.workstation().environment();
        let stdin = self.inputs.get(io.stdin).map(|input| input.rest().to_owned()).unwrap_or_default();
        self.work(stdin.len() + env.values().map(String::len).sum::<usize>())?;
        if self.progress.tool_calls >= MAX_TOOL_CALLS {
            return self.refuse(&format!("the script called tools more than {MAX_TOOL_CALLS} times; stopped"));
        }
        let input = Input::new(&stdin);
        let lent = self.lend_devices(args, io);
        if let Some(output) = self.host.run(argv, &env, &input) {
            self.progress.tool_calls += 1;
            if let Some(stdin) = self.inputs.get_mut(io.stdin) {
                stdin.skip(input.taken());
            }
            self.write_chunks(&output.chunks, io)?;
            self.take_devices(lent, io)?;
            return Ok(output.exit);
        }
        self.take_devices(lent, io)?;
        self.not_found(name, args, io)
    }

    fn not_found(&mut self, name: &str, args: &[String], io: &Io) -> Run {
        if let Some(instead) = builtins::instead_of(name) {
            self.complain(io, &format!("{name}: not supported in this terminal; {instead}"))?;
            return Ok(2);
        }
        let w = self.host.workstation();
        let (message, status) = match name.contains('/') {
            true if w.is_directory(name) => ("Is a directory", 126),
            true if w.is_file(name) => {
                let path = [name.to_owned()];
                return builtins::script(self, &[&path, args].concat(), io);
            }
            true => ("No such file or directory", 127),
            false => ("command not found", 127),
        };
        self.complain(io, &format!("{name}: {message}"))?;
        Ok(status)
    }

    /// Runs `run` as something that a command calls, with a bound on how deep that goes.
    pub fn call(&mut self, run: impl FnOnce(&mut Self) -> Run) -> Run {
        if self.calls >= MAX_CALLS {
            return self.refuse(&format!("commands call each other more than {MAX_CALLS} deep; stopped"));
        }
        self.count_command()?;
        self.calls += 1;
        let result = run(self);
        self.calls -= 1;
        result
    }
}
