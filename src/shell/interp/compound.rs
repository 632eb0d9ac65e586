//! Running the compound commands of bash: functions, `case`, `[[ … ]]`, `((…))`, and assignment to arrays.

use super::super::filters::find_extended;
use super::super::syntax::ast::*;
use super::super::syntax::parse;
use super::exec::{Io, Run, Shell, Stop};
use super::options::{ERR_TRACE, FUNC_TRACE, NO_CASE_MATCH, TRACE};
use super::{arrays, condition, pattern};

impl Shell<'_> {
    /// Calls a function.
    pub(super) fn function(&mut self, name: &str, body: &str, args: &[String], io: &Io) -> Run {
        self.work(body.len() + args.iter().map(String::len).sum::<usize>())?;
        let list = match parse(body) {
            Ok(list) => list,
            Err(error) => {
                self.complain(io, &format!("{name}: {error}"))?;
                return Ok(2);
            }
        };
        let w = self.host.workstation();
        let old = arrays::set_positional(w, args);
        let caller = w.variables.insert("FUNCNAME".to_owned(), name.to_owned());
        self.locals.push(Vec::new());
        self.returns += 1;
        let (loops, line) = (std::mem::take(&mut self.loops), self.line);
        let options = self.progress.options;
        let quiet = self.quiet_traps.clone();
        if !options.has(ERR_TRACE) {
            self.quiet_traps.push("ERR");
        }
        if !options.has(FUNC_TRACE) {
            self.quiet_traps.extend(["DEBUG", "RETURN"]);
        }
        let mut result = self.call(|shell| shell.list(&list, io));
        if let Ok(status) | Err(Stop::Return(status)) = result {
            self.set_status(status);
            if let Err(stop) = self.trap("RETURN", io) {
                result = Err(stop);
            }
        }
        self.quiet_traps = quiet;
        (self.loops, self.line) = (loops, line);
        self.returns -= 1;
        let hidden = self.locals.pop().unwrap_or_default();
        let w = self.host.workstation();
        for hidden in hidden.into_iter().rev() {
            arrays::take(w, &hidden.name);
            w.variables.extend(hidden.values);
            if !hidden.exported {
                w.exported.remove(&hidden.name);
            }
        }
        match caller {
            Some(caller) => w.variables.insert("FUNCNAME".to_owned(), caller),
            None => w.variables.remove("FUNCNAME"),
        };
        arrays::set_positional(w, &old);
        match result {
            Err(Stop::Return(status)) => Ok(status),
            other => other,
        }
    }

    /// `export`, `local` and the like with values: the values are looked up first, then the names declared, then set.
    pub(super) fn declared(&mut self, argv: &[String], declared: &[Assignment], io: &Io) -> Run {
        let mut values = Vec::new();
        for assignment in declared {
            let plain = assignment.array.is_none() && assignment.index.is_none() && !assignment.append;
            values.push(if plain { Some(self.assigned(&assignment.value, io)?) } else { None });
        }
        self.trace(&argv.iter().map(|word| super::print::traced(word)).collect::<Vec<_>>().join(" "))?;
        let mut status = self.invoke(argv, io)?;
        let command = argv.first().map_or("", String::as_str);
        let flags = |letter| argv.iter().skip(1).any(|arg| arg.starts_with('-') && arg.contains(letter));
        for (assignment, value) in declared.iter().zip(values) {
            let name = &assignment.name;
            if flags('n') && matches!(command, "declare" | "local" | "typeset") {
                // The value of a reference is the name it stands for.
                let value = value.unwrap_or_default();
                if value == *name && self.locals.is_empty() {
                    let message = format!("{command}: {name}: nameref variable self references not allowed");
                    self.complain(io, &message)?;
                    status = 1;
                    continue;
                }
                let w = self.host.workstation();
                arrays::set_attribute(w, name, 'n', false);
                self.set_variable(name, value)?;
                arrays::set_attribute(self.host.workstation(), name, 'n', true);
                continue;
            }
            if self.refuses_to_change(name, io)? {
                status = 1;
                continue;
            }
            match value {
                Some(value) => self.set_variable(name, value)?,
                None => self.assign(assignment, io)?,
            }
            if command == "readonly" || flags('r') && command != "export" {
                arrays::set_attribute(self.host.workstation(), name, 'r', true);
            }
        }
        Ok(status)
    }

    /// Sets a variable, an element or an array.
    pub(super) fn assign(&mut self, assignment: &Assignment, io: &Io) -> Result<(), Stop> {
        if self.refuses_to_change(&assignment.name, io)? {
            return Err(Stop::Line(1));
        }
        let name = &arrays::target(self.host.workstation(), &assignment.name);
        if let Some((array, _)) = name.split_once('[') {
            // A reference to an element.
            self.as_array(array, true);
            let value = self.assigned(&assignment.value, io)?;
            return self.set_variable(name, value);
        }
        if let Some(items) = &assignment.array {
            return self.assign_array(name, items, assignment.append, io);
        }
        let target = match &assignment.index {
            // Without an index the first element is meant, if it is an array.
            None if self.host.workstation().variables.contains_key(&arrays::element(name, "0")) => {
                arrays::element(name, "0")
            }
            index => {
                let target = self.named(name, index.as_ref(), io)?;
                self.as_array(name, index.is_some());
                target
            }
        };
        let mut value = self.assigned(&assignment.value, io)?;
        if assignment.append {
            let w = self.host.workstation();
            let old = arrays::value(w, &target).unwrap_or_default();
            // Of an integer `+=` is a sum.
            let sum = if arrays::attributes(w, name).contains('i') { "+" } else { "" };
            value.insert_str(0, &format!("{old}{sum}"));
        }
        if self.progress.options.has(TRACE) {
            let operator = if assignment.append { "+=" } else { "=" };
            self.trace(&format!("{}{operator}{}", assignment.name, super::print::traced(&value)))?;
        }
        self.set_variable(&target, value)
    }

    /// Makes a plain variable the first element of an array.
    fn as_array(&mut self, name: &str, wanted: bool) {
        let w = self.host.workstation();
        if wanted && let Some(value) = w.variables.remove(name) {
            w.variables.insert(arrays::element(name, "0"), value);
        }
    }

    fn assign_array(&mut self, name: &str, items: &[(Option<Word>, Word)], append: bool, io: &Io) -> Result<(), Stop> {
        let associative = arrays::is_associative(self.host.workstation(), name);
        // The words may look at what the array holds now.
        let mut values = Vec::new();
        let mut next = 0;
        if append {
            self.as_array(name, true);
            let elements = arrays::elements(self.host.workstation(), name);
            next = elements.last().and_then(|(index, _)| index.parse::<i64>().ok()).map_or(0, |last| last + 1);
        }
        for (index, word) in items {
            match index {
                Some(index) => {
                    let key = self.joined(index, io)?;
                    let value = self.assigned(word, io)?;
                    if associative {
                        values.push((key, value));
                        continue;
                    }
                    next = self.calculate(&key, io)?.unwrap_or(0);
                    values.push((next.to_string(), value));
                    next += 1;
                }
                None => {
                    for value in self.fields(std::slice::from_ref(word), io)? {
                        values.push((next.to_string(), value));
                        next += 1;
                    }
                }
            }
        }
        if !append {
            let w = self.host.workstation();
            arrays::take_values(w, name);
            if associative {
                w.variables.insert(format!("{name}["), String::new());
            }
        }
        for (index, value) in values {
            self.set_variable(&arrays::element(name, &index), value)?;
        }
        Ok(())
    }

    pub(super) fn case(&mut self, word: &Word, arms: &[CaseArm], io: &Io) -> Run {
        let text = self.assigned(word, io)?;
        self.trace(&format!("case {} in", super::print::traced(&text)))?;
        let fold = self.progress.options.has(NO_CASE_MATCH);
        let (mut status, mut falls) = (0, false);
        for arm in arms {
            let mut fits = std::mem::take(&mut falls);
            for pattern in &arm.patterns {
                if !fits {
                    let pattern = self.pattern_of(pattern, io)?;
                    self.work(text.len().saturating_mul(pattern.len().min(1_000)))?;
                    fits = pattern::fits(&text, &pattern, fold);
                }
            }
            if !fits {
                continue;
            }
            status = self.list(&arm.body, io)?;
            match arm.end {
                CaseEnd::Done => return Ok(status),
                CaseEnd::FallThrough => falls = true,
                CaseEnd::GoOn => {}
            }
        }
        Ok(status)
    }

    pub(super) fn arithmetic(&mut self, expression: &Word, io: &Io) -> Run {
        let text = self.joined(expression, io)?;
        self.trace(&format!("(( {} ))", text.trim()))?;
        Ok(self.calculate(&text, io)?.map_or(1, |value| i32::from(value == 0)))
    }

    pub(super) fn for_arithmetic(&mut self, parts: &[Word], body: &[AndOr], io: &Io) -> Run {
        let [first, condition, step] = parts else { return Ok(1) };
        let first = self.joined(first, io)?;
        if self.calculate(&first, io)?.is_none() {
            return Ok(1);
        }
        let mut status = 0;
        loop {
            let asked = self.joined(condition, io)?;
            match self.calculate(&asked, io)? {
                None => return Ok(1),
                Some(0) if !asked.trim().is_empty() => return Ok(status),
                Some(_) => {}
            }
            if self.round(body, io, &mut status)? {
                return Ok(status);
            }
            let step = self.joined(step, io)?;
            if self.calculate(&step, io)?.is_none() {
                return Ok(1);
            }
        }
    }

    pub(super) fn conditional(&mut self, test: &Test, io: &Io) -> Run {
        match self.holds(test, io)? {
            Ok(holds) => Ok(i32::from(!holds)),
            Err(message) => {
                self.complain(io, &format!("[[: {message}"))?;
                Ok(if message.contains("not supported") { 2 } else { 1 })
            }
        }
    }

    fn holds(&mut self, test: &Test, io: &Io) -> Result<Result<bool, String>, Stop> {
        Ok(match test {
            Test::Not(inner) => self.holds(inner, io)?.map(|holds| !holds),
            Test::And(left, right) => match self.holds(left, io)? {
                Ok(true) => self.holds(right, io)?,
                other => other,
            },
            Test::Or(left, right) => match self.holds(left, io)? {
                Ok(false) => self.holds(right, io)?,
                other => other,
            },
            Test::Unary(operator, word) => {
                let text = self.assigned(word, io)?;
                self.trace(&format!("[[ {operator} {} ]]", super::print::traced(&text)))?;
                if operator == "-o" {
                    return Ok(Ok(self.progress.options.state(&text, false) == Some(true)));
                }
                if operator == "-v" {
                    return Ok(Ok(arrays::value(self.host.workstation(), &text).is_some()));
                }
                condition::evaluate(&[operator.clone(), text], self.host.workstation())
            }
            Test::Binary(left, operator, right) => {
                let text = self.assigned(left, io)?;
                match operator.as_str() {
                    "=" | "==" | "!=" => {
                        let pattern = self.pattern_of(right, io)?;
                        self.trace(&format!("[[ {} {operator} {} ]]", super::print::traced(&text), pattern))?;
                        self.work(text.len().saturating_mul(pattern.len().min(1_000)))?;
                        let fold = self.progress.options.has(NO_CASE_MATCH);
                        Ok(pattern::fits(&text, &pattern, fold) == (operator != "!="))
                    }
                    "=~" => {
                        let mut pattern = String::new();
                        for part in &right.parts {
                            let word = Word { range: 0..0, parts: vec![part.clone()] };
                            let value = self.joined(&word, io)?;
                            match part {
                                Part::Quoted(_) | Part::Parameter { quoted: true, .. } => {
                                    value.chars().for_each(|c| {
                                        if !c.is_alphanumeric() && c.is_ascii() {
                                            pattern.push('\\');
                                        }
                                        pattern.push(c);
                                    });
                                }
                                _ => pattern.push_str(&value),
                            }
                        }
                        self.work(text.len().saturating_mul(pattern.len()))?;
                        match find_extended(&pattern, &text) {
                            Ok(groups) => {
                                let w = self.host.workstation();
                                arrays::take(w, "BASH_REMATCH");
                                let found = !groups.is_empty();
                                for (at, group) in groups.into_iter().enumerate() {
                                    self.set_variable(&arrays::element("BASH_REMATCH", &at.to_string()), group)?;
                                }
                                Ok(found)
                            }
                            Err(message) => Err(message),
                        }
                    }
                    "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
                        let right = self.assigned(right, io)?;
                        let (left, right) = (self.calculate(&text, io)?, self.calculate(&right, io)?);
                        let (Some(left), Some(right)) = (left, right) else { return Ok(Ok(false)) };
                        Ok(match operator.as_str() {
                            "-eq" => left == right,
                            "-ne" => left != right,
                            "-lt" => left < right,
                            "-le" => left <= right,
                            "-gt" => left > right,
                            _ => left >= right,
                        })
                    }
                    operator => {
                        let right = self.assigned(right, io)?;
                        condition::evaluate(&[text, operator.to_owned(), right], self.host.workstation())
                    }
                }
            }
        })
    }
}
