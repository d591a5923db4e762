//! `[images]`: how the image files of a workspace come into a letter.

use super::values::choice;
use crate::model::tree::{Misfit, Table};

/// How image files come into a letter, and how large they may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSettings {
    pub embed: Embed,
    /// Bytes of one image as it is sent. Default 1,000,000.
    pub max_bytes: u64,
    /// Pixels across. Default 1600: twice what the widest letter shows.
    pub max_width: u32,
    /// Whether a wider image is made smaller, not refused.
    pub resize: bool,
}

impl Default for ImageSettings {
    fn default() -> ImageSettings {
        ImageSettings { embed: Embed::Cid, max_bytes: 1_000_000, max_width: 1600, resize: true }
    }
}

/// Where the bytes of an image are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Embed {
    /// In the letter, which names them by a content id.
    Cid,
    /// Below `base_url`, at the path that the file has in the workspace.
    Link,
}

/// Reads the table. Linked images need a `base_url` beside it.
pub fn read(root: &Table) -> Result<ImageSettings, Misfit> {
    let default = ImageSettings::default();
    let Some(table) = root.table("images")? else { return Ok(default) };
    table.only("`[images]`", &["embed", "max_bytes", "max_width", "resize"])?;
    let width = table.whole("max_width", 16..=10_000)?.and_then(|at| u32::try_from(at.value).ok());
    Ok(ImageSettings {
        embed: embed(root, table)?.unwrap_or(default.embed),
        max_bytes: table.whole("max_bytes", 1..=25_000_000)?.map_or(default.max_bytes, |at| at.value),
        max_width: width.unwrap_or(default.max_width),
        resize: table.truth("resize")?.map_or(default.resize, |at| at.value),
    })
}

fn embed(root: &Table, table: &Table) -> Result<Option<Embed>, Misfit> {
    let chosen = choice(table, "embed", &[("cid", Embed::Cid), ("link", Embed::Link)])?;
    match (chosen, table.get("embed")) {
        (Some(Embed::Link), Some(node)) if root.get("base_url").is_none() => {
            Err(Misfit::new("linked images need a `base_url`", node.span.clone())
                .help("write `base_url = \"https://news.example.org\"` above the tables, or embed = \"cid\""))
        }
        _ => Ok(chosen),
    }
}
