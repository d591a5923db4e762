//! What stands in `base_url` behind the host: a proxy may pass it on, or take it away.

/// The path of `base_url`, without a slash at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Below(String);

impl Below {
    pub fn of(base_url: Option<&str>) -> Below {
        Below(base_url.and_then(path_of).unwrap_or_default())
    }

    /// A path as whoever stands behind such a proxy is asked for it; `None` where it is not below.
    pub fn inner<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(self.0.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What `place` finds at this path, as one that was passed on, else as it is.
    pub fn find<'a, T>(&self, path: &'a str, place: impl Fn(&'a str) -> Option<T>) -> Option<T> {
        self.inner(path).and_then(&place).or_else(|| place(path))
    }
}

/// The path of an address, without a slash at its end; `None` where it is none.
pub(super) fn path_of(url: &str) -> Option<String> {
    url::Url::parse(url).ok().map(|url| url.path().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_whether_a_proxy_passed_it_on_or_not_and_whatever_it_is_called() {
        let place = |path: &str| path.strip_prefix("/c/").map(str::to_owned);
        let found = |base: &str, path: &str| Below::of(Some(base)).find(path, place);
        for (base, path) in [
            ("https://x.example", "/c/7"),
            ("https://x.example/news/", "/news/c/7"),
            ("https://x.example/news", "/c/7"),
            ("https://x.example/c", "/c/c/7"),
            ("https://x.example/c", "/c/7"),
        ] {
            assert_eq!(found(base, path).as_deref(), Some("7"), "{base} {path}");
        }
        for (base, path) in [
            ("https://x.example/news", "/newsc/c/7"),
            ("https://x.example/news", "/old/c/7"),
            ("no address", "/7"),
        ] {
            assert_eq!(found(base, path), None, "{base} {path}");
        }
    }
}
