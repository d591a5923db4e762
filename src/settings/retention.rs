//! `[retention]`: for how long what nobody needs to send is kept.

use std::time::Duration;

use super::values::{Zero, duration_of};
use crate::model::tree::{Misfit, Table};

/// How long each kind of memory lasts; `None` is for good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetentionSettings {
    /// What servers answered, word by word.
    pub replies: Option<Duration>,
    /// What providers and mails told, as they told it.
    pub events: Option<Duration>,
    /// The texts of issues that are complete, and the values that their letters were filled with.
    pub editions: Option<Duration>,
}

/// A retry or a late event still needs what is younger.
const SHORTEST: Duration = Duration::from_secs(30 * 24 * 3600);

pub const KEYS: [&str; 3] = ["replies", "events", "editions"];

pub fn read(root: &Table) -> Result<RetentionSettings, Misfit> {
    let Some(table) = root.table("retention")? else { return Ok(RetentionSettings::default()) };
    table.only("`[retention]`", &KEYS)?;
    Ok(RetentionSettings {
        replies: span(table, "replies")?,
        events: span(table, "events")?,
        editions: span(table, "editions")?,
    })
}

fn span(table: &Table, key: &str) -> Result<Option<Duration>, Misfit> {
    let Some(at) = table.text(key)? else { return Ok(None) };
    let span = duration_of(key, &at, Zero::Nonsense)?;
    match span < SHORTEST {
        true => Err(Misfit::new(format!("`{key}` is kept for 30 days at least"), at.span)
            .help("retries and late events need what is younger; write \"90 days\" or \"2 years\"")),
        false => Ok(Some(span)),
    }
}
