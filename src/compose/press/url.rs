//! Where in its URL each hole stands, through statements that may or may not happen.

use crate::compose::escape::UrlPlace;
use crate::compose::merge::address_before;
use crate::model::letter::{Context, Piece, Pieces};

/// Reads pieces and remembers the URL so far.
pub(super) struct Urls {
    is_markup: bool,
    /// What stands since the beginning of the attribute, or of the word in plain text.
    before: String,
    /// What stood before each open statement, and what its branches ended in.
    open: Vec<(String, Vec<String>)>,
}

impl Urls {
    /// One place for every hole, in order; it only means something for those in a URL.
    pub(super) fn places(pieces: &Pieces, is_markup: bool) -> Vec<UrlPlace> {
        let mut urls = Urls { is_markup, before: String::new(), open: Vec::new() };
        let mut places = Vec::new();
        for piece in pieces.iter() {
            match piece {
                Piece::Literal(text) => urls.literal(text),
                Piece::Logic { statement, .. } => urls.statement(statement),
                Piece::Hole(hole) => {
                    places.push(urls.place());
                    if hole.context == Context::Url {
                        urls.before.push('x');
                    }
                }
            }
        }
        places
    }

    fn literal(&mut self, text: &str) {
        let breaks = |letter: char| {
            letter == '"' || (!self.is_markup && (letter.is_whitespace() || "<>".contains(letter)))
        };
        match text.rfind(breaks) {
            None => self.before.push_str(text),
            Some(found) => {
                let after = text[found..].chars().next().map_or(found, |letter| found + letter.len_utf8());
                self.before = text[after..].to_owned();
            }
        }
    }

    fn place(&self) -> UrlPlace {
        match self.is_markup {
            true => UrlPlace::after(&self.before),
            false => UrlPlace::after(address_before(&self.before).unwrap_or(&self.before)),
        }
    }

    fn statement(&mut self, statement: &str) {
        match statement.split(|letter: char| !letter.is_alphanumeric()).next() {
            Some("if" | "for") => self.open.push((self.before.clone(), Vec::new())),
            Some("else" | "elif") => {
                if let Some((start, ends)) = self.open.last_mut() {
                    ends.push(std::mem::replace(&mut self.before, start.clone()));
                }
            }
            Some("endif" | "endfor") => {
                let (start, mut ends) = self.open.pop().unwrap_or_default();
                ends.push(std::mem::take(&mut self.before));
                // If any way through brought a beginning, what follows is taken for the rest of it: then
                // no value can bring a scheme.
                self.before = ends.into_iter().find(|end| !end.is_empty()).unwrap_or(start);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::letter::Hole;

    fn places(parts: &[&str], is_markup: bool) -> Vec<UrlPlace> {
        let pieces = parts.iter().map(|part| match part.strip_prefix('%') {
            Some(statement) => Piece::Logic { statement: statement.into(), span: 0..0 },
            None if *part == "{}" => {
                Piece::Hole(Hole { expression: "a".into(), context: Context::Url, span: 0..0 })
            }
            None => Piece::Literal((*part).into()),
        });
        Urls::places(&Pieces::new(pieces), is_markup)
    }

    #[test]
    fn the_place_is_read_from_what_stands_before() {
        use UrlPlace::{Component, Mailbox, Start};
        let html = [
            "<a href=\"",
            "{}",
            "\"><a href=\"https://x/",
            "{}",
            "{}",
            "\"><a href=\"mailto:",
            "{}",
            "?subject=",
            "{}",
        ];
        assert_eq!(places(&html, true), [Start, Component, Component, Mailbox, Component]);
        assert_eq!(places(&["a <https://x/", "{}", "> (mailto:", "{}"], false), [Component, Mailbox]);
    }

    #[test]
    fn branches_are_followed() {
        use UrlPlace::{Component, Start};
        let html = ["<a href=\"", "%if a", "https://x/", "{}", "%else", "{}", "%endif", "{}", "\">"];
        assert_eq!(places(&html, true), [Component, Start, Component]);
        assert_eq!(places(&["<a href=\"", "%if a", "{}", "%endif", "\">"], true), [Start]);
    }
}
