//! Image files that an issue names, as they are shown in its letter.

use std::collections::BTreeMap;

use super::letter::{Attachment, ContentHash};

/// CSS pixels, neither of them 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    /// The same shape, at most so wide.
    pub fn within(self, width: u32) -> Size {
        if self.width <= width { self } else { self.scaled(width) }
    }

    /// The same shape, so wide.
    pub fn scaled(self, width: u32) -> Size {
        let height = (u64::from(self.height) * u64::from(width) + u64::from(self.width) / 2)
            / u64::from(self.width.max(1));
        Size { width, height: u32::try_from(height).unwrap_or(u32::MAX).max(1) }
    }
}

/// A file that can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// What `src` says: `cid:…`, or an address on the web.
    pub src: String,
    /// How large it is shown where there is room: half of its pixels for `NAME@2x.png`.
    pub size: Size,
    /// What travels in the letter; `None` if it is linked.
    pub part: Option<Attachment>,
    /// Of the file, whatever was made of it.
    pub file: ContentHash,
}

/// Why a file cannot be shown, in the words of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `image-local`, `image-type` or `image-size`.
    pub rule: &'static str,
    pub message: String,
    pub help: String,
}

/// The files that an issue and its template name, each by its path as it stands there.
#[derive(Debug, Clone, Default)]
pub struct Images(BTreeMap<String, Result<Image, Fault>>);

impl Images {
    /// Looks each path up once.
    pub fn load(
        paths: impl IntoIterator<Item = String>,
        mut look_up: impl FnMut(&str) -> Result<Image, Fault>,
    ) -> Images {
        let mut images = Images::default();
        for path in paths {
            images.0.entry(plain(&path)).or_insert_with_key(|path| look_up(path));
        }
        images
    }

    /// What is known of the file at `path`; `None` if nobody looked.
    pub fn get(&self, path: &str) -> Option<&Result<Image, Fault>> {
        self.0.get(&plain(path))
    }

    /// The image at `path`, if there is one that can be shown.
    pub fn shown(&self, path: &str) -> Option<&Image> {
        self.get(path)?.as_ref().ok()
    }

    /// Those that can be shown, by path.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Image)> {
        self.0.iter().filter_map(|(path, image)| Some((path.as_str(), image.as_ref().ok()?)))
    }

    /// Why the others cannot, in the order of their paths.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.0.values().filter_map(|image| image.as_ref().err())
    }
}

/// A path without blanks around it, and without percent-encoding: `two%20boats.png` is `two boats.png`.
fn plain(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.trim().as_bytes();
    while let [first, tail @ ..] = rest {
        let decoded = match (first, tail) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.trim().to_owned())
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_kept_at_any_width() {
        let size = Size { width: 1200, height: 800 };
        assert_eq!(size.within(536), Size { width: 536, height: 357 });
        assert_eq!(size.within(1200), size);
        assert_eq!(Size { width: 5000, height: 1 }.within(10).height, 1);
        assert_eq!(Size { width: 1, height: u32::MAX }.scaled(2).height, u32::MAX);
    }

    #[test]
    fn a_path_is_the_same_however_it_is_written() {
        assert_eq!(plain(" two%20boats.png "), "two boats.png");
        assert_eq!(plain("100%.png"), "100%.png");
        assert_eq!(plain("100%2"), "100%2");
        assert_eq!(plain("a%ff.png"), "a%ff.png");
        assert_eq!(plain("%C3%a9.png"), "é.png");
    }

    #[test]
    fn each_path_is_looked_up_once() {
        let mut asked = Vec::new();
        let fault = |path: &str| {
            asked.push(path.to_owned());
            Err(Fault { rule: "image-local", message: "no".to_owned(), help: String::new() })
        };
        let paths = ["b c.png", "a.png", "b%20c.png"].map(str::to_owned);
        let images = Images::load(paths, fault);
        assert_eq!(asked, ["b c.png", "a.png"]);
        assert!(images.shown("a.png").is_none() && images.get("d.png").is_none());
    }
}
