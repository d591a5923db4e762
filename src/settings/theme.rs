//! The look, wherever it is written: `[theme]` of `courant.toml`, of a template, `theme` of the front matter.

use super::values::{choice, colour, line_at};
use crate::model::theme::{Buttons, Changes, PairChange};
use crate::model::tree::{Misfit, Node, Table, Value};

const KEYS: [&str; 14] = [
    "width",
    "size",
    "font",
    "heading_font",
    "mono_font",
    "logo",
    "logo_width",
    "canvas",
    "card",
    "text",
    "muted",
    "link",
    "line",
    "buttons",
];

/// What `table`, which is called `owner`, says about the look. Fails at the first key or value that means
/// nothing.
pub fn changes(table: &Table, owner: &str) -> Result<Changes, Misfit> {
    table.only(owner, &KEYS)?;
    let pixels = |key, range| -> Result<Option<u32>, Misfit> {
        Ok(table.whole(key, range)?.and_then(|at| u32::try_from(at.value).ok()))
    };
    Ok(Changes {
        width: pixels("width", 320..=800)?,
        size: pixels("size", 14..=22)?,
        font: line_at(table, "font")?,
        heading_font: line_at(table, "heading_font")?,
        mono_font: line_at(table, "mono_font")?,
        logo: line_at(table, "logo")?,
        logo_width: pixels("logo_width", 16..=800)?,
        canvas: pair(table, "canvas")?,
        card: pair(table, "card")?,
        text: pair(table, "text")?,
        muted: pair(table, "muted")?,
        link: pair(table, "link")?,
        line: pair(table, "line")?,
        buttons: choice(table, "buttons", &Buttons::ALL)?,
    })
}

/// One colour for both modes, or `{ light, dark }`, of which either may be left out.
fn pair(theme: &Table, key: &str) -> Result<PairChange, Misfit> {
    let Some(Node { value: Value::Table(both), .. }) = theme.get(key) else {
        let Some(at) = theme.text(key)? else { return Ok(PairChange::default()) };
        let one = Some(colour(&at)?);
        return Ok(PairChange { light: one.clone(), dark: one });
    };
    both.only(&format!("`{key}`"), &["light", "dark"])?;
    let mode = |name| both.text(name)?.map(|at| colour(&at)).transpose();
    Ok(PairChange { light: mode("light")?, dark: mode("dark")? })
}
