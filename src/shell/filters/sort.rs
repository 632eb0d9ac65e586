//! sort and uniq. Lines compare by their bytes, as in the C locale.

use std::cmp::Ordering;

use super::{Call, Options, lines, plainly};
use crate::formats::ordered::sort_by;

/// How texts compare.
#[derive(Clone, Default)]
struct Order {
    /// One of `n g h M V`, or none for the bytes.
    kind: Option<char>,
    fold: bool,
    dictionary: bool,
    blanks: bool,
    reverse: bool,
}

impl Order {
    /// Takes a letter in; false if it is none of an order.
    fn take(&mut self, letter: char) -> bool {
        match letter {
            'n' | 'g' | 'h' | 'M' | 'V' => self.kind = Some(letter),
            'f' => self.fold = true,
            'd' => self.dictionary = true,
            'b' => self.blanks = true,
            'r' => self.reverse = true,
            _ => return false,
        }
        true
    }

    fn is_set(&self) -> bool {
        self.kind.is_some() || self.fold || self.dictionary || self.blanks || self.reverse
    }

    /// Without regard to `reverse`.
    fn compare(&self, left: &str, right: &str) -> Ordering {
        match self.kind {
            Some('n' | 'g') => return number(left).total_cmp(&number(right)),
            Some('h') => return human(left).cmp(&human(right)).then(number(left).total_cmp(&number(right))),
            Some('M') => return month(left).cmp(&month(right)),
            Some('V') => return versions(left, right),
            _ => {}
        }
        if !self.fold && !self.dictionary {
            return left.cmp(right);
        }
        let kept = |text: &str| -> String {
            let counts = |c: &char| !self.dictionary || c.is_alphanumeric() || matches!(c, ' ' | '\t');
            let folded = |c: char| if self.fold { c.to_ascii_uppercase() } else { c };
            text.chars().filter(counts).map(folded).collect()
        };
        kept(left).cmp(&kept(right))
    }
}

/// A place in a line: a field and a character in it, both from 1; character 0 is the end of the field.
#[derive(Clone, Copy)]
struct Place {
    field: usize,
    character: usize,
    /// Blanks at the start of the field do not count.
    blanks: bool,
}

/// A `-k` of `sort`.
struct Key {
    from: Place,
    to: Option<Place>,
    order: Order,
}

/// The most keys that `sort` takes.
const MAX_KEYS: usize = 8;

/// Everything that decides about the order of lines.
struct Sorter {
    keys: Vec<Key>,
    order: Order,
    separator: Option<char>,
    /// Lines that compare equal stay as they are.
    stable: bool,
}

impl Sorter {
    fn by_keys(&self, left: &str, right: &str) -> Ordering {
        for key in &self.keys {
            let order = if key.order.is_set() { &key.order } else { &self.order };
            let found = order.compare(self.part(left, key, order), self.part(right, key, order));
            if found.is_ne() {
                return if order.reverse { found.reverse() } else { found };
            }
        }
        if !self.keys.is_empty() {
            return Ordering::Equal;
        }
        let blanks = |text| if self.order.blanks { str::trim_start_matches(text, [' ', '\t']) } else { text };
        let found = self.order.compare(blanks(left), blanks(right));
        if self.order.reverse { found.reverse() } else { found }
    }

    fn compare(&self, left: &str, right: &str) -> Ordering {
        let found = self.by_keys(left, right);
        if found.is_ne() || self.stable {
            return found;
        }
        // Lines that compare equal are put in order by all their bytes.
        if self.order.reverse { right.cmp(left) } else { left.cmp(right) }
    }

    /// The part of a line that a key names. Without a separator the blanks before a field belong to it.
    fn part<'l>(&self, line: &'l str, key: &Key, order: &Order) -> &'l str {
        let mut starts = vec![0];
        match self.separator {
            Some(separator) => starts.extend(line.match_indices(separator).map(|(at, found)| at + found.len())),
            None => {
                let bytes = line.as_bytes();
                let blank = |at: usize| bytes.get(at).is_some_and(|b| matches!(b, b' ' | b'\t'));
                starts.extend((1..bytes.len()).filter(|at| blank(*at) && !blank(at - 1)));
            }
        }
        let width = self.separator.map_or(0, char::len_utf8);
        let end_of = |field: usize| starts.get(field).map_or(line.len(), |next| next - width);
        let within = |place: Place, count: usize| {
            let Some(&start) = starts.get(place.field - 1) else { return line.len() };
            let mut text = line.get(start..).unwrap_or_default();
            if place.blanks || order.blanks {
                text = text.trim_start_matches([' ', '\t']);
            }
            let from = line.len() - text.len();
            from + text.char_indices().nth(count).map_or(text.len(), |(at, _)| at)
        };
        let start = within(key.from, key.from.character.saturating_sub(1));
        let end = match key.to {
            None => line.len(),
            Some(place) if place.character == 0 => end_of(place.field),
            Some(place) => within(place, place.character),
        };
        line.get(start..end.max(start)).unwrap_or_default()
    }
}

pub(super) fn sort(call: &mut Call<'_>) -> i32 {
    let long = [
        ("reverse", 'r'),
        ("numeric-sort", 'n'),
        ("general-numeric-sort", 'g'),
        ("human-numeric-sort", 'h'),
        ("month-sort", 'M'),
        ("version-sort", 'V'),
        ("unique", 'u'),
        ("key", 'k'),
        ("field-separator", 't'),
        ("ignore-case", 'f'),
        ("ignore-leading-blanks", 'b'),
        ("dictionary-order", 'd'),
        ("stable", 's'),
        ("check", 'c'),
        ("merge", 'm'),
        ("output", 'o'),
    ];
    let options = match Options::read(call, "rnghMVufbdscCm", "kto", &long) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let mut order = Order::default();
    for (letter, _) in &options.given {
        order.take(*letter);
    }
    let mut keys = Vec::new();
    for value in options.values('k') {
        match key(value).filter(|_| keys.len() < MAX_KEYS) {
            Some(key) => keys.push(key),
            None => return call.unsupported(&format!("-k {value}"), "-k F[.C][bdfghMnrV][,F[.C][…]]"),
        }
    }
    let separator = options.value('t').map(|given| if given == "\\0" { "\0" } else { given });
    if let Some(long) = separator.filter(|given| given.chars().count() != 1) {
        let what = if long.is_empty() { "empty tab".to_owned() } else { format!("multi-character tab ‘{long}’") };
        call.complain(&what);
        return 2;
    }
    let separator = separator.and_then(|given| given.chars().next());
    let sorter = Sorter { keys, order, separator, stable: options.has('s') || options.has('u') };
    let (inputs, failed) = call.inputs(&options.operands, |path, reason| format!("cannot read: {path}: {reason}"));
    if failed {
        return 2;
    }
    let mut all: Vec<&str> = inputs.iter().flat_map(|(_, text)| lines(text)).collect();
    if options.has('c') || options.has('C') {
        let name = inputs.first().map_or("-", |(path, _)| path);
        for (at, pair) in all.windows(2).enumerate() {
            let [before, after] = pair else { continue };
            let order = sorter.compare(before, after);
            if order.is_gt() || options.has('u') && order.is_eq() {
                if !options.has('C') {
                    let text = format!("{name}:{}: disorder: {after}", at + 2);
                    call.complain(&text);
                }
                return 1;
            }
        }
        return 0;
    }
    sort_by(&mut all, &|left, right| sorter.compare(left, right));
    if options.has('u') {
        all.dedup_by(|right, left| sorter.by_keys(left, right).is_eq());
    }
    let text: String = all.iter().flat_map(|line| [line, "\n"]).collect();
    match options.value('o').map(str::to_owned) {
        Some(path) => {
            if let Err(error) = call.workstation.write(&path, &text) {
                call.complain(&format!("open failed: {path}: {error}"));
                return 2;
            }
        }
        None => call.out(&text),
    }
    0
}

fn key(text: &str) -> Option<Key> {
    let (from, to) = text.split_once(',').map_or((text, None), |(from, to)| (from, Some(to)));
    let mut order = Order::default();
    let mut place = |text: &str, is_end: bool| -> Option<Place> {
        let digits = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let (numbers, letters) = text.split_at(digits);
        let (field, character) = numbers.split_once('.').unwrap_or((numbers, if is_end { "0" } else { "1" }));
        let field = field.parse().ok().filter(|field| *field > 0)?;
        let character = character.parse().ok().filter(|character| is_end || *character > 0)?;
        for letter in letters.chars().filter(|letter| *letter != 'b') {
            order.take(letter).then_some(())?;
        }
        Some(Place { field, character, blanks: letters.contains('b') })
    };
    let from = place(from, false)?;
    let to = match to {
        Some(to) => Some(place(to, true)?),
        None => None,
    };
    Some(Key { from, to, order })
}

/// The number at the start of a text; 0 if there is none.
fn number(text: &str) -> f64 {
    let text = text.trim_start_matches([' ', '\t']);
    let length = text
        .bytes()
        .enumerate()
        .take_while(|(at, b)| b.is_ascii_digit() || *b == b'.' || *at == 0 && *b == b'-')
        .count();
    let number: f64 = text.get(..length).and_then(|digits| digits.parse().ok()).unwrap_or(0.0);
    if number == 0.0 { 0.0 } else { number }
}

/// How large the unit after a number is, as of `2K` and `1G`; negative numbers the other way round.
fn human(text: &str) -> i32 {
    let value = number(text);
    let text = text.trim_start_matches([' ', '\t', '-']);
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').chars().next();
    let rank = unit.and_then(|unit| "KMGTPEZY".find(unit.to_ascii_uppercase())).map_or(0, |at| at as i32 + 1);
    if value == 0.0 {
        0
    } else if value < 0.0 {
        -rank
    } else {
        rank
    }
}

fn month(text: &str) -> usize {
    let name = text.trim_start().get(..3).unwrap_or_default().to_ascii_uppercase();
    const NAMES: &str = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
    (0..12).find(|at| NAMES.get(at * 3..at * 3 + 3) == Some(name.as_str())).map_or(0, |at| at + 1)
}

/// The order of versions: runs of digits compare as numbers.
fn versions(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    loop {
        let plain = |text: &str| text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let (l, r) = (left.split_at(plain(left)), right.split_at(plain(right)));
        // Letters come before other characters, `~` before everything, the end too.
        let rank = |c: char| (c != '~', !c.is_ascii_alphabetic(), c);
        let mut pairs = (l.0.chars(), r.0.chars());
        loop {
            let order = match (pairs.0.next(), pairs.1.next()) {
                (None, None) => break,
                (Some('~'), None) => Ordering::Less,
                (None, Some('~')) => Ordering::Greater,
                (left, right) => left.map(rank).cmp(&right.map(rank)),
            };
            if order.is_ne() {
                return order;
            }
        }
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (l, r) = (l.1.split_at(digits(l.1)), r.1.split_at(digits(r.1)));
        let value = |text: &str| text.trim_start_matches('0').to_owned();
        let (lv, rv) = (value(l.0), value(r.0));
        let order = lv.len().cmp(&rv.len()).then_with(|| lv.cmp(&rv));
        if order.is_ne() || l.1.is_empty() && r.1.is_empty() {
            return order;
        }
        (left, right) = (l.1, r.1);
    }
}

pub(super) fn uniq(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(
        call,
        "cdui",
        "",
        &[("count", 'c'), ("repeated", 'd'), ("unique", 'u'), ("ignore-case", 'i')],
    ) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    if options.operands.len() > 1 {
        return call.unsupported("an output file", "uniq [FILE], with `>` for the output");
    }
    let (inputs, failed) = call.inputs(&options.operands, plainly);
    for (_, text) in inputs {
        let mut groups: Vec<(&str, usize)> = Vec::new();
        for line in lines(&text) {
            match groups.last_mut() {
                Some((last, count)) if *last == line || options.has('i') && last.eq_ignore_ascii_case(line) => {
                    *count += 1
                }
                _ => groups.push((line, 1)),
            }
        }
        let mut out = String::new();
        for (line, count) in groups {
            if options.has('d') && count == 1 || options.has('u') && count > 1 {
                continue;
            }
            if options.has('c') {
                out.push_str(&format!("{count:7} "));
            }
            out.push_str(line);
            out.push('\n');
        }
        call.out(&out);
    }
    i32::from(failed)
}
