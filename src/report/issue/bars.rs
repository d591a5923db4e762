//! Small bars of plain characters, as any terminal shows them.

/// `part` of `of` in `width` characters; what there is of it is never nothing.
pub fn bar(part: u64, of: u64, width: usize) -> String {
    "#".repeat(length(part, of, width))
}

fn length(part: u64, of: u64, width: usize) -> usize {
    if part == 0 || of == 0 {
        return 0;
    }
    let exact = part.min(of) as f64 / of as f64 * width as f64;
    (exact.round() as usize).clamp(1, width.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_nothing() {
        let lengths = [(0, 9), (1, 1000), (5, 10), (10, 10), (20, 10), (1, 0)]
            .map(|(part, of)| bar(part, of, 10).len());
        assert_eq!(lengths, [0, 1, 5, 10, 10, 0]);
    }
}
