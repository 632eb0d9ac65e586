//! Function names that stay the same from build to build.

/// How many characters of a name are kept.
const LONGEST: usize = 100;

/// The name of a function without what the compiler adds to tell instances apart: `a::b::h0123456789abcdef` and
/// `a[5f3a]::b.12` are both `a::b`.
pub fn plain_name(name: &str) -> String {
    let name = name.strip_suffix(" externref shim").unwrap_or(name);
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix('.').unwrap_or(name);
    let is_hash =
        |part: &str| part.len() == 17 && part.starts_with('h') && part.bytes().skip(1).all(|b| b.is_ascii_hexdigit());
    let name = match name.rsplit_once("::") {
        Some((before, last)) if is_hash(last) => before,
        _ => name,
    };
    let mut plain = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        match after.split_once(']') {
            Some((inside, after)) if !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_hexdigit()) => {
                rest = after
            }
            _ => {
                plain.push('[');
                rest = after;
            }
        }
    }
    plain += rest;
    shortened(plain)
}

/// Names of generic functions can be very long: of those the beginning and a digest of the whole.
fn shortened(name: String) -> String {
    let Some((at, _)) = name.char_indices().nth(LONGEST) else { return name };
    // FNV-1a.
    let digest = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{}… {digest:016x}", name.get(..at).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn long_names_stay_apart() {
        let (a, b) = (plain_name(&"x".repeat(200)), plain_name(&"x".repeat(201)));
        assert_ne!(a, b);
        assert_eq!(a.chars().count(), super::LONGEST + 18);
    }

    #[test]
    fn what_changes_from_build_to_build_is_left_out() {
        for (name, plain) in [
            (
                "regex_lite::hir::parse::Parser::parse_inner::h317439f93c45f11e",
                "regex_lite::hir::parse::Parser::parse_inner",
            ),
            (
                "<&str as core[c5930c85a12de822]::str::Pattern>::strip_prefix_of",
                "<&str as core::str::Pattern>::strip_prefix_of",
            ),
            ("alloc[3ca501edff3f0c7c]::boxed::box_new_uninit.1561", "alloc::boxed::box_new_uninit"),
            ("core::slice::<impl [T]>::sort", "core::slice::<impl [T]>::sort"),
            ("js_sys::new::__wbg_new_cd43::h2460748e35b90218 externref shim", "js_sys::new::__wbg_new_cd43"),
            ("a::handle", "a::handle"),
            ("__externref_table_alloc", "__externref_table_alloc"),
            ("a::utf8", "a::utf8"),
        ] {
            assert_eq!(plain_name(name), plain);
        }
    }
}
