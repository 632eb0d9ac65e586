//! `date`: times as it prints them, and as it reads them ([`parse`]).

mod parse;

use super::filters::Call;

const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A time in seconds since 1970 by a format of `date`; the letter of a conversion that is not there is the error. What no
/// `date` knows is printed as it stands.
pub(crate) fn formatted(seconds: i64, format: &str) -> Result<String, char> {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let weekday = days.rem_euclid(7);
    let weekday_name = DAYS.get(weekday as usize).copied().unwrap_or_default();
    // From Sunday, which is 0.
    let weekday = (weekday + 4) % 7;
    let month_name = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let of_year = days - first_day(year);
    let twelve = (hour + 11) % 12 + 1;
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let flags: String = after.chars().take_while(|c| "-_0^#".contains(*c)).collect();
        let after_flags = after.get(flags.len()..).unwrap_or_default();
        let digits = after_flags.chars().take_while(char::is_ascii_digit).count();
        let (width, tail) = after_flags.split_at(digits);
        let width = width.parse::<usize>().ok().map(|width| width.min(MAX_WIDTH));
        let zone_colons = tail.chars().take_while(|c| *c == ':').count();
        let tail = tail.get(zone_colons..).unwrap_or_default();
        let Some(conversion) = tail.chars().next() else {
            out.push('%');
            rest = after;
            continue;
        };
        rest = tail.get(conversion.len_utf8()..).unwrap_or_default();
        let number = |value: i64, digits: usize, fill: char| Piece::Number(value, digits, fill);
        let text = |text: &str| Piece::Text(text.to_owned());
        let piece = match conversion {
            'z' => Piece::Text(match zone_colons {
                0 => "+0000".to_owned(),
                1 => "+00:00".to_owned(),
                2 => "+00:00:00".to_owned(),
                _ => "+00".to_owned(),
            }),
            _ if zone_colons > 0 => return Err(':'),
            'Y' => number(year, 0, '0'),
            'G' => number(iso_week(days).0, 0, '0'),
            'C' => number(year.div_euclid(100), 2, '0'),
            'y' => number(year.rem_euclid(100), 2, '0'),
            'g' => number(iso_week(days).0.rem_euclid(100), 2, '0'),
            'm' => number(month, 2, '0'),
            'd' => number(day, 2, '0'),
            'e' => number(day, 2, ' '),
            'H' => number(hour, 2, '0'),
            'k' => number(hour, 2, ' '),
            'I' => number(twelve, 2, '0'),
            'l' => number(twelve, 2, ' '),
            'M' => number(minute, 2, '0'),
            'S' => number(second, 2, '0'),
            's' => number(seconds, 0, '0'),
            'j' => number(of_year + 1, 3, '0'),
            'q' => number((month - 1) / 3 + 1, 0, '0'),
            'u' => number((weekday + 6) % 7 + 1, 0, '0'),
            'w' => number(weekday, 0, '0'),
            'U' => number((of_year + 7 - weekday) / 7, 2, '0'),
            'W' => number((of_year + 7 - (weekday + 6) % 7) / 7, 2, '0'),
            'V' => number(iso_week(days).1, 2, '0'),
            // The clock here counts whole seconds.
            'N' => Piece::Text("0".repeat(width.unwrap_or(9))),
            'p' => text(if hour < 12 { "AM" } else { "PM" }),
            'P' => text(if hour < 12 { "am" } else { "pm" }),
            'A' => text(weekday_name),
            'a' => text(weekday_name.get(..3).unwrap_or_default()),
            'B' => text(month_name),
            'b' | 'h' => text(month_name.get(..3).unwrap_or_default()),
            'Z' => text("UTC"),
            'n' => text("\n"),
            't' => text("\t"),
            '%' => text("%"),
            'F' => Piece::Text(format!("{year}-{month:02}-{day:02}")),
            'D' | 'x' => Piece::Text(format!("{month:02}/{day:02}/{:02}", year.rem_euclid(100))),
            'T' | 'X' => Piece::Text(format!("{hour:02}:{minute:02}:{second:02}")),
            'R' => Piece::Text(format!("{hour:02}:{minute:02}")),
            'r' => Piece::Text(formatted(seconds, "%I:%M:%S %p")?),
            'c' => Piece::Text(formatted(seconds, "%a %b %e %T %Y")?),
            '+' | 'E' | 'O' => return Err(conversion),
            _ => {
                out.push('%');
                rest = after;
                continue;
            }
        };
        out.push_str(&piece.padded(&flags, width));
    }
    out.push_str(rest);
    Ok(out)
}

/// The widest field that a format may ask for.
const MAX_WIDTH: usize = 200;

/// What a conversion prints.
enum Piece {
    Text(String),
    /// A number with its least width and what fills it.
    Number(i64, usize, char),
}

impl Piece {
    fn padded(self, flags: &str, width: Option<usize>) -> String {
        let last = flags.chars().rev().find(|c| "-_0".contains(*c));
        let (text, least, fill) = match self {
            Self::Text(text) => (text, 0, ' '),
            Self::Number(number, least, fill) => (number.to_string(), least, fill),
        };
        let fill = match last {
            Some('_') => ' ',
            Some('0') => '0',
            _ => fill,
        };
        let width = if last == Some('-') { 0 } else { width.unwrap_or(least) };
        let missing = width.saturating_sub(text.chars().count());
        let text = if flags.contains('^') || flags.contains('#') { text.to_uppercase() } else { text };
        format!("{}{text}", fill.to_string().repeat(missing))
    }
}

/// The year and week of ISO 8601: a week belongs to the year that has its Thursday.
fn iso_week(days: i64) -> (i64, i64) {
    let thursday = days - (days + 3).rem_euclid(7) + 3;
    let (year, ..) = civil(thursday);
    (year, (thursday - first_day(year)) / 7 + 1)
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Counted in years that begin in March, so that the leap day is the last of a year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The day of a date, counted from 1970-01-01; months and days beyond the calendar run on into the next ones.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = (year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334].get(month as usize).copied().unwrap_or(0);
    first_day(year) + before + i64::from(leap && month > 1) + day - 1
}

/// The day of January 1 of `year`, counted from 1970-01-01.
fn first_day(year: i64) -> i64 {
    let before = year - 1;
    365 * (year - 1970) + (before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400)) - 477
}

/// `date [-u] [-d TEXT] [-I[UNIT]] [-R] [+FORMAT]`, from the simulated clock, always UTC.
pub(crate) fn date(call: &mut Call<'_>) -> i32 {
    const SUPPORTED: &str = "-u, -d TEXT, -I[UNIT], -R, --rfc-3339=UNIT, +FORMAT";
    let mut format: Option<String> = None;
    let mut text: Option<String> = None;
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        if let (Some(_), Some(_)) = (&format, arg.strip_prefix('+')) {
            return try_help(call, &format!("extra operand ‘{arg}’"));
        }
        let given = match arg.as_str() {
            "-u" | "--utc" | "--universal" | "--uct" => continue,
            "-R" | "--rfc-email" | "--rfc-822" | "--rfc-2822" => "%a, %d %b %Y %H:%M:%S %z".to_owned(),
            "-d" | "--date" | "-ud" => match args.next() {
                Some(given) => {
                    text = Some(given.clone());
                    continue;
                }
                None if arg == "--date" => return try_help(call, "option '--date' requires an argument"),
                None => return try_help(call, "option requires an argument -- 'd'"),
            },
            arg => {
                let attached = arg.strip_prefix("--date=").or_else(|| arg.strip_prefix("-d"));
                let unit = arg.strip_prefix("--iso-8601").map(|unit| unit.strip_prefix('=').unwrap_or(unit));
                if let Some(attached) = attached {
                    text = Some(attached.to_owned());
                    continue;
                }
                if let Some(unit) = unit.or_else(|| arg.strip_prefix("-I")) {
                    match unit {
                        "" | "date" => "%F",
                        "hours" => "%FT%H%:z",
                        "minutes" => "%FT%H:%M%:z",
                        "seconds" => "%FT%T%:z",
                        "ns" => "%FT%T,%N%:z",
                        _ => return call.unsupported(arg, "-I with date, hours, minutes, seconds or ns"),
                    }
                    .to_owned()
                } else if let Some(unit) = arg.strip_prefix("--rfc-3339=") {
                    match unit {
                        "date" => "%F",
                        "seconds" => "%F %T%:z",
                        "ns" => "%F %T.%N%:z",
                        _ => return call.unsupported(arg, "--rfc-3339 with date, seconds or ns"),
                    }
                    .to_owned()
                } else if let Some(given) = arg.strip_prefix('+') {
                    given.to_owned()
                } else if let Some(letter) = arg.strip_prefix('-').and_then(|rest| rest.chars().next()) {
                    if "dIRufrs-".contains(letter) {
                        return call.unsupported(arg, SUPPORTED);
                    }
                    return try_help(call, &format!("invalid option -- '{letter}'"));
                } else {
                    if let Some(extra) = args.clone().find(|next| !next.starts_with('-')) {
                        return try_help(call, &format!("extra operand ‘{extra}’"));
                    }
                    call.complain(&format!("invalid date ‘{arg}’"));
                    return 1;
                }
            }
        };
        if format.replace(given).is_some() {
            call.complain("multiple output formats specified");
            return 1;
        }
    }
    let mut seconds = call.now;
    if let Some(text) = text {
        seconds = match parse::parse(&text, call.now) {
            Ok(seconds) => seconds,
            Err(parse::Bad::Invalid) => {
                call.complain(&format!("invalid date ‘{text}’"));
                return 1;
            }
            Err(parse::Bad::Unsupported) => {
                return call.unsupported(&format!("-d {text}"), "ISO dates, times, @SECONDS, weekdays, `N UNITS ago`");
            }
        };
    }
    match formatted(seconds, format.as_deref().unwrap_or("%a %b %e %H:%M:%S UTC %Y")) {
        Ok(text) => {
            call.out(&format!("{text}\n"));
            0
        }
        Err(letter) => call.unsupported(&format!("%{letter}"), "the conversions of date without %+, %E and %O"),
    }
}

fn try_help(call: &mut Call<'_>, message: &str) -> i32 {
    call.complain(message);
    call.err("Try 'date --help' for more information.\n");
    1
}

#[cfg(test)]
mod tests {
    use super::formatted;

    #[test]
    fn dates_are_printed_as_by_date() {
        for (seconds, format, expected) in [
            (1_705_487_400, "%a %b %e %H:%M:%S UTC %Y", "Wed Jan 17 10:30:00 UTC 2024"),
            (1_705_487_400, "%Y-%m-%dT%H:%M:%SZ %j", "2024-01-17T10:30:00Z 017"),
            (951_782_400, "%F %A", "2000-02-29 Tuesday"),
            (-1, "%F %T", "1969-12-31 23:59:59"),
            (1_735_603_200, "%j", "366"),
        ] {
            assert_eq!(formatted(seconds, format).as_deref(), Ok(expected));
        }
        assert_eq!(formatted(0, "%Ex"), Err('E'));
    }
}
