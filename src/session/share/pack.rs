//! Packing of short texts: each bit is coded by how likely it is after what came before, and before every text come words
//! that both sides know.
//!
//! Deflate needs three bytes to point at a word that it knows, and a table of how often letters occur; a text of a few
//! hundred bytes never earns that back. Here several contexts (the last one to six bytes, the word, the name of the JSON
//! member, the longest repetition) predict every bit, weights that learn mix their predictions, and an arithmetic coder
//! pays only for surprise. All of it is integer arithmetic, so that a link means the same everywhere.
//!
//! The arithmetic is frozen: a link holds nothing but its surprises. Something better gets a new version of the link.

use std::rc::Rc;

/// How many tables of contexts there are.
const TABLES: usize = 8;
/// How many predictions are mixed: two of each table, that of the repetition, and a constant.
const INPUTS: usize = 2 * TABLES + 2;
/// Slots of a table, as a power of two.
const TABLE_BITS: u32 = 17;
/// Slots of the index of repetitions, as a power of two.
const SEEN_BITS: u32 = 14;
/// How many bytes must be equal to make a repetition.
const REPEATED: usize = 5;
/// Ends a text; JSON never holds it.
const END: u8 = 0;
/// How fast weights learn.
const RATE: i32 = 10;

/// A text that does not end within the bytes allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// What both sides know: built from the words, then from each byte of the text.
#[derive(Clone)]
pub struct Model {
    /// ln(p / (1 - p)) times 256 for each probability of 12 bits.
    stretched: Rc<Vec<i32>>,
    /// Per table, its slots: 12 bits how likely a one is, 4 bits how often it was asked.
    tables: Vec<Vec<u16>>,
    /// Weights of the inputs, a set for each kind of place.
    weights: Vec<[i32; INPUTS]>,
    /// How far a repetition of a length can be trusted, as a probability of 16 bits.
    trust: Vec<i32>,
    /// All bytes so far.
    past: Vec<u8>,
    /// Where the last bytes stood before, by their hash.
    seen: Vec<u32>,
    /// Where the repetition goes on, and its length; 0 for none.
    repeated: (usize, usize),
    /// The hashes of the contexts.
    contexts: [u32; TABLES],
    /// The bits of the present byte, after a leading one.
    partial: u32,
    /// Hashes: the present word, the one before, the member's name, the text that is being read.
    word: u32,
    last_word: u32,
    member: u32,
    text: u32,
    /// Whether the last quotation mark opened a text.
    in_text: bool,
}

/// How a bit was predicted.
struct Guess {
    inputs: [i32; INPUTS],
    slots: [usize; TABLES],
    /// The entry of `trust`, and the bit that the repetition expects.
    expected: Option<(usize, u32)>,
    set: usize,
    /// How likely a one is, of 65536; never 0.
    one: u32,
}

fn hash(a: u32, b: u32) -> u32 {
    let mixed = a.wrapping_mul(0x2F0B_4C47).rotate_left(13) ^ b.wrapping_mul(0x9E37_79B1);
    (mixed ^ mixed >> 15).wrapping_mul(0x85EB_CA6B)
}

/// 65536 / (1 + e^(-x / 256)), by interpolation.
fn squash(x: i32) -> i32 {
    const AT: [i32; 33] = [
        22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768, 40793, 47911,
        53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514,
    ];
    let x = x.clamp(-2047, 2047) + 2048;
    let at = |index: i32| usize::try_from(index).ok().and_then(|index| AT.get(index)).copied().unwrap_or(32768);
    let rest = x & 127;
    (at(x >> 7) * (128 - rest) + at((x >> 7) + 1) * rest) >> 7
}

/// The inverse of [`squash`] for probabilities of 12 bits.
fn stretched() -> Vec<i32> {
    let mut out = Vec::with_capacity(4096);
    let mut x = -2047;
    for p in 0..4096 {
        while x < 2047 && squash(x) < p * 16 + 8 {
            x += 1;
        }
        out.push(x);
    }
    out
}

impl Model {
    /// What is known after reading `words`.
    pub fn knowing(words: &[u8]) -> Self {
        let mut model = Self {
            stretched: Rc::new(stretched()),
            tables: vec![vec![2048 << 4; 1 << TABLE_BITS]; TABLES],
            weights: vec![[14_000; INPUTS]; 10 * 3],
            trust: vec![49_152; 64],
            past: Vec::with_capacity(words.len() + 4096),
            seen: vec![0; 1 << SEEN_BITS],
            repeated: (0, 0),
            contexts: [0; TABLES],
            partial: 1,
            word: 0,
            last_word: 0,
            member: 0,
            text: 0,
            in_text: false,
        };
        model.turn_to_next_byte();
        for byte in words {
            for shift in (0..8).rev() {
                let guess = model.guess();
                model.learn(&guess, u32::from(byte >> shift) & 1);
            }
        }
        model
    }

    fn stretch(&self, p: i32) -> i32 {
        usize::try_from(p >> 4).ok().and_then(|p| self.stretched.get(p)).copied().unwrap_or(0)
    }

    fn guess(&self) -> Guess {
        let mut inputs = [0; INPUTS];
        let mut slots = [0; TABLES];
        let mut pairs = inputs.chunks_exact_mut(2);
        for ((table, context), slot) in self.tables.iter().zip(&self.contexts).zip(&mut slots) {
            let at = hash(*context, self.partial) >> (32 - TABLE_BITS);
            *slot = at as usize;
            let kept = table.get(*slot).copied().unwrap_or(2048 << 4);
            let (p, count) = (i32::from(kept >> 4) << 4, i32::from(kept & 15));
            if let Some([steep, flat]) = pairs.next()
                && count > 0
            {
                *steep = self.stretch(p);
                *flat = ((p - 32768) * (count + 1).min(8)) >> 9;
            }
        }
        let mut set = 0;
        let mut expected = None;
        let (from, length) = self.repeated;
        if length > 0
            && let Some(byte) = self.past.get(from)
        {
            let byte = u32::from(*byte) | 256;
            let bits = 31 - self.partial.leading_zeros();
            if byte >> (8 - bits) == self.partial {
                let bit = byte >> (7 - bits) & 1;
                let at = if length < 32 { length } else { (32 + (length - 32) / 16).min(63) };
                let p = self.trust.get(at).copied().unwrap_or(32768);
                let steep = self.stretch(p);
                if let Some(input) = inputs.get_mut(2 * TABLES) {
                    *input = if bit == 1 { steep } else { -steep };
                }
                set = 1 + at.ilog2() as usize;
                expected = Some((at, bit));
            }
        }
        if let Some(constant) = inputs.last_mut() {
            *constant = 64;
        }
        let known = slots
            .iter()
            .zip(&self.tables)
            .skip(2)
            .filter(|(slot, table)| table.get(**slot).is_some_and(|kept| kept & 15 > 0));
        let set = set.min(9) * 3 + known.count() / 3;
        let weights = self.weights.get(set).copied().unwrap_or([0; INPUTS]);
        let sum: i64 = inputs.iter().zip(&weights).map(|(input, weight)| i64::from(*input) * i64::from(*weight)).sum();
        let one = squash(i32::try_from(sum >> 16).unwrap_or(if sum > 0 { 2047 } else { -2047 }));
        Guess { inputs, slots, expected, set, one: one.unsigned_abs().clamp(24, 65536 - 24) }
    }

    /// Takes in what a bit was.
    fn learn(&mut self, guess: &Guess, bit: u32) {
        let error = ((bit as i32) << 16) - guess.one as i32;
        if let Some(weights) = self.weights.get_mut(guess.set) {
            for (weight, input) in weights.iter_mut().zip(&guess.inputs) {
                *weight += (input * (error >> 4) * RATE + (1 << 13)) >> 14;
            }
        }
        for (table, slot) in self.tables.iter_mut().zip(&guess.slots) {
            let Some(kept) = table.get_mut(*slot) else { continue };
            let (p, count) = (i32::from(*kept >> 4), i32::from(*kept & 15));
            let step = if bit == 1 { 4095 - p } else { -p } * 2 / (2 * count + 3);
            *kept = (((p + step) as u16) << 4) | (count + 1).min(15) as u16;
        }
        if let Some((at, expected)) = guess.expected {
            if let Some(p) = self.trust.get_mut(at) {
                *p += (if expected == bit { 65535 - *p } else { -*p }) >> 5;
            }
            if expected != bit {
                self.repeated = (0, 0);
            }
        }
        self.partial = self.partial << 1 | bit;
        if self.partial >= 256 {
            self.past.push(self.partial as u8);
            self.turn_to_next_byte();
        }
    }

    fn turn_to_next_byte(&mut self) {
        self.partial = 1;
        let last = self.past.last().copied().unwrap_or(END);
        if last.is_ascii_alphanumeric() || last >= 128 {
            self.word = hash(self.word, u32::from(last));
        } else if self.word != 0 {
            self.last_word = self.word;
            self.word = 0;
        }
        match last {
            b'"' => {
                self.in_text = !self.in_text;
                if self.in_text {
                    self.text = 0;
                }
            }
            b':' if !self.in_text => self.member = self.text,
            END => (self.in_text, self.member) = (false, 0),
            _ if self.in_text => self.text = hash(self.text, u32::from(last)),
            _ => {}
        }
        let order = |count: usize| {
            let from = self.past.len().saturating_sub(count);
            let bytes = self.past.get(from..).unwrap_or_default();
            bytes.iter().fold(count as u32, |sum, byte| hash(sum, u32::from(*byte)))
        };
        let inside = if self.in_text { self.text } else { 1 };
        self.contexts = [
            order(1),
            order(2),
            order(3),
            order(4),
            order(6),
            hash(hash(self.member, 77), inside),
            hash(hash(self.word, u32::from(last)), 99),
            hash(hash(self.word, self.last_word), u32::from(last)),
        ];
        self.find_repetition();
    }

    fn find_repetition(&mut self) {
        let (from, length) = self.repeated;
        if length > 0 {
            self.repeated = (from + 1, length + 1);
        }
        let end = self.past.len();
        let Some(last) = end.checked_sub(REPEATED).and_then(|start| self.past.get(start..)) else { return };
        let at = last.iter().fold(0, |sum, byte| hash(sum, u32::from(*byte))) >> (32 - SEEN_BITS);
        let Some(seen) = self.seen.get_mut(at as usize) else { return };
        let before = *seen as usize;
        *seen = end as u32;
        if self.repeated.1 == 0 && before > 0 {
            let old = self.past.get(..before).unwrap_or_default().iter().rev();
            let length = old.zip(self.past.iter().rev()).take(400).take_while(|(a, b)| a == b).count();
            if length >= REPEATED {
                self.repeated = (before, length);
            }
        }
    }
}

/// `text` after what `model` knows. It must not hold a byte 0.
pub fn pack(mut model: Model, text: &[u8]) -> Vec<u8> {
    let (mut low, mut high) = (0_u32, u32::MAX);
    let mut out = Vec::new();
    for byte in text.iter().chain(&[END]) {
        for shift in (0..8).rev() {
            let bit = u32::from(byte >> shift) & 1;
            let guess = model.guess();
            let middle = split(low, high, guess.one);
            if bit == 1 {
                high = middle
            } else {
                low = middle + 1
            }
            model.learn(&guess, bit);
            while (low ^ high) >> 24 == 0 {
                out.push((high >> 24) as u8);
                low <<= 8;
                high = high << 8 | 255;
            }
        }
    }
    // The shortest number between the two: what is missing at the end counts as zeros.
    for bytes in 0..=4 {
        let mask = u32::MAX.checked_shl(32 - 8 * bytes).unwrap_or(0);
        let Some(number) = low.checked_add(!mask).map(|number| number & mask).or((low & !mask == 0).then_some(low))
        else {
            continue;
        };
        if number >= low && number <= high {
            out.extend(number.to_be_bytes().into_iter().take(bytes as usize));
            break;
        }
    }
    while out.last() == Some(&0) {
        out.pop();
    }
    out
}

/// The text that was packed, if it is no longer than `most` bytes. Any bytes are the packing of something, or too large.
///
/// # Errors
/// If the text is longer.
pub fn unpack(mut model: Model, packed: &[u8], most: usize) -> Result<Vec<u8>, TooLarge> {
    let (mut low, mut high) = (0_u32, u32::MAX);
    let mut rest = packed.iter();
    let mut next = move || u32::from(rest.next().copied().unwrap_or(0));
    let mut code = (0..4).fold(0, |code, _| code << 8 | next());
    let mut out = Vec::new();
    loop {
        let mut byte = 0_u32;
        for _ in 0..8 {
            let guess = model.guess();
            let middle = split(low, high, guess.one);
            let bit = u32::from(code <= middle);
            if bit == 1 {
                high = middle
            } else {
                low = middle + 1
            }
            model.learn(&guess, bit);
            byte = byte << 1 | bit;
            while (low ^ high) >> 24 == 0 {
                low <<= 8;
                high = high << 8 | 255;
                code = code << 8 | next();
            }
        }
        match byte as u8 {
            END => return Ok(out),
            _ if out.len() >= most => return Err(TooLarge),
            byte => out.push(byte),
        }
    }
}

/// The last number that means a one.
fn split(low: u32, high: u32, one: u32) -> u32 {
    let range = high - low;
    low + (range >> 16) * one + (((range & 0xffff) * one) >> 16)
}
