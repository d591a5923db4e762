//! What is to be visited, and what we want to know of it.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::target::percent_decoded;

/// One address to visit, once for all links that lead there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Without its fragment.
    pub address: Url,
    /// The places in the page that links lead to.
    pub fragments: BTreeSet<String>,
    /// Whether the letter shows it.
    pub is_image: bool,
}

impl Wanted {
    /// A link to `address`; its fragment is a place to look for.
    pub fn page(address: &Url) -> Wanted {
        let fragments = fragment(address).into_iter().collect();
        Wanted { address: without_fragment(address.clone()), fragments, is_image: false }
    }

    /// An image that the letter shows.
    pub fn image(address: &Url) -> Wanted {
        let address = without_fragment(address.clone());
        Wanted { address, fragments: BTreeSet::new(), is_image: true }
    }

    /// Each address once, with everything that anybody wants to know of it.
    pub fn each_once(all: impl IntoIterator<Item = Wanted>) -> Vec<Wanted> {
        let mut once: BTreeMap<Url, Wanted> = BTreeMap::new();
        for wanted in all {
            match once.get_mut(&wanted.address) {
                Some(known) => {
                    known.fragments.extend(wanted.fragments);
                    known.is_image |= wanted.is_image;
                }
                None => {
                    once.insert(wanted.address.clone(), wanted);
                }
            }
        }
        once.into_values().collect()
    }
}

impl From<Url> for Wanted {
    fn from(address: Url) -> Wanted {
        Wanted::page(&address)
    }
}

/// The address as it is fetched and as it is kept in the results.
pub fn without_fragment(mut address: Url) -> Url {
    address.set_fragment(None);
    address
}

/// The place in the page that an address names, decoded; `None` where it names none that the page itself would
/// have to hold: its top, a text to be found (`:~:text=`), or a route of a program in the page (`#/…`, `#!…`).
pub fn fragment(address: &Url) -> Option<String> {
    let whole = address.fragment()?;
    let name = whole.split(":~:").next().unwrap_or_default();
    let name = percent_decoded(name);
    let is_route = name.starts_with(['/', '!']);
    (!name.is_empty() && !is_route && !name.eq_ignore_ascii_case("top")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn an_address_is_wanted_once_with_all_its_places() {
        let all = ["https://a.example/#one", "https://a.example/#two", "https://a.example/"].map(url);
        let mut once = Wanted::each_once(all.iter().map(Wanted::page).chain([Wanted::image(&all[0])]));
        let only = once.pop().unwrap();
        assert!(once.is_empty() && only.is_image);
        assert_eq!(only.fragments, ["one", "two"].map(str::to_owned).into());
    }

    #[test]
    fn only_places_that_a_page_holds_are_looked_for() {
        for (text, place) in [
            ("https://a.example/#part", Some("part")),
            ("https://a.example/#%D0%B4%D0%B0", Some("да")),
            ("https://a.example/#a+b&c%26d", Some("a+b&c&d")),
            ("https://a.example/#part:~:text=sea", Some("part")),
            ("https://a.example/#:~:text=sea", None),
            ("https://a.example/#", None),
            ("https://a.example/#Top", None),
            ("https://a.example/#/inbox", None),
            ("https://a.example/#!room", None),
            ("https://a.example/", None),
        ] {
            assert_eq!(fragment(&url(text)).as_deref(), place, "{text}");
        }
    }
}
