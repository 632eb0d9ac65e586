//! The CloudFormation stack that eksctl makes for each access entry: its name, and the tags it leaves on the entry.
//!
//! Stacks themselves are not simulated; an entry made through one is known by its tags. How the name is made is fact; that the tags of the stack reach the entry is inferred from what CloudFormation does elsewhere.

use serde_json::{Value, json};

use super::VERSION;
use super::tool::{Account, Outcome, Tool};
use crate::aws::iam::{serial_of, short_id};

/// The tag by which an entry is known to come from a stack of eksctl.
const OWNER_TAG: &str = "alpha.eksctl.io/cluster-name";

/// The name of the stack: the SHA-1 of the principal's ARN in base 32.
pub fn name(cluster: &str, principal_arn: &str) -> String {
    format!("eksctl-{cluster}-accessentry-{}", base32(&sha1(principal_arn.as_bytes())))
}

/// The tags of the stack.
pub fn tags(cluster: &str) -> Value {
    json!({ OWNER_TAG: cluster, "alpha.eksctl.io/eksctl-version": VERSION })
}

/// True if the tags are those of something that eksctl made.
pub fn has_tag(tags: Option<&Value>) -> bool {
    tags.and_then(|tags| tags.get(OWNER_TAG)).is_some()
}

/// A number that depends on the text alone.
pub fn number(text: &str) -> u64 {
    serial_of(text)
}

/// The name that CloudFormation gives a role of a stack: `STACK-ROLE-` and 12 letters, at most 64 characters.
pub fn role_name(stack: &str, role: &str) -> String {
    let suffix: String = short_id(number(&format!("{stack}/{role}"))).chars().take(12).collect();
    let room = 64_usize.saturating_sub(role.len() + suffix.len() + 2);
    let stack: String = stack.chars().take(room).collect();
    format!("{}-{role}-{suffix}", stack.trim_end_matches('-'))
}

/// Makes a role of a stack that a service may assume, and gives its ARN.
///
/// # Errors
/// IAM refuses.
pub fn make_role(
    tool: &mut Tool<'_, '_>,
    account: &Account,
    stack: &str,
    role: &str,
    service: &str,
) -> Outcome<String> {
    let actions = if service.starts_with("eks.") {
        json!(["sts:AssumeRole", "sts:TagSession"])
    } else {
        json!(["sts:AssumeRole"])
    };
    let statement = json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": actions });
    let trust = json!({ "Version": "2012-10-17", "Statement": [statement] });
    make_named_role(tool, account, &role_name(stack, role), &trust)
}

/// Makes a role, and gives its ARN.
///
/// # Errors
/// IAM refuses.
pub fn make_named_role(tool: &mut Tool<'_, '_>, account: &Account, name: &str, trust: &Value) -> Outcome<String> {
    let input = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() });
    let answer = tool.must(&account.caller, "IAM", "CreateRole", input)?;
    Ok(answer.pointer("/Role/Arn").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// Deletes the roles of the stacks whose names begin so.
pub fn delete_roles(tool: &mut Tool<'_, '_>, account: &Account, stack: &str) {
    let roles = &tool.ctx.session.world().roles;
    let names: Vec<String> = roles.iter().filter(|role| role.name.starts_with(stack)).map(|r| r.name.clone()).collect();
    for name in names {
        // Each was there a moment ago.
        let _ = tool.call(&account.caller, "DeleteRole", json!({ "RoleName": name }));
    }
}

/// True if an entry, as DescribeAccessEntry shows it, was made through a stack.
pub fn owns(entry: &Value) -> bool {
    has_tag(entry.pointer("/accessEntry/tags"))
}

fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let letter = |five: &[u8]| {
        let value = (0..5).fold(0, |n, at| n << 1 | usize::from(five.get(at).copied().unwrap_or(0)));
        LETTERS.get(value).map_or('=', |byte| char::from(*byte))
    };
    bits.chunks(5).map(letter).collect()
}

/// SHA-1 as FIPS 180-4 defines it. It names things here and protects nothing.
fn sha1(text: &[u8]) -> Vec<u8> {
    let mut message = text.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend((text.len() as u64).wrapping_mul(8).to_be_bytes());
    let mut state: [u32; 5] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
    for block in message.chunks(64) {
        let mut words: Vec<u32> =
            block.chunks(4).map(|four| four.iter().fold(0, |n, byte| n << 8 | u32::from(*byte))).collect();
        for at in 16..80 {
            let back = |by: usize| words.get(at - by).copied().unwrap_or(0);
            let word = (back(3) ^ back(8) ^ back(14) ^ back(16)).rotate_left(1);
            words.push(word);
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (round, word) in words.iter().enumerate() {
            let (mixed, constant) = match round / 20 {
                0 => (b & c | !b & d, 0x5A82_7999),
                1 => (b ^ c ^ d, 0x6ED9_EBA1),
                2 => (b & c | b & d | c & d, 0x8F1B_BCDC),
                _ => (b ^ c ^ d, 0xCA62_C1D6_u32),
            };
            let next = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e).wrapping_add(constant).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (sum, part) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(part);
        }
    }
    state.iter().flat_map(|word| word.to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_hash_of_the_principal() {
        // As Python's hashlib and base64 compute it.
        assert_eq!(
            name("eksworkshop", "arn:aws:iam::133129065110:role/newrolename"),
            "eksctl-eksworkshop-accessentry-2ACF5VXGSTDC57D5DPSRU456PRKMO74B"
        );
    }

    #[test]
    fn long_texts_take_more_than_one_block() {
        let hex: String = sha1(&[b'a'; 119]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56");
    }
}
