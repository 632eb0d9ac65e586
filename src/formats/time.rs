//! Timestamps as plain numbers, their texts in the imitated tools, and kubectl ages.
//!
//! Sources: cli 3.2 and eks 16.10 (AWS CLI v2), RFC 3339 as Kubernetes prints it (seconds, `Z`), and
//! the age rule of kubectl (`HumanDuration` of kubernetes/apimachinery, observed through its outputs).

use serde::{Deserialize, Serialize};

const MILLIS_PER_DAY: i64 = 86_400_000;

/// A moment: milliseconds since 1970-01-01T00:00:00Z. Serialised as that number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// The text was not a time of RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time such as 2024-01-17T10:30:00Z")]
pub struct TimestampError(pub String);

impl Timestamp {
    /// The same time without its part of a second.
    pub fn whole_seconds(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1000))
    }

    /// Reads `2024-01-17T10:30:00Z`, with an optional fraction (cut to milliseconds) and either `Z` or an offset.
    ///
    /// Fails on any other text, and on dates that do not exist.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        parse_rfc3339(text).map(Self).ok_or_else(|| TimestampError(text.to_owned()))
    }

    /// The text of the AWS CLI version 2 in a UTC zone: `2024-01-17T10:30:00.123000+00:00`,
    /// the microseconds only if they are not zero (cli 3.2).
    #[must_use]
    pub fn aws_text(self) -> String {
        let millis = self.0.rem_euclid(1000);
        let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}000") };
        format!("{}{fraction}+00:00", self.seconds_text())
    }

    /// The text of Kubernetes objects: `2024-01-17T10:30:00Z`, cut to seconds.
    #[must_use]
    pub fn kubernetes_text(self) -> String {
        format!("{}Z", self.seconds_text())
    }

    /// How kubectl shows the time from `self` to `now`: `0s`, `5m30s`, `3d`, `2y30d`; a start in the future
    /// is `<invalid>` from two seconds on.
    #[must_use]
    pub fn age(self, now: Self) -> String {
        human_duration(now.0.saturating_sub(self.0))
    }

    fn seconds_text(self) -> String {
        let (year, month, day) = civil_from_days(self.0.div_euclid(MILLIS_PER_DAY));
        let seconds = self.0.rem_euclid(MILLIS_PER_DAY) / 1000;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

/// A duration in milliseconds as kubectl writes ages: two units near a boundary, one further from it.
#[must_use]
pub fn human_duration(millis: i64) -> String {
    let seconds = millis / 1000;
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let (days, years) = (hours / 24, hours / 24 / 365);
    let pair = |big: i64, big_unit: &str, small: i64, small_unit: &str| {
        if small == 0 { format!("{big}{big_unit}") } else { format!("{big}{big_unit}{small}{small_unit}") }
    };
    match () {
        () if seconds < -1 => "<invalid>".to_owned(),
        () if seconds < 0 => "0s".to_owned(),
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => pair(minutes, "m", seconds % 60, "s"),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => pair(hours, "h", minutes % 60, "m"),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 24 * 8 => pair(days, "d", hours % 24, "h"),
        () if hours < 24 * 365 * 2 => format!("{days}d"),
        () if hours < 24 * 365 * 8 => pair(years, "y", days % 365, "d"),
        () => format!("{years}y"),
    }
}

fn parse_rfc3339(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, rest) = rest.strip_prefix('T')?.split_at_checked(8)?;
    let [year, month, day] = fields(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = fields(time, ':', [2, 2, 2])?;
    let (millis, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let (digits, zone) = rest.split_at_checked(end).filter(|(digits, _)| !digits.is_empty())?;
            (digits.chars().chain("00".chars()).take(3).fold(0, |n, c| n * 10 + i64::from(c as u8 - b'0')), zone)
        }
        None => (0, rest),
    };
    let offset_minutes = match zone.split_at_checked(1)? {
        ("Z", "") => 0,
        (sign @ ("+" | "-"), offset) => {
            let [hours, minutes] = fields(offset, ':', [2, 2])?;
            let minutes = (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)?;
            if sign == "-" { -minutes } else { minutes }
        }
        _ => return None,
    };
    let days = days_from_civil(year, month, day);
    let real_date = civil_from_days(days) == (year, month, day);
    let seconds = (hour * 60 + minute - offset_minutes) * 60 + second;
    (real_date && hour < 24 && minute < 60 && second < 60).then_some(days * MILLIS_PER_DAY + seconds * 1000 + millis)
}

/// Splits into exactly `N` runs of decimal digits of the given lengths.
fn fields<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut out = [0; N];
    for (slot, length) in out.iter_mut().zip(lengths) {
        let part = parts.next().filter(|part| part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))?;
        *slot = part.parse().ok()?;
    }
    parts.next().is_none().then_some(out)
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
///
/// Years start in March here, so that the leap day is the last day of its year and the days before
/// month m (0 is March) are (153 m + 2) / 5.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a day counted from 1970-01-01; the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_recorded_clock() {
        let at = Timestamp(1_705_487_400_123);
        assert_eq!(at.aws_text(), "2024-01-17T10:30:00.123000+00:00");
        assert_eq!(at.kubernetes_text(), "2024-01-17T10:30:00Z");
        assert_eq!(Timestamp(1_705_487_400_000).aws_text(), "2024-01-17T10:30:00+00:00");
        assert_eq!(Timestamp(-1).kubernetes_text(), "1969-12-31T23:59:59Z");
        assert_eq!(serde_json::to_string(&at).unwrap(), "1705487400123");
    }

    #[test]
    fn parses_what_rfc_3339_allows() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(Timestamp::parse(text).ok().map(|t| t.0), expected);
        check("2024-01-17T10:30:00Z", Some(1_705_487_400_000));
        check("2024-01-17T10:30:00.123Z", Some(1_705_487_400_123));
        check("2024-01-17T10:30:00.1+00:00", Some(1_705_487_400_100));
        check("2024-01-17T05:30:00.123456-05:00", Some(1_705_487_400_123));
        check("2000-02-29T00:00:00Z", Some(951_782_400_000));
        for bad in
            ["", "2024", "2024-02-30T00:00:00Z", "2024-01-17T10:30:00", "2024-01-17T24:00:00Z", "2024-01-17 10:30:00Z"]
        {
            check(bad, None);
        }
        for bad in
            ["2024-01-17T10:30:00.Z", "2024-01-17T10:30:00+0000", "2024-01-17T10:30:00Zx", "２024-01-17T10:30:00Z"]
        {
            check(bad, None);
        }
    }

    #[test]
    fn every_day_of_eight_centuries_round_trips() {
        for day in -146_097..146_097 {
            let (y, m, d) = civil_from_days(day);
            assert_eq!(days_from_civil(y, m, d), day);
        }
    }

    #[test]
    fn ages_change_unit_where_kubectl_does() {
        const DAY: i64 = 86_400;
        for (seconds, text) in [
            (-2, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (330, "5m30s"),
            (599, "9m59s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (3 * 3600 + 60, "3h1m"),
            (8 * 3600, "8h"),
            (48 * 3600 - 1, "47h"),
            (2 * DAY, "2d"),
            (2 * DAY + 3 * 3600, "2d3h"),
            (3 * DAY, "3d"),
            (8 * DAY, "8d"),
            (10 * DAY + 3600, "10d"),
            (729 * DAY, "729d"),
            (730 * DAY, "2y"),
            (760 * DAY, "2y30d"),
            (365 * 8 * DAY, "8y"),
            (366 * 8 * DAY, "8y"),
        ] {
            assert_eq!(human_duration(seconds * 1000), text);
        }
        assert_eq!(Timestamp(i64::MIN).age(Timestamp(i64::MAX)), "292471208y");
    }
}
