//! Images that were drawn anew, kept while the process lives: a letter that is rendered again at every save does not
//! draw its photographs again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::letter::ContentHash;

/// Bytes that are kept at most; beyond them all is forgotten and begun anew.
const MOST: usize = 64_000_000;

/// What became of a file at a width: its new bytes, or `None` where it was good as it is.
type Outcome = Option<Vec<u8>>;

/// Cheap to clone; all clones share what is kept.
#[derive(Debug, Clone, Default)]
pub struct Drawn(Arc<Mutex<HashMap<(ContentHash, u32), Outcome>>>);

impl Drawn {
    /// What `draw` makes of the file with this hash at this width, or made of it before. A failure is not kept.
    pub(super) fn or_draw<E>(
        &self,
        file: &ContentHash,
        width: u32,
        draw: impl FnOnce() -> Result<Outcome, E>,
    ) -> Result<Outcome, E> {
        let key = (file.clone(), width);
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known.clone());
        }
        let drawn = draw()?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = |outcome: &Outcome| outcome.as_ref().map_or(0, Vec::len);
        if kept.values().map(bytes).sum::<usize>() + bytes(&drawn) > MOST {
            kept.clear();
        }
        kept.insert(key, drawn.clone());
        Ok(drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_drawn_once_at_each_width_and_again_if_that_failed() {
        let (drawn, file) = (Drawn::default(), ContentHash("a".to_owned()));
        let fails: Result<Outcome, &str> = drawn.or_draw(&file, 10, || Err("broken"));
        assert_eq!(fails, Err("broken"));
        let mut times = 0;
        for (width, expected) in [(10, 1), (10, 1), (20, 2)] {
            let made = drawn.or_draw(&file, width, || {
                times += 1;
                Ok::<_, ()>(Some(vec![1]))
            });
            assert_eq!((made, times), (Ok(Some(vec![1])), expected));
        }
    }

    #[test]
    fn what_is_kept_has_a_limit() {
        let drawn = Drawn::default();
        for name in ["a", "b", "c"] {
            drawn.or_draw(&ContentHash(name.to_owned()), 1, || Ok::<_, ()>(Some(vec![0; MOST / 2]))).unwrap();
        }
        assert_eq!(drawn.0.lock().unwrap().len(), 1);
    }
}
