//! A PNG or a JPEG drawn anew: upright, and no wider than the settings say.

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngDecoder, PngEncoder};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageResult, Limits};

use super::kind::{Header, Kind};
use super::{Fault, Size};

/// Bytes that decoding may take: the most pixels we read, at eight bytes each.
const MEMORY: u64 = 400_000_000;

/// Pixels up to which the sharper way fits into 256 MB: it takes sixteen bytes for each.
const GENTLE: u64 = 16_000_000;

/// Of 100; what is lost below it is seen.
const QUALITY: u8 = 85;

/// The image as it should be sent; `None` if the file is good as it is. A GIF always is, and so is a PNG that
/// moves: drawn anew, both would stand still.
pub fn fitting(path: &str, bytes: &[u8], header: &Header, width: u32) -> Result<Option<Vec<u8>>, Fault> {
    let is_wide = header.size.width > width;
    let is_upright = header.orientation == Orientation::NoTransforms;
    if (!is_wide && is_upright) || header.kind == Kind::Gif || moves(bytes, header.kind) {
        return Ok(None);
    }
    let drawn = drawn(bytes, header, width).map_err(|error| Fault {
        rule: "image-type",
        message: format!("the image `{path}` is broken: {error}"),
        help: "save it again".to_owned(),
    })?;
    Ok((!is_upright || drawn.len() < bytes.len()).then_some(drawn))
}

/// Whether it is an animated PNG, which says so before its pixels.
fn moves(bytes: &[u8], kind: Kind) -> bool {
    let before = memchr::memmem::find(bytes, b"IDAT").unwrap_or(bytes.len());
    kind == Kind::Png && memchr::memmem::find(&bytes[..before], b"acTL").is_some()
}

fn drawn(bytes: &[u8], header: &Header, width: u32) -> ImageResult<Vec<u8>> {
    let (mut image, profile) = match header.kind {
        Kind::Jpeg => decoded(JpegDecoder::new(Cursor::new(bytes))?)?,
        Kind::Png | Kind::Gif => decoded(PngDecoder::with_limits(Cursor::new(bytes), limits())?)?,
    };
    image.apply_orientation(header.orientation);
    let Size { width, height } = header.size.within(width);
    if width < image.width() {
        image = smaller(&image, width, height);
    }
    encoded(&image, header.kind, profile)
}

/// Averages where much is lost, which needs no memory of its own; else sharper.
fn smaller(image: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    let pixels = u64::from(image.width()) * u64::from(image.height());
    match image.width() / 2 >= width || pixels > GENTLE {
        true => image.thumbnail_exact(width, height),
        false => image.resize_exact(width, height, FilterType::CatmullRom),
    }
}

fn decoded(mut decoder: impl ImageDecoder) -> ImageResult<(DynamicImage, Option<Vec<u8>>)> {
    decoder.set_limits(limits())?;
    let profile = decoder.icc_profile().ok().flatten();
    Ok((DynamicImage::from_decoder(decoder)?, profile))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    limits
}

/// Eight bits for each colour, which is all that mail clients show, and the colour profile it had.
fn encoded(image: &DynamicImage, kind: Kind, profile: Option<Vec<u8>>) -> ImageResult<Vec<u8>> {
    let mut out = Vec::new();
    match kind {
        Kind::Jpeg => {
            let mut encoder = JpegEncoder::new_with_quality(&mut out, QUALITY);
            // A profile that cannot be written is a colour a little off.
            let _ = profile.map(|profile| encoder.set_icc_profile(profile));
            match image.color().has_color() {
                true => image.to_rgb8().write_with_encoder(encoder)?,
                false => image.to_luma8().write_with_encoder(encoder)?,
            }
        }
        Kind::Png | Kind::Gif => {
            let mut encoder =
                PngEncoder::new_with_quality(&mut out, CompressionType::Default, PngFilter::Adaptive);
            let _ = profile.map(|profile| encoder.set_icc_profile(profile));
            match (image.color().has_color(), image.color().has_alpha()) {
                (true, true) => image.to_rgba8().write_with_encoder(encoder)?,
                (true, false) => image.to_rgb8().write_with_encoder(encoder)?,
                (false, true) => image.to_luma_alpha8().write_with_encoder(encoder)?,
                (false, false) => image.to_luma8().write_with_encoder(encoder)?,
            }
        }
    }
    Ok(out)
}
