use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, GrayImage, ImageEncoder, ImageFormat, Luma, RgbImage};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::model::image::Fault;

/// A workspace with `issues/`, whose images are looked up.
struct Scene {
    folder: TempDir,
    settings: Settings,
}

impl Scene {
    fn new() -> Scene {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        fs::create_dir(folder.path().join("issues")).expect("there is room for a folder");
        let settings = Settings { root: Some(folder.path().to_path_buf()), ..Settings::default() };
        Scene { folder, settings }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn file(self, below: &str, bytes: impl AsRef<[u8]>) -> Scene {
        fs::write(self.path(below), bytes).expect("there is room for a file");
        self
    }

    fn with(mut self, change: impl FnOnce(&mut ImageSettings)) -> Scene {
        change(&mut self.settings.images);
        self
    }

    fn image(&self, path: &str) -> Result<Image, Fault> {
        Shelf::new(&self.settings, self.path("issues")).image(path)
    }

    fn fault(&self, path: &str) -> String {
        let fault = self.image(path).expect_err("it cannot be shown");
        assert!(!fault.help.is_empty(), "{fault:?}");
        format!("{} {}", fault.rule, fault.message)
    }
}

/// Noise that no encoder makes small, the same each time.
fn picture(width: u32, height: u32) -> DynamicImage {
    let mut state = 1_u32;
    let mut image = RgbImage::new(width, height);
    for byte in image.iter_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = state.to_be_bytes()[0];
    }
    DynamicImage::ImageRgb8(image)
}

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("the image can be written");
    bytes.into_inner()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    written(&picture(width, height), ImageFormat::Png)
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    written(&picture(width, height), ImageFormat::Jpeg)
}

/// A GIF of one pixel that says it has so many.
fn gif(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend(b"\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00");
    bytes.extend(b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;");
    bytes
}

/// A JPEG whose EXIF data says how the camera was held.
fn held(orientation: u8, width: u32, height: u32) -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.set_exif_metadata(exif).expect("a JPEG can hold EXIF");
    picture(width, height).to_rgb8().write_with_encoder(encoder).expect("the image can be written");
    bytes
}

fn bytes(image: &Image) -> &[u8] {
    &image.part.as_ref().expect("it travels in the letter").bytes
}

fn size_of(bytes: &[u8]) -> (usize, usize) {
    let size = imagesize::blob_size(bytes).expect("it is an image");
    (size.width, size.height)
}

#[test]
fn a_small_image_is_sent_as_it_is_and_named_by_its_content() {
    let scene = Scene::new().file("issues/boat.png", png(30, 20)).file("issues/copy.png", png(30, 20));
    let image = scene.image("boat.png").expect("it can be shown");
    assert_eq!(bytes(&image), png(30, 20));
    assert_eq!(image.size, Size { width: 30, height: 20 });
    let part = image.part.as_ref().expect("it travels in the letter");
    assert_eq!((part.file_name.as_str(), part.content_type.as_str()), ("boat.png", "image/png"));
    assert_eq!(part.disposition, Disposition::Inline);
    assert_eq!(image.src, format!("cid:{}", part.content_id.as_ref().expect("it has one")));
    assert_eq!(scene.image("copy.png").expect("it can be shown").src, image.src);
}

#[test]
fn paths_start_at_the_issue_or_at_the_workspace() {
    let scene = Scene::new().file("logo.png", png(3, 2)).file("issues/a b.png", png(4, 2));
    assert_eq!(scene.image("/logo.png"), scene.image("../logo.png"));
    assert_eq!(scene.image("a b.png").expect("it can be shown").size.width, 4);
}

#[test]
fn twice_the_pixels_are_shown_at_half_the_size() {
    let scene = Scene::new().file("issues/boat@2x.png", png(31, 20));
    assert_eq!(scene.image("boat@2x.png").expect("it can be shown").size, Size { width: 16, height: 10 });
}

#[test]
fn what_is_too_wide_is_made_smaller_and_stays_what_it_is() {
    let scene = Scene::new()
        .file("issues/a.png", png(90, 60))
        .file("issues/b.jpg", jpeg(90, 60))
        .with(|images| images.max_width = 45);
    for (path, kind) in [("a.png", "image/png"), ("b.jpg", "image/jpeg")] {
        let image = scene.image(path).expect("it can be shown");
        assert_eq!(size_of(bytes(&image)), (45, 30), "{path}");
        assert_eq!(image.part.as_ref().map(|part| part.content_type.as_str()), Some(kind));
        assert_eq!(image.size, Size { width: 90, height: 60 });
    }
}

#[test]
fn an_image_that_would_only_grow_is_left_alone() {
    let stripes = GrayImage::from_fn(90, 60, |x, _| Luma([if x % 2 == 0 { 0 } else { 255 }]));
    let mut plain = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut plain, CompressionType::Best, FilterType::Up);
    stripes.write_with_encoder(encoder).expect("the image can be written");
    let scene = Scene::new().file("issues/a.png", &plain).with(|images| images.max_width = 89);
    assert_eq!(bytes(&scene.image("a.png").expect("it can be shown")), plain);
}

#[test]
fn without_resizing_what_is_too_wide_is_refused() {
    let scene = Scene::new().file("issues/a.png", png(90, 60)).with(|images| {
        images.max_width = 45;
        images.resize = false;
    });
    assert_eq!(
        scene.fault("a.png"),
        "image-size the image `a.png` has 90 × 60 pixels, which is wider than `max_width = 45`"
    );
}

#[test]
fn a_gif_and_a_png_that_moves_keep_every_byte() {
    let mut moving = png(90, 60);
    let place = memchr::memmem::find(&moving, b"IDAT").expect("a PNG has pixels") - 4;
    let chunk = b"\0\0\0\x08acTL\0\0\0\x01\0\0\0\0\0\0\0\0";
    moving.splice(place..place, chunk.iter().copied());
    let scene = Scene::new()
        .file("issues/a.gif", gif(90, 60))
        .file("issues/b.png", &moving)
        .with(|images| images.max_width = 45);
    assert_eq!(bytes(&scene.image("a.gif").expect("it can be shown")), gif(90, 60));
    assert_eq!(bytes(&scene.image("b.png").expect("it can be shown")), moving);
}

#[test]
fn a_photograph_that_lies_on_its_side_is_set_upright() {
    let scene = Scene::new().file("issues/a.jpg", held(6, 40, 20)).file("issues/b.jpg", held(1, 40, 20));
    let image = scene.image("a.jpg").expect("it can be shown");
    assert_eq!((size_of(bytes(&image)), image.size), ((20, 40), Size { width: 20, height: 40 }));
    assert_eq!(bytes(&scene.image("b.jpg").expect("it can be shown")), held(1, 40, 20));
}

#[test]
fn the_content_says_what_a_file_is_and_the_name_follows() {
    let scene = Scene::new().file("issues/a.png", jpeg(4, 4));
    let part = scene.image("a.png").expect("it can be shown").part.expect("it travels in the letter");
    assert_eq!((part.file_name.as_str(), part.content_type.as_str()), ("a.png.jpg", "image/jpeg"));
}

#[test]
fn what_no_client_shows_is_named() {
    let scene = Scene::new()
        .file("issues/a.webp", b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\0\0\0\0\0\0\0\0")
        .file("issues/b.avif", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf")
        .file("issues/c.svg", "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>")
        .file("issues/d.png", "plain words")
        .file("issues/e.png", "");
    let shown = ", which many mail clients do not show";
    assert_eq!(scene.fault("a.webp"), format!("image-type the image `a.webp` is WebP{shown}"));
    assert_eq!(scene.fault("b.avif"), format!("image-type the image `b.avif` is AVIF or HEIC{shown}"));
    assert_eq!(scene.fault("c.svg"), format!("image-type the image `c.svg` is SVG{shown}"));
    assert_eq!(scene.fault("d.png"), "image-type `d.png` is no image");
    assert_eq!(scene.fault("e.png"), "image-type the image `e.png` is empty");
}

#[test]
fn an_image_without_pixels_is_broken() {
    let scene = Scene::new().file("issues/a.gif", gif(0, 9)).file("issues/b.png", &png(9, 9)[..18]);
    assert_eq!(scene.fault("a.gif"), "image-type the image `a.gif` is broken: it has no width and height");
    assert_eq!(scene.fault("b.png"), "image-type the image `b.png` is broken: it has no width and height");
}

#[test]
fn limits_are_kept_before_anything_is_decoded() {
    let mut bomb = png(9, 9);
    bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let scene = Scene::new()
        .file("issues/bomb.png", bomb)
        .file("issues/heavy.png", png(60, 60))
        .with(|images| images.max_bytes = 10_000);
    assert_eq!(
        scene.fault("bomb.png"),
        "image-size the image `bomb.png` has 65535 × 65535 pixels, which is more than any letter can show"
    );
    let size = png(60, 60).len();
    assert_eq!(
        scene.fault("heavy.png"),
        format!("image-size the image `heavy.png` has {size} bytes, more than `max_bytes = 10000`")
    );
}

#[test]
fn a_broken_image_that_has_to_be_drawn_anew_says_so() {
    let whole = png(90, 60);
    let scene =
        Scene::new().file("issues/a.png", &whole[..whole.len() / 2]).with(|images| images.max_width = 45);
    assert!(scene.fault("a.png").starts_with("image-type the image `a.png` is broken: "));
}

#[test]
fn files_that_are_none_and_files_elsewhere_are_refused() {
    let scene = Scene::new();
    let outside = tempfile::tempdir().expect("there is room for a folder");
    fs::write(outside.path().join("secret.png"), png(2, 2)).expect("there is room for a file");
    std::os::unix::fs::symlink(outside.path().join("secret.png"), scene.path("issues/link.png"))
        .expect("a link can be made");
    let up = format!(
        "{}secret.png",
        "../".repeat(2) + &outside.path().file_name().unwrap().to_string_lossy() + "/"
    );
    assert_eq!(scene.fault("none.png"), "image-local there is no image `none.png`");
    assert_eq!(scene.fault("../issues"), "image-local the image `../issues` is a folder");
    assert_eq!(scene.fault(&up), format!("image-local the image `{up}` lies outside of the workspace"));
    assert_eq!(scene.fault("link.png"), "image-local the image `link.png` lies outside of the workspace");
    assert!(scene.fault("a\0b.png").starts_with("image-local the image `a\0b.png` cannot be read"));
}

#[test]
fn a_device_or_a_pipe_is_no_file_and_nobody_waits_for_it() {
    let scene = Scene::new();
    let made = std::process::Command::new("mkfifo").arg(scene.path("issues/pipe.png")).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo is part of every Unix");
    assert_eq!(scene.fault("pipe.png"), "image-local the image `pipe.png` is no file");
}

#[test]
fn a_lone_issue_shows_what_lies_beside_it_and_nothing_else() {
    let mut scene = Scene::new().file("issues/a.png", png(2, 2)).file("b.png", png(2, 2));
    scene.settings.root = None;
    assert!(scene.image("a.png").is_ok());
    assert_eq!(scene.fault("../b.png"), "image-local the image `../b.png` lies outside of the workspace");
    let absolute = scene.path("b.png").display().to_string();
    assert!(scene.fault(&absolute).contains("lies outside of the workspace"));
}

#[test]
fn a_linked_image_is_where_the_workspace_is_on_the_web_and_is_never_changed() {
    let mut scene = Scene::new()
        .file("issues/two boats.png", png(90, 60))
        .file("issues/wide.png", png(190, 6))
        .with(|images| {
            images.embed = Embed::Link;
            images.max_width = 120;
        });
    scene.settings.site.base_url = Some("https://news.example.org".to_owned());
    let image = scene.image("two boats.png").expect("it can be shown");
    assert_eq!(image.src, "https://news.example.org/issues/two%20boats.png");
    assert_eq!((image.part, image.size), (None, Size { width: 90, height: 60 }));
    assert!(scene.fault("wide.png").contains("wider than `max_width = 120`"));
    scene.settings.root = None;
    assert!(scene.fault("two boats.png").contains("is not in the workspace"));
}

#[test]
fn a_letter_carries_only_so_much_and_nothing_twice() {
    let mut scene = Scene::new().with(|images| images.max_bytes = 25_000_000);
    for (name, last) in [("a", 1), ("b", 2), ("c", 3)] {
        let mut heavy = gif(9, 9);
        heavy.resize(8_000_000, last);
        scene = scene.file(&format!("issues/{name}.gif"), heavy);
    }
    let shelf = Shelf::new(&scene.settings, scene.path("issues"));
    let images = shelf.load(["a.gif", "b.gif", "./a.gif", "./b.gif", "c.gif"].map(str::to_owned));
    assert_eq!(images.all().count(), 4);
    assert!(images.faults().all(|fault| fault.message.contains("with the image `c.gif`")));
}

proptest! {
    /// Whatever a file holds, it is shown or it is a fault, and nothing breaks.
    #[test]
    fn no_file_can_break_it(cut in 0_usize..2000, at in 0_usize..2000, byte: u8, which in 0_usize..3) {
        let mut file = vec![png(20, 20), held(6, 20, 20), gif(20, 20)].swap_remove(which);
        let at = at % file.len();
        file[at] = byte;
        file.truncate(cut.max(1));
        let scene = Scene::new().file("issues/a.png", file).with(|images| images.max_width = 16);
        let _ = scene.image("a.png");
    }
}

#[test]
fn names_and_addresses_hold_what_they_may() {
    assert_eq!(encoded(Path::new("a b/ü?.png")), "a%20b/%C3%BC%3F.png");
    assert_eq!(file_name(Path::new("/x/A.JPEG"), Kind::Jpeg), "A.JPEG");
    assert_eq!(file_name(Path::new("/x/a"), Kind::Gif), "a.gif");
}
