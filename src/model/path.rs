//! Where `courant serve` answers: what a path below `base_url` begins with. Letters, archives and the server agree on it
//! here.

/// Followed by a token: the link by which a reader leaves.
pub const LEAVE: &str = "u";
/// Followed by a token: what a reader gets.
pub const CHOOSE: &str = "p";
/// The form.
pub const JOIN: &str = "subscribe";
/// Followed by a token: the link that confirms.
pub const CONFIRM: &str = "confirm";
/// Followed by a list of links, a number and a token: a link that is counted.
pub const CLICK: &str = "c";
/// Followed by a list of links and a token: the picture that says that a letter was opened.
pub const OPEN: &str = "o";
/// Followed by the name of a provider.
pub const WEBHOOKS: &str = "webhooks";
pub const HEALTH: &str = "health";
pub const METRICS: &str = "metrics";

/// All of them: nothing else can have these names where a whole host is the server's.
pub const ALL: [&str; 9] = [LEAVE, CHOOSE, JOIN, CONFIRM, CLICK, OPEN, WEBHOOKS, HEALTH, METRICS];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_path_that_has_a_name_is_among_all_of_them_once() {
        let (own, _) = include_str!("path.rs").split_once("#[cfg(test)]").unwrap();
        assert_eq!(own.matches("pub const ").count(), ALL.len() + 1, "the list itself is one more");
        assert_eq!(ALL.iter().collect::<BTreeSet<_>>().len(), ALL.len());
    }
}
