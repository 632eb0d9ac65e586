//! base64, with `-d` and `-w`.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD};

use super::{Call, Options, plainly};

pub(super) fn base64(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "diD", "w", &[("decode", 'd'), ("wrap", 'w'), ("ignore-garbage", 'i')]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let Ok(width) = options.value('w').unwrap_or("76").parse::<usize>() else {
        let given = options.value('w').unwrap_or_default().to_owned();
        call.complain(&format!("invalid wrap size: ‘{given}’"));
        return 1;
    };
    let (inputs, failed) = call.inputs(&options.operands, plainly);
    if failed {
        return 1;
    }
    let text: String = inputs.into_iter().map(|(_, text)| text).collect();
    if options.has('d') || options.has('D') {
        let clean: String = text.chars().filter(|c| *c != '\n' && *c != '\r').collect();
        let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
        return match GeneralPurpose::new(&alphabet::STANDARD, config).decode(clean) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => {
                    call.out(&text);
                    0
                }
                Err(_) => call.unsupported("binary data", "text in UTF-8"),
            },
            Err(_) => {
                call.complain("invalid input");
                1
            }
        };
    }
    let encoded = STANDARD.encode(text);
    if width == 0 {
        call.out(&encoded);
        return 0;
    }
    let mut rest = encoded.as_str();
    let mut out = String::new();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(width.min(rest.len()));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    call.out(&out);
    0
}
