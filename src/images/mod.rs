//! Image files → what a letter can show: found below the workspace, told by their content, measured, and made
//! smaller where they are too large. Reads files; never writes one.

mod drawn;
mod file;
mod kind;
mod redraw;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

use crate::model::image::{Fault, Image, Images, Size};
use crate::model::letter::{Attachment, ContentHash, Disposition};
use crate::settings::Settings;
use crate::settings::images::{Embed, ImageSettings};
pub use drawn::Drawn;
use file::Found;
use kind::{Header, Kind};

/// An image of more pixels is not even read: decoded it would fill the memory of whoever opens it.
const MOST_PIXELS: u64 = 50_000_000;

/// All images of a letter together: with base64, what Gmail takes at most.
const MOST_BYTES: usize = 18_000_000;

/// Where an issue's images are, and how they come into its letter.
#[derive(Debug, Clone)]
pub struct Shelf<'a> {
    settings: &'a ImageSettings,
    base_url: Option<&'a str>,
    /// The workspace; `None` for a lone file.
    root: Option<&'a Path>,
    /// The folder of the issue.
    folder: PathBuf,
    drawn: Drawn,
}

impl<'a> Shelf<'a> {
    /// The images of an issue in `folder`.
    pub fn new(settings: &'a Settings, folder: impl Into<PathBuf>) -> Shelf<'a> {
        Shelf {
            settings: &settings.images,
            base_url: settings.site.base_url.as_deref(),
            root: settings.root.as_deref(),
            folder: folder.into(),
            drawn: Drawn::default(),
        }
    }

    /// The same, with what was drawn before.
    pub fn with(self, drawn: &Drawn) -> Shelf<'a> {
        Shelf { drawn: drawn.clone(), ..self }
    }

    /// Looks up every path once, and keeps no more than a letter can carry.
    pub fn load(&self, paths: impl IntoIterator<Item = String>) -> Images {
        let (mut bytes, mut known) = (0, HashSet::new());
        Images::load(paths, |path| {
            let image = self.image(path)?;
            let part = image.part.as_ref().filter(|_| known.insert(image.src.clone()));
            bytes += part.map_or(0, |part| part.bytes.len());
            if bytes > MOST_BYTES { Err(too_many(path)) } else { Ok(image) }
        })
    }

    /// The image at `path`: from the folder, or from the workspace if it begins with a slash. Reads at
    /// most 25 MB, and decodes nothing but a PNG or JPEG that has to be drawn anew.
    pub fn image(&self, path: &str) -> Result<Image, Fault> {
        let found = self.find(path)?;
        let header = Header::read(path, &found.bytes)?;
        let pixels = u64::from(header.size.width) * u64::from(header.size.height);
        if pixels > MOST_PIXELS {
            return Err(too_large(path, &header, "is more than any letter can show"));
        }
        match self.settings.embed {
            Embed::Cid => self.embedded(path, found, &header),
            Embed::Link => self.linked(path, &found, &header),
        }
    }

    fn embedded(&self, path: &str, found: Found, header: &Header) -> Result<Image, Fault> {
        let file = hash(&found.bytes);
        let bytes = match self.settings.resize {
            true => self.drawn.or_draw(&file, self.settings.max_width, || {
                redraw::fitting(path, &found.bytes, header, self.settings.max_width)
            })?,
            false => None,
        };
        let bytes = bytes.unwrap_or(found.bytes);
        self.check_limits(path, &bytes, header)?;
        let content_id = format!("{}@courant", &hash(&bytes).0[..32]);
        let part = Attachment {
            file_name: file_name(&found.path, header.kind),
            content_type: header.kind.content_type().to_owned(),
            content_id: Some(content_id.clone()),
            disposition: Disposition::Inline,
            bytes,
        };
        Ok(Image { src: format!("cid:{content_id}"), size: shown(path, header.size), part: Some(part), file })
    }

    /// Nothing is done to a file that somebody else serves.
    fn linked(&self, path: &str, found: &Found, header: &Header) -> Result<Image, Fault> {
        self.check_limits(path, &found.bytes, header)?;
        let below = self.root.and_then(|root| found.path.strip_prefix(root.canonicalize().ok()?).ok());
        let (Some(base), Some(below)) = (self.base_url, below) else {
            return Err(file::fault(
                format!("the image `{path}` is not in the workspace, so that `base_url` does not lead to it"),
                "move it into the workspace, or embed images: `embed = \"cid\"` in `[images]`",
            ));
        };
        let src = format!("{base}/{}", encoded(below));
        Ok(Image { src, size: shown(path, header.size), part: None, file: hash(&found.bytes) })
    }

    /// What is left wider after it was drawn anew has gained nothing by it, and may be as it is.
    fn check_limits(&self, path: &str, bytes: &[u8], header: &Header) -> Result<(), Fault> {
        let ImageSettings { max_bytes, max_width, .. } = *self.settings;
        let stays = !self.settings.resize || self.settings.embed == Embed::Link;
        if stays && header.kind != Kind::Gif && header.size.width > max_width {
            return Err(too_large(path, header, &format!("is wider than `max_width = {max_width}`")));
        }
        if bytes.len() as u64 > max_bytes {
            let message =
                format!("the image `{path}` has {} bytes, more than `max_bytes = {max_bytes}`", bytes.len());
            let how = match header.kind {
                Kind::Png => "save a photograph as JPEG, a drawing with fewer colours",
                Kind::Jpeg => "save it at a lower quality or with fewer pixels",
                Kind::Gif => "save it with fewer pixels or frames",
            };
            let help = format!("{how}, or raise `max_bytes` in `[images]`");
            return Err(Fault { rule: "image-size", message, help });
        }
        Ok(())
    }
}

fn too_many(path: &str) -> Fault {
    Fault {
        rule: "image-size",
        message: format!(
            "with the image `{path}` there are more than {MOST_BYTES} bytes, which no mail holds"
        ),
        help: "show fewer, or put them on the web: `embed = \"link\"` in `[images]`".to_owned(),
    }
}

fn too_large(path: &str, header: &Header, why: &str) -> Fault {
    let Size { width, height } = header.size;
    Fault {
        rule: "image-size",
        message: format!("the image `{path}` has {width} × {height} pixels, which {why}"),
        help: "save it with fewer pixels".to_owned(),
    }
}

/// `NAME@2x.png` has two pixels for each that it is shown in, so that it is sharp on dense screens.
fn shown(path: &str, pixels: Size) -> Size {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    if stem.ends_with("@2x") { pixels.scaled(pixels.width.div_ceil(2)) } else { pixels }
}

fn hash(bytes: &[u8]) -> ContentHash {
    ContentHash(HEXLOWER.encode(digest(&SHA256, bytes).as_ref()))
}

/// The file's own name, with the ending that its content asks for.
fn file_name(path: &Path, kind: Kind) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match kind.endings().contains(&ending.as_str()) {
        true => name,
        false => format!("{name}.{}", kind.endings()[0]),
    }
}

/// A path in an address: what means something else there is percent-encoded.
fn encoded(path: &Path) -> String {
    let parts = path.components().map(|part| {
        let name = part.as_os_str().to_string_lossy().into_owned();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~@+,=!".contains(&byte);
        let encode = |byte: u8| match is_plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        };
        name.bytes().map(encode).collect::<String>()
    });
    parts.collect::<Vec<_>>().join("/")
}
