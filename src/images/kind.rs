//! What a file is, told by its content, and how many pixels it has.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::metadata::Orientation;
use imagesize::ImageType;

use super::{Fault, Size};

/// What every mail client shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Png,
    Jpeg,
    Gif,
}

impl Kind {
    /// For `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Kind::Png => "image/png",
            Kind::Jpeg => "image/jpeg",
            Kind::Gif => "image/gif",
        }
    }

    /// In lower case, the usual one first.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Kind::Png => &["png"],
            Kind::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Kind::Gif => &["gif"],
        }
    }
}

/// What the beginning of a file says, before any pixel is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub kind: Kind,
    /// Pixels, as the image is looked at: a photograph that a camera took on its side is upright.
    pub size: Size,
    /// How the camera was held.
    pub orientation: Orientation,
}

impl Header {
    /// Fails for what is no image, and for images that some mail clients do not show.
    pub fn read(path: &str, bytes: &[u8]) -> Result<Header, Fault> {
        if bytes.is_empty() {
            return Err(fault(format!("the image `{path}` is empty"), "save it again"));
        }
        let kind = kind(path, bytes)?;
        let size = imagesize::blob_size(bytes).ok().and_then(|size| pixels(size.width, size.height));
        let Some(size) = size else {
            return Err(fault(
                format!("the image `{path}` is broken: it has no width and height"),
                "save it again",
            ));
        };
        let orientation = if kind == Kind::Jpeg { held(bytes) } else { Orientation::NoTransforms };
        Ok(Header { kind, size: if lies(orientation) { turned(size) } else { size }, orientation })
    }
}

fn pixels(width: usize, height: usize) -> Option<Size> {
    let size = Size { width: u32::try_from(width).ok()?, height: u32::try_from(height).ok()? };
    (size.width > 0 && size.height > 0).then_some(size)
}

fn turned(size: Size) -> Size {
    Size { width: size.height, height: size.width }
}

/// What EXIF says of a JPEG; nothing where it cannot be read.
fn held(bytes: &[u8]) -> Orientation {
    let decoder = JpegDecoder::new(Cursor::new(bytes));
    decoder.and_then(|mut decoder| decoder.orientation()).unwrap_or(Orientation::NoTransforms)
}

fn lies(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

fn kind(path: &str, bytes: &[u8]) -> Result<Kind, Fault> {
    let name = match imagesize::image_type(bytes) {
        Ok(ImageType::Png) => return Ok(Kind::Png),
        Ok(ImageType::Jpeg) => return Ok(Kind::Jpeg),
        Ok(ImageType::Gif) => return Ok(Kind::Gif),
        Ok(ImageType::Webp) => Some("WebP"),
        Ok(ImageType::Heif(_)) => Some("AVIF or HEIC"),
        Ok(ImageType::Bmp) => Some("BMP"),
        Ok(ImageType::Tiff) => Some("TIFF"),
        Ok(ImageType::Jxl) => Some("JPEG XL"),
        _ if is_svg(bytes) => Some("SVG"),
        _ => None,
    };
    Err(match name {
        Some(name) => fault(
            format!("the image `{path}` is {name}, which many mail clients do not show"),
            "save it as PNG or JPEG",
        ),
        None => fault(format!("`{path}` is no image"), "name a PNG, a JPEG or a GIF"),
    })
}

fn is_svg(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    start.starts_with("<svg") || (start.starts_with('<') && start.contains("<svg"))
}

fn fault(message: String, help: &str) -> Fault {
    Fault { rule: "image-type", message, help: help.to_owned() }
}
