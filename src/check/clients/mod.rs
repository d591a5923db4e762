//! What mail clients support of what a letter is made of, by the data of Can I email.

mod detect;
mod signs;
mod weigh;

pub use detect::{Use, Where, uses};
pub use weigh::{Loss, loss};

use std::sync::LazyLock;

use crate::settings::clients::{CLIENTS, Client};

/// How well a client supports a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    Full,
    /// Nobody tested it.
    Unknown,
    Partial,
    None,
}

/// A feature of HTML or CSS, or a format of images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// As the address of its page on caniemail.com ends: `css-display-flex`.
    pub slug: &'static str,
    /// As people call it: `display:flex`.
    pub title: &'static str,
    /// One letter for each of [`CLIENTS`].
    marks: &'static [u8],
}

impl Feature {
    pub fn support(&self, client: Client) -> Support {
        match self.marks[client.0] {
            b'y' => Support::Full,
            b'a' => Support::Partial,
            b'n' => Support::None,
            _ => Support::Unknown,
        }
    }

    /// Where it says more.
    pub fn page(&self) -> String {
        format!("https://www.caniemail.com/features/{}/", self.slug)
    }
}

/// Everything that is known, with the licence of those who found it out.
const DATA: &str = include_str!("caniemail.txt");

static FEATURES: LazyLock<Vec<Feature>> = LazyLock::new(|| {
    let mut lines = DATA.lines();
    let names = lines.find_map(|line| line.strip_prefix("clients ")).expect("the data name their clients");
    let known = CLIENTS.iter().map(|(name, _)| *name);
    assert!(names.split(' ').eq(known), "the data are for the clients of the settings");
    lines.map(|line| feature(line).expect("every line of the data has three parts")).collect()
});

fn feature(line: &'static str) -> Option<Feature> {
    let mut parts = line.split('|');
    let (slug, title, marks) = (parts.next()?, parts.next()?, parts.next()?.as_bytes());
    (marks.len() == CLIENTS.len()).then_some(Feature { slug, title, marks })
}

/// Every feature.
pub fn features() -> &'static [Feature] {
    &FEATURES
}

/// The day up to which the data go, as `2026-01-31`.
pub fn date() -> &'static str {
    DATA.lines().find_map(|line| line.strip_prefix("date ")).expect("the data have a date")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_are_whole_and_say_whose_they_are() {
        assert!(features().len() > 290, "{}", features().len());
        assert!(DATA.contains("MIT License") && DATA.contains("HTeuMeuLeu"));
        assert_eq!(date().len(), 10);
        let flex = features().iter().find(|feature| feature.slug == "css-display-flex").unwrap();
        let outlook = crate::settings::clients::named("outlook-windows")[0];
        assert_eq!((flex.title, flex.support(outlook)), ("display:flex", Support::None));
    }
}
