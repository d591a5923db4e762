//! An issue that a page looks at: the last that could be made of it, what is wrong with it now, what was found.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::time::Instant;

use super::checking::Verdicts;
use super::made::Made;
use crate::web::preview::view::Trouble;

/// One issue on the desk.
#[derive(Default)]
pub struct Draft {
    /// The last that could be made.
    pub good: Option<Arc<Made>>,
    /// Why nothing can be made now.
    pub trouble: Option<Trouble>,
    /// What was found in it; of an older text until the new one was checked.
    pub found: Option<Verdicts>,
    /// Of the last announcement.
    pub revision: u64,
    /// Until when a change waits for its findings before it is announced without them.
    pub waits: Option<Instant>,
    /// When somebody last looked, counted in questions.
    pub looked: u64,
}

impl Draft {
    /// What was found in the text that is shown.
    pub fn findings(&self) -> Option<&Verdicts> {
        let serial = self.good.as_ref()?.serial;
        self.found.as_ref().filter(|found| found.serial == serial)
    }

    /// The images and attachments of the last that could be made.
    pub fn files(&self) -> &[PathBuf] {
        self.good.as_ref().map_or(&[], |made| &made.files)
    }
}
