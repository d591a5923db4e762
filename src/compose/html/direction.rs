//! Which way a run of words is written, where that is not the way of the issue.

use crate::compose::markdown::tree::{Inline, words};
use crate::compose::merge::{Marks, Part};

/// `ltr` or `rtl` by the first letter that has a direction (UAX 9 P2); `None` for words without one.
pub fn direction(text: &[Inline], marks: &Marks) -> Option<&'static str> {
    let words = words(text);
    let own = marks.split(&words).into_iter().filter_map(|part| match part {
        Part::Text(text) => Some(text),
        Part::Mark(_) => None,
    });
    let first = own.flat_map(str::chars).find(|c| c.is_alphabetic())?;
    Some(if is_right_to_left(first) { "rtl" } else { "ltr" })
}

/// Hebrew, Arabic and the scripts beside them, and those of the same kind beyond the first plane.
fn is_right_to_left(letter: char) -> bool {
    matches!(u32::from(letter), 0x590..=0x8FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFC | 0x1_0800..=0x1_0FFF | 0x1_E800..=0x1_EFFF)
}
