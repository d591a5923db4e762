//! Image files, from the folder of the issue to what a reader sees.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::symlink;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::harness::browser::{Mode, cut_off, screenshot};
use crate::harness::program::Program;
use crate::harness::reference::html_faults;
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;
use crate::harness::tools::installed;

/// One colour, with a stripe of white through the middle.
fn flag(width: u32, height: u32, color: [u8; 3], format: ImageFormat) -> Vec<u8> {
    let stripe = height * 2 / 5..height * 3 / 5;
    let draw = |_, y| if stripe.contains(&y) { Rgb([255; 3]) } else { Rgb(color) };
    let image = DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, draw));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("the image can be written");
    bytes.into_inner()
}

const RED: [u8; 3] = [200, 30, 40];
const BLUE: [u8; 3] = [20, 60, 200];

fn red(width: u32, height: u32) -> Vec<u8> {
    flag(width, height, RED, ImageFormat::Png)
}

/// Two frames of two pixels, and a comment that no program would write again.
const MOVING: &[u8] = b"GIF89a\x02\x00\x01\x00\x80\x00\x00\xff\x00\x00\x00\x00\xff!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00!\xfe\x05ahoy!\x00!\xf9\x04\x04\x0a\x00\x00\x00,\x00\x00\x00\x00\x02\x00\x01\x00\x00\x02\x02\x04\n\x00!\xf9\x04\x04\x0a\x00\x00\x00,\x00\x00\x00\x00\x02\x00\x01\x00\x00\x02\x02\x0c\n\x00;";

/// A weekly whose first issue says this.
fn weekly(markdown: &str) -> Scratch {
    let front = "---\ntitle: Boats\npreheader: Boats, as they were seen from the pier this week\n---\n\n";
    Scratch::weekly().issue("001-hello", &format!("{front}{markdown}\n"))
}

fn harbour() -> Scratch {
    weekly(
        "Dear {{ name | default(\"reader\") }}, look:\n\n![a red flag](red.png \"At dusk\")\n\nAnd \
         ![again](./red.png) here, ![ahoy](<two signs.gif>) there.\n\n![a blue flag](../pictures/blue@2x.jpg)",
    )
    .file("issues/red.png", red(900, 600))
    .file("issues/two signs.gif", MOVING)
    .file("pictures/blue@2x.jpg", flag(400, 200, BLUE, ImageFormat::Jpeg))
}

/// Reads a letter as strictly as Python's email package can, follows every `cid:` of the HTML, and prints what
/// it finds.
const READ: &str = "
import email, email.policy, hashlib, re, sys
policy = email.policy.SMTP.clone(raise_on_defect=True)
letter = email.message_from_bytes(open(sys.argv[1], 'rb').read(), policy=policy)
print(' '.join(part.get_content_type() for part in letter.walk()))
html = letter.get_body(('html',)).get_content()
print(letter.get_body(('plain',)).get_content())
parts = {part['Content-ID']: part for part in letter.walk() if part['Content-ID']}
named = re.findall(r'src=\"cid:([^\"]+)\"', html)
print('NAMED', len(named), 'PARTS', len(parts), 'MISSING', len(set(f'<{n}>' for n in named) ^ set(parts)))
for part in parts.values():
    assert not part.defects and part['Content-Transfer-Encoding'] == 'base64', part.defects
    digest = hashlib.sha256(part.get_content()).hexdigest()
    print('PART', part.get_content_type(), part.get_content_disposition(), part.get_filename(), digest)
";

fn read(scratch: &Scratch, letter: &str) -> String {
    scratch.write("letter.eml", letter);
    let python = installed("python/bin/python");
    let run = Program::new(&python, &scratch.path("")).args(["-c", READ, "letter.eml"]).run();
    assert_eq!(run.code, Some(0), "{run}");
    run.stdout
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_strict_reader_finds_every_image_of_a_letter_once() {
    let scratch = harbour();
    let letter = scratch.run("render 1 --format eml --as ada@example.org").ok().stdout;
    let told = read(&scratch, &letter);
    let types = "multipart/related multipart/alternative text/plain text/html image/jpeg image/png image/gif";
    assert_eq!(told.lines().next(), Some(types), "{told}");
    assert!(told.contains("NAMED 4 PARTS 3 MISSING 0"), "{told}");
    for (kind, name, path) in [
        ("png", "red.png", "issues/red.png"),
        ("gif", "two signs.gif", "issues/two signs.gif"),
        ("jpeg", "blue@2x.jpg", "pictures/blue@2x.jpg"),
    ] {
        let digest = sha256(&fs::read(scratch.path(path)).expect("the test wrote it"));
        assert!(told.contains(&format!("PART image/{kind} inline {name} {digest}")), "{told}");
    }
    assert!(told.contains("[image: a red flag — At dusk]"), "{told}");
    assert!(!told.contains("red.png]"), "{told}");
}

#[test]
fn an_image_beside_an_attachment_has_a_layer_of_its_own() {
    let scratch = Scratch::weekly()
        .issue("001-hello", "---\ntitle: A\nattachments: [map.txt]\n---\n\n![a red flag](red.png)\n")
        .file("issues/red.png", red(9, 9))
        .file("issues/map.txt", "here");
    let told = read(&scratch, &scratch.run("render 1 --format eml --as ada@example.org").ok().stdout);
    let types =
        "multipart/mixed multipart/related multipart/alternative text/plain text/html image/png text/plain";
    assert_eq!(told.lines().next(), Some(types), "{told}");
}

#[test]
fn a_browser_shows_the_images_at_their_size() {
    let scratch = harbour();
    let html = scratch.run("render 1").ok().stdout;
    assert_eq!(html_faults(&html, &scratch.path("")), Vec::<String>::new());
    assert!(html.contains("src=\"data:image/png;base64,") && !html.contains("cid:"), "{html}");
    assert_eq!(cut_off(&html, 375, &scratch.path("")), Vec::<String>::new());
    for (width, red_width, blue_width) in [(700, 536, 200), (375, 335, 200)] {
        let drawn = screenshot(&html, width, 1100, Mode::Light, &scratch.path(""));
        let drawn = image::open(drawn).expect("Chromium drew a PNG").to_rgb8();
        assert_eq!(widest(&drawn, RED), red_width, "of {width}");
        assert_eq!(widest(&drawn, BLUE), blue_width, "of {width}");
    }
}

/// The pixels of nearly this colour in the row that has most of them.
fn widest(drawn: &RgbImage, color: [u8; 3]) -> usize {
    let is_near = |pixel: &Rgb<u8>| pixel.0.iter().zip(color).all(|(one, other)| one.abs_diff(other) < 12);
    drawn.rows().map(|row| row.filter(|pixel| is_near(pixel)).count()).max().unwrap_or(0)
}

#[test]
fn what_was_frozen_goes_on_without_the_files() {
    let sink = SmtpSink::start(&[]);
    let scratch =
        harbour().file(".env", format!("SMTP_URL={}\n", sink.url())).settings("[send]\nwait = \"0 s\"");
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    scratch.write("issues/red.png", red(300, 200));
    let drift = scratch.run("send 1 --yes --offline").expect_code(1);
    drift.says("an attachment or an image changed since 001-hello was frozen");
    fs::remove_file(scratch.path("issues/red.png")).expect("the test wrote it");
    scratch.run("send 1 --yes --offline").expect_code(1).says("an attachment or an image changed");
    scratch.run("send 1 --yes --offline --frozen").ok().prints("3 of 3 have it");
    let letters = sink.messages();
    assert_eq!(letters.len(), 3);
    for letter in letters {
        let told = read(&scratch, &String::from_utf8(letter.raw).expect("a letter is ASCII"));
        assert!(told.contains(&format!("red.png {}", sha256(&red(900, 600)))), "{told}");
    }
}

#[test]
fn a_wide_image_is_made_smaller_on_its_way_and_the_file_stays() {
    let scratch = weekly("![a red flag](red.png)").file("issues/red.png", red(3000, 2000));
    let told = read(&scratch, &scratch.run("render 1 --format eml --as ada@example.org").ok().stdout);
    assert!(!told.contains(&sha256(&red(3000, 2000))), "{told}");
    assert_eq!(fs::read(scratch.path("issues/red.png")).expect("it is there"), red(3000, 2000));
    let html = scratch.run("render 1").ok();
    html.prints("width=\"536\"").prints("height=\"357\"");
    let data = html.stdout.split("base64,").nth(1).and_then(|rest| rest.split('"').next());
    let bytes = data_encoding::BASE64.decode(data.expect("it is in the page").as_bytes());
    let size = imagesize::blob_size(&bytes.expect("it is base64")).expect("it is a PNG");
    assert_eq!((size.width, size.height), (1600, 1067));
    let refusing = scratch.settings("[images]\nresize = false");
    refusing.run("check 1 --offline").expect_code(2).prints("[image-size]").prints("`max_width = 1600`");
}

#[test]
fn every_fault_is_found_where_it_is_named() {
    let scratch = weekly(
        "![one](none.png)\n\n![two](words.png) ![three](empty.png)\n\n![four](drawing.svg)\n\n![five](.)\n\n\
         ![six](../../etc/boat.png)\n\n![seven](link.png)\n\n![eight](bomb.png)\n\n<img src=\"none.jpg\" alt=\"nine\">",
    )
    .file("issues/words.png", "just words")
    .file("issues/empty.png", "")
    .file("issues/drawing.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    let mut bomb = red(9, 9);
    bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    scratch.write("issues/bomb.png", bomb);
    symlink("/etc/hostname", scratch.path("issues/link.png")).expect("a link can be made");
    let run = scratch.run("check 1 --offline").expect_code(2);
    for (place, message) in [
        ("6:1", "there is no image `none.png`"),
        ("8:1", "`words.png` is no image"),
        ("8:19", "the image `empty.png` is empty"),
        ("10:1", "the image `drawing.svg` is SVG"),
        ("12:1", "the image `.` is a folder"),
        ("14:1", "`../../etc/boat.png`"),
        ("16:1", "the image `link.png` lies outside of the workspace"),
        ("18:1", "the image `bomb.png` has 65536 × 65536 pixels"),
        ("20:1", "there is no image `none.jpg`"),
    ] {
        run.prints(&format!("issues/001-hello.md:{place}")).prints(message);
    }
    assert_eq!(run.stdout.matches("[image-").count(), 9, "{run}");
    scratch.run("send 1 --yes --offline").expect_code(2);
    assert_eq!(scratch.files("outbox/new"), Vec::<String>::new());
}

#[test]
fn an_image_wants_words_that_are_not_its_name() {
    let scratch = weekly("![](red.png)\n\n![red.png](red.png)").file("issues/red.png", red(9, 9));
    let run = scratch.run("check 1 --offline").ok();
    run.prints("[img-alt]").prints("issues/001-hello.md:6:1").prints("no text in its place");
    run.prints("issues/001-hello.md:8:1").prints("is its file name");
}

#[test]
fn linked_images_are_read_from_the_web() {
    let scratch = harbour().settings("[images]\nembed = \"link\"");
    let html = scratch.run("render 1").ok();
    html.prints("src=\"https://weekly.example/issues/red.png\"");
    html.prints("src=\"https://weekly.example/issues/two%20signs.gif\"");
    html.prints("src=\"https://weekly.example/pictures/blue@2x.jpg\"").prints("width=\"200\"");
    let text = scratch.run("render 1 --format text").ok();
    text.prints("[1] https://weekly.example/issues/red.png");
    let told = read(&scratch, &scratch.run("render 1 --format eml --as ada@example.org").ok().stdout);
    assert_eq!(told.lines().next(), Some("multipart/alternative text/plain text/html"), "{told}");
}

#[test]
fn linked_images_want_an_address_to_start_from() {
    let settings = "name = \"The Weekly\"\n\n[images]\nembed = \"link\"\n";
    let scratch = Scratch::weekly().file("courant.toml", settings);
    let run = scratch.run("render 1").expect_code(1);
    run.says("linked images need a `base_url`").says("courant.toml:4:9");
}

#[test]
fn a_logo_may_be_a_file_of_the_workspace() {
    let scratch = weekly("Text.")
        .file("pictures/logo.png", red(240, 80))
        .settings("[theme]\nlogo = \"pictures/logo.png\"");
    let html = scratch.run("render 1").ok();
    html.prints("src=\"data:image/png;base64,").prints("alt=\"The Weekly\"");
    scratch.run("check 1 --offline").ok();
    fs::remove_file(scratch.path("pictures/logo.png")).expect("the test wrote it");
    scratch.run("check 1 --offline").expect_code(2).prints("there is no image `/pictures/logo.png`");
}

#[test]
fn a_lone_file_shows_what_lies_beside_it() {
    let scratch = Scratch::empty().file("notes/a.md", "# Hi\n\n![a red flag](red.png)\n");
    scratch.write("notes/red.png", red(9, 9));
    scratch.run("render notes/a.md").ok().prints("data:image/png;base64,");
}
