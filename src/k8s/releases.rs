//! Kubernetes releases whose stock roles and kinds are known here.

/// Minor version of a cluster that is made without one, and of every world that was saved before versions were known.
pub const DEFAULT: u8 = 33;

/// Minor version and release that its facts were read from.
const RELEASES: &[(u8, &str)] = &[
    (29, "v1.29.15"),
    (30, "v1.30.14"),
    (31, "v1.31.13"),
    (32, "v1.32.9"),
    (DEFAULT, "v1.33.3"),
    (34, "v1.34.4"),
    (35, "v1.35.4"),
    (36, "v1.36.3"),
];

/// The release of a minor version, as its API server names it.
pub fn git_version(minor: u8) -> Option<&'static str> {
    RELEASES.iter().find(|(known, _)| *known == minor).map(|(_, release)| *release)
}

/// The minor version of `1.33`, if the text is of that form.
pub fn minor(version: &str) -> Option<u8> {
    let digits = version.strip_prefix("1.")?;
    let plain = !digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The minor version whose facts count for a cluster: its own, or the nearest known.
pub fn known_minor(version: &str) -> u8 {
    let known = RELEASES.iter().map(|(minor, _)| *minor);
    let (first, last) = (known.clone().min().unwrap_or(DEFAULT), known.max().unwrap_or(DEFAULT));
    minor(version).map_or(DEFAULT, |minor| minor.clamp(first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_versions_are_read_exactly() {
        for (text, expected) in
            [("1.33", Some(33)), ("1.36.0", None), ("1.", None), ("1.033", None), ("2.30", None), ("1.+3", None)]
        {
            assert_eq!(minor(text), expected, "{text}");
        }
        assert_eq!(["1.28", "1.30", "1.99", "x"].map(known_minor), [29, 30, 36, DEFAULT]);
    }

    #[test]
    fn releases_are_of_their_minor_version() {
        for (minor, release) in RELEASES {
            assert!(release.starts_with(&format!("v1.{minor}.")), "{release}");
        }
    }
}
