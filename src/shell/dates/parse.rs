//! The times that `date -d` reads: the forms of GNU date without zone names and without ordinal words.

use super::{DAYS, MONTHS, civil, day_number};

/// Why a text is no time.
pub(super) enum Bad {
    Invalid,
    /// GNU date reads it, this one does not.
    Unsupported,
}

/// The farthest that a time may be from 1970, in seconds: some 30,000 years.
const FARTHEST: i64 = 1_000_000_000_000;

/// What has been read.
#[derive(Default)]
struct When {
    date: Option<(i64, i64, i64)>,
    /// Second of the day.
    time: Option<i64>,
    /// Seconds east of Greenwich.
    zone: Option<i64>,
    /// Counted from Sunday, and how many weeks on.
    weekday: Option<(i64, i64)>,
    months: i64,
    days: i64,
    seconds: i64,
    relative: bool,
}

/// Reads a time; `now` and the result are in seconds since 1970.
pub(super) fn parse(text: &str, now: i64) -> Result<i64, Bad> {
    let lower = text.to_ascii_lowercase();
    if let Some(count) = lower.trim().strip_prefix('@') {
        let whole = count.split_once(['.', ',']).map_or(count, |(whole, _)| whole);
        return whole.parse().ok().filter(|seconds: &i64| seconds.abs() < FARTHEST).ok_or(Bad::Invalid);
    }
    let mut when = When::default();
    let mut rest = lower.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        rest = item(&mut when, rest)?.trim_start_matches([' ', '\t', ',', '\n']);
    }
    when.resolve(now).ok_or(Bad::Invalid)
}

impl When {
    fn resolve(&self, now: i64) -> Option<i64> {
        let (mut year, mut month, mut day) = civil(now.div_euclid(86_400));
        let mut time = now.rem_euclid(86_400);
        if let Some(date) = self.date {
            let this_year = year;
            (year, month, day) = date;
            if year == YEAR_OF_NOW {
                year = this_year;
            } else if year.abs() > 30_000 {
                return None;
            }
        }
        // Only what counts from now keeps the time of now.
        if self.date.is_some() || self.weekday.is_some() || !self.relative {
            time = 0;
        }
        time = self.time.unwrap_or(time);
        let mut days = day_number(year, month, day);
        if civil(days) != (year, month, day) {
            return None;
        }
        if let Some((wanted, weeks)) = self.weekday.filter(|_| self.date.is_none()) {
            let today = (days + 4).rem_euclid(7);
            let skipped = weeks.checked_sub(i64::from(weeks > 0 && today != wanted))?;
            days = days.checked_add((wanted - today).rem_euclid(7))?.checked_add(skipped.checked_mul(7)?)?;
            (year, month, day) = civil(days);
        }
        let days = day_number(year, month.checked_add(self.months)?, day.checked_add(self.days)?);
        let seconds = days.checked_mul(86_400)?.checked_add(time)?.checked_add(self.seconds)?;
        Some(seconds.checked_sub(self.zone.unwrap_or(0))?).filter(|seconds| seconds.abs() < FARTHEST)
    }

    /// Adds `count` units; false if the word is no unit.
    fn add(&mut self, count: i64, unit: &str) -> Result<bool, Bad> {
        let unit = if unit == "s" { unit } else { unit.strip_suffix('s').unwrap_or(unit) };
        let (place, size) = match unit {
            "year" => (&mut self.months, 12),
            "month" => (&mut self.months, 1),
            "fortnight" => (&mut self.days, 14),
            "week" => (&mut self.days, 7),
            "day" => (&mut self.days, 1),
            "hour" => (&mut self.seconds, 3_600),
            "minute" | "min" => (&mut self.seconds, 60),
            "second" | "sec" => (&mut self.seconds, 1),
            _ => return Ok(false),
        };
        let sum = count.checked_mul(size).and_then(|added| place.checked_add(added));
        *place = sum.filter(|sum| sum.abs() < FARTHEST).ok_or(Bad::Invalid)?;
        self.relative = true;
        Ok(true)
    }
}

/// The digits at the start, how many they are, and what follows.
fn digits(text: &str) -> Option<(i64, usize, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(count);
    Some((number.parse().ok()?, count, rest))
}

/// The letters at the start, and what follows them and a point.
fn word(text: &str) -> (&str, &str) {
    let count = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = text.split_at(count);
    (word, rest.strip_prefix('.').unwrap_or(rest))
}

/// The place of a name, or of its first three letters, in a table.
fn named(table: &[&str], word: &str) -> Option<i64> {
    let is = |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case(word));
    table.iter().position(|name| is(Some(name)) || is(name.get(..3))).and_then(|at| i64::try_from(at).ok())
}

/// Reads one item; gives what follows it.
fn item<'t>(when: &mut When, text: &'t str) -> Result<&'t str, Bad> {
    if let Some((number, count, rest)) = digits(text) {
        return numeric(when, number, count, rest);
    }
    if let Some(unsigned) = text.strip_prefix(['+', '-']) {
        let (number, _, rest) = digits(unsigned.trim_start()).ok_or(Bad::Invalid)?;
        let (unit, rest) = word(rest.trim_start());
        return counted(when, if text.starts_with('-') { -number } else { number }, unit, rest);
    }
    let (name, rest) = word(text);
    match name {
        "now" | "today" => when.relative = true,
        "yesterday" => drop(when.add(-1, "day")?),
        "tomorrow" => drop(when.add(1, "day")?),
        "z" | "utc" | "gmt" if when.zone.is_none() => when.zone = Some(0),
        "next" | "last" | "this" => {
            let count = ["last", "this", "next"].iter().position(|known| *known == name).map_or(0, |at| at as i64 - 1);
            let (unit, rest) = word(rest.trim_start());
            if let Some(day) = named(&DAYS, unit) {
                when.weekday = Some(((day + 4) % 7, count));
                return Ok(rest);
            }
            return counted(when, count, unit, rest);
        }
        "" => return Err(Bad::Invalid),
        _ => {
            if let Some(month) = named(&MONTHS, name) {
                return after_month(when, month + 1, rest);
            }
            if let Some(day) = named(&DAYS, name) {
                when.weekday = Some(((day + 4) % 7, 0));
                return Ok(rest);
            }
            return counted(when, 1, name, rest);
        }
    }
    Ok(rest)
}

/// Adds units, backwards before `ago`.
fn counted<'t>(when: &mut When, count: i64, unit: &str, rest: &'t str) -> Result<&'t str, Bad> {
    const WORDS: [&str; 20] = [
        "noon", "midnight", "am", "pm", "first", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
        "tenth", "eleventh", "twelfth", "est", "edt", "pst", "pdt", "cet",
    ];
    let (ago, after) = word(rest.trim_start());
    let (count, rest) = match ago {
        "ago" => (-count, after),
        "hence" => (count, after),
        _ => (count, rest),
    };
    match when.add(count, unit)? {
        true => Ok(rest),
        false if WORDS.contains(&unit) => Err(Bad::Unsupported),
        false => Err(Bad::Invalid),
    }
}

/// `Jan 17`, `Jan 17 2024`, `Jan 17, 2024`.
fn after_month<'t>(when: &mut When, month: i64, rest: &'t str) -> Result<&'t str, Bad> {
    let (day, count, rest) = digits(rest.trim_start_matches([' ', '-'])).ok_or(Bad::Invalid)?;
    if count > 2 {
        return Err(Bad::Unsupported);
    }
    let year = digits(rest.trim_start_matches([' ', ',', '-']));
    match year.filter(|(_, count, after)| *count == 4 && !after.starts_with(':')) {
        Some((year, _, rest)) => set_date(when, (year, month, day)).map(|()| rest),
        // The year of now, or one that follows the time.
        None => set_date(when, (YEAR_OF_NOW, month, day)).map(|()| rest),
    }
}

/// Set where the text gives no year.
const YEAR_OF_NOW: i64 = i64::MIN;

fn set_date(when: &mut When, date: (i64, i64, i64)) -> Result<(), Bad> {
    if when.date.replace(date).is_some() { Err(Bad::Invalid) } else { Ok(()) }
}

/// What begins with a number without sign.
fn numeric<'t>(when: &mut When, number: i64, count: usize, rest: &'t str) -> Result<&'t str, Bad> {
    if let Some(after) = rest.strip_prefix(':') {
        let (minute, 2, mut rest) = digits(after).ok_or(Bad::Invalid)? else { return Err(Bad::Invalid) };
        let mut second = 0;
        if let Some(after) = rest.strip_prefix(':') {
            (second, _, rest) = digits(after).ok_or(Bad::Invalid)?;
            if let Some((_, _, after)) = rest.strip_prefix(['.', ',']).and_then(digits) {
                rest = after;
            }
        }
        if number > 23 || minute > 59 || second > 59 || when.time.is_some() {
            return Err(Bad::Invalid);
        }
        when.time = Some(number * 3_600 + minute * 60 + second);
        return zone(when, rest);
    }
    if let Some((month, _, after)) = rest.strip_prefix('-').and_then(digits) {
        let (day, _, rest) = after.strip_prefix('-').and_then(digits).ok_or(Bad::Invalid)?;
        set_date(when, (number, month, day))?;
        let time = rest.strip_prefix('t').filter(|after| after.starts_with(|c: char| c.is_ascii_digit()));
        return Ok(time.unwrap_or(rest));
    }
    if let Some((day, _, after)) = rest.strip_prefix('/').and_then(digits) {
        return match after.strip_prefix('/').and_then(digits) {
            Some((last, _, rest)) if count > 2 => set_date(when, (number, day, last)).map(|()| rest),
            Some((year, 4, rest)) => set_date(when, (year, number, day)).map(|()| rest),
            Some(_) => Err(Bad::Unsupported),
            None => set_date(when, (YEAR_OF_NOW, number, day)).map(|()| after),
        };
    }
    let (unit, after) = word(rest.trim_start_matches([' ', '-']));
    if let Some(month) = named(&MONTHS, unit) {
        let year = digits(after.trim_start_matches([' ', ',', '-']));
        return match year.filter(|(_, count, after)| *count == 4 && !after.starts_with(':')) {
            Some((year, _, rest)) => set_date(when, (year, month + 1, number)).map(|()| rest),
            None => set_date(when, (YEAR_OF_NOW, month + 1, number)).map(|()| after),
        };
    }
    // A number before a word that is no unit is a time or a year.
    if !unit.is_empty() && when.add(0, unit)? {
        return counted(when, number, unit, after);
    }
    match (count, when.date, when.time) {
        (4, Some((YEAR_OF_NOW, month, day)), Some(_)) => when.date = Some((number, month, day)),
        (8, None, _) => when.date = Some((number / 10_000, number / 100 % 100, number % 100)),
        (1 | 2, _, None) if number < 24 && !["am", "pm"].contains(&unit) => when.time = Some(number * 3_600),
        (4, _, None) if number / 100 < 24 && number % 100 < 60 => {
            when.time = Some(number / 100 * 3_600 + number % 100 * 60);
        }
        (1 | 2, _, None) if ["am", "pm"].contains(&unit) => return Err(Bad::Unsupported),
        _ => return Err(Bad::Invalid),
    }
    Ok(rest)
}

/// `+01:00`, `-0500`, `+1` after a time.
fn zone<'t>(when: &mut When, rest: &'t str) -> Result<&'t str, Bad> {
    let after = rest.trim_start();
    let Some((number, count, tail)) = after.strip_prefix(['+', '-']).and_then(digits) else { return Ok(rest) };
    let (hours, minutes, tail) = match (count, tail.strip_prefix(':').and_then(digits)) {
        (1 | 2, Some((minutes, _, tail))) => (number, minutes, tail),
        (1 | 2, None) => (number, 0, tail),
        (3 | 4, _) => (number / 100, number % 100, tail),
        _ => return Err(Bad::Invalid),
    };
    if hours > 24 || minutes > 59 {
        return Err(Bad::Invalid);
    }
    let east = hours * 3_600 + minutes * 60;
    when.zone = Some(if after.starts_with('-') { -east } else { east });
    Ok(tail)
}
