//! What a template, `courant.toml` or the front matter says about the look: some of the tokens.

use super::{Buttons, Pair, Theme};

/// Tokens that are to be other than they were; `None` leaves one as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub width: Option<u32>,
    pub size: Option<u32>,
    pub font: Option<String>,
    pub heading_font: Option<String>,
    pub mono_font: Option<String>,
    pub canvas: PairChange,
    pub card: PairChange,
    pub text: PairChange,
    pub muted: PairChange,
    pub link: PairChange,
    pub line: PairChange,
    pub logo: Option<String>,
    pub logo_width: Option<u32>,
    pub buttons: Option<Buttons>,
}

/// The same for a colour: one mode, both, or neither.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PairChange {
    pub light: Option<String>,
    pub dark: Option<String>,
}

impl PairChange {
    fn over(&self, pair: &mut Pair) {
        set(&mut pair.light, &self.light);
        set(&mut pair.dark, &self.dark);
    }
}

impl Theme {
    /// The theme with these changes.
    pub fn with(mut self, changes: &Changes) -> Theme {
        set(&mut self.width, &changes.width);
        set(&mut self.size, &changes.size);
        set(&mut self.font, &changes.font);
        set(&mut self.heading_font, &changes.heading_font);
        set(&mut self.mono_font, &changes.mono_font);
        set(&mut self.logo, &changes.logo);
        set(&mut self.logo_width, &changes.logo_width);
        set(&mut self.buttons, &changes.buttons);
        changes.canvas.over(&mut self.canvas);
        changes.card.over(&mut self.card);
        changes.text.over(&mut self.text);
        changes.muted.over(&mut self.muted);
        changes.link.over(&mut self.link);
        changes.line.over(&mut self.line);
        self
    }
}

fn set<T: Clone>(token: &mut T, change: &Option<T>) {
    if let Some(value) = change {
        token.clone_from(value);
    }
}
