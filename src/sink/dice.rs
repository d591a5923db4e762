//! Chance that can be told again: the same seed and the same letter give the same number, on every machine and
//! in any order.

/// FNV-1a (Fowler, Noll, Vo) with the finisher of SplitMix64: it spreads well and guards no secret.
pub fn hash(bytes: &[u8]) -> u64 {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    mix(bytes.iter().fold(0xcbf2_9ce4_8422_2325, fold))
}

/// The same whatever the case of ASCII letters, as mail domains and most mailboxes are.
pub fn hash_without_case(text: &str) -> u64 {
    let fold = |hash: u64, byte: u8| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3)
    };
    mix(text.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
}

/// Many numbers → one.
pub fn join(parts: &[u64]) -> u64 {
    parts.iter().fold(0, |hash, part| mix(hash ^ part.wrapping_add(0x9e37_79b9_7f4a_7c15)))
}

/// Whether what has this hash is within a share of 0.0 to 1.0.
pub fn falls(hash: u64, share: f64) -> bool {
    ((hash >> 11) as f64) < share * (1u64 << 53) as f64
}

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_many_letters_is_near_what_was_asked_for() {
        for share in [0.01, 0.2, 0.9] {
            let fallen = (0..10_000u64).filter(|letter| falls(join(&[7, *letter]), share)).count();
            assert!((fallen as f64 / 10_000.0 - share).abs() < 0.02, "{share}: {fallen}");
        }
        assert!((0..1000).all(|letter| falls(join(&[letter]), 1.0) && !falls(join(&[letter]), 0.0)));
    }

    #[test]
    fn the_case_of_an_address_changes_nothing_and_the_order_of_parts_does() {
        assert_eq!(hash_without_case("Ada@Example.ORG"), hash(b"ada@example.org"));
        assert_ne!(join(&[1, 2]), join(&[2, 1]));
    }
}
