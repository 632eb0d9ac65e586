//! SHA-256 (FIPS 180-4), for the hashes that kubectl puts into names.

/// Roots of the first primes, as the standard wants them: fractions of square roots start, of cube roots stir.
const PRIMES: usize = 64;

/// The digest in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let (mut state, rounds) = constants();
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    let bits = u64::try_from(bytes.len()).unwrap_or(u64::MAX).wrapping_mul(8);
    padded.extend(bits.to_be_bytes());
    for block in padded.chunks_exact(64) {
        let mut words: Vec<u32> =
            block.chunks_exact(4).map(|word| word.iter().fold(0, |word, byte| word << 8 | u32::from(*byte))).collect();
        for at in 16..PRIMES {
            let word = |back: usize| words.get(at - back).copied().unwrap_or_default();
            let (near, far) = (word(2), word(15));
            let near = near.rotate_right(17) ^ near.rotate_right(19) ^ (near >> 10);
            let far = far.rotate_right(7) ^ far.rotate_right(18) ^ (far >> 3);
            words.push(word(16).wrapping_add(far).wrapping_add(word(7)).wrapping_add(near));
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
        for (word, round) in words.iter().zip(&rounds) {
            let mixed = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let chosen = (e & f) ^ (!e & g);
            let first = h.wrapping_add(mixed).wrapping_add(chosen).wrapping_add(*round).wrapping_add(*word);
            let mixed = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let most = (a & b) ^ (a & c) ^ (b & c);
            (h, g, f, e) = (g, f, e, d.wrapping_add(first));
            (d, c, b, a) = (c, b, a, first.wrapping_add(mixed.wrapping_add(most)));
        }
        for (sum, word) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *sum = sum.wrapping_add(word);
        }
    }
    state.iter().map(|word| format!("{word:08x}")).collect()
}

/// The first state and the constants of the rounds, worked out instead of written down.
fn constants() -> ([u32; 8], Vec<u32>) {
    let mut primes: Vec<u64> = Vec::new();
    let mut candidate = 2;
    while primes.len() < PRIMES {
        if primes.iter().all(|prime| candidate % prime != 0) {
            primes.push(candidate);
        }
        candidate += 1;
    }
    let mut state = [0; 8];
    for (word, prime) in state.iter_mut().zip(&primes) {
        *word = fraction_of_root(*prime, 2);
    }
    (state, primes.iter().map(|prime| fraction_of_root(*prime, 3)).collect())
}

/// The first 32 bits behind the point of a number's square or cube root.
fn fraction_of_root(number: u64, degree: u32) -> u32 {
    // The root of number · 2^(32 · degree) is the root of the number with 32 bits behind its point.
    let wanted = u128::from(number) << (32 * degree);
    let mut root: u128 = 0;
    for bit in (0..40).rev() {
        let tried = root | 1 << bit;
        if tried.pow(degree) <= wanted {
            root = tried;
        }
    }
    u32::try_from(root & u128::from(u32::MAX)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        let check = |text: &str, digest: &str| assert_eq!(hex(text.as_bytes()), digest);
        check("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        check("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        check(
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        );
        check(&"a".repeat(1000), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
    }
}
