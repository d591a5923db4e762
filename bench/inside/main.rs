//! What rendering an issue and pressing a letter cost within the process.
//!
//! `cargo bench --bench inside -- ISSUE.md TEMPLATE.mjml ROUNDS` prints one line of JSON: medians in
//! microseconds. `copy_us` is what it costs to copy the bytes of the letter, which no encoder can go below. With
//! `signing` as a fourth argument it is about signatures instead.

mod signing;

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use courant::compose::edition::{self, Sender};
use courant::compose::front_matter::parse_issue;
use courant::compose::html::finish;
use courant::compose::merge::Marks;
use courant::compose::press::{Press, Stamper};
use courant::compose::template::zeros_as_pixels;
use courant::compose::{Look, Medium, SiteWords, render};
use courant::model::address::{Address, Mailbox};
use courant::model::image::Images;
use courant::model::issue::Issue;
use courant::model::letter::{Edition, Unsubscribe};
use courant::model::source::Source;
use courant::model::subscriber::{Fields, Subscriber};
use courant::model::template::Template;
use courant::model::theme::Theme;
use courant::settings::MarkdownSettings;
use courant::token::{Purpose, Secret};
use courant::workspace::Workspace;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let [issue, template, rounds, signing @ ..] = &args[..] else {
        return Err("inside ISSUE.md TEMPLATE.mjml ROUNDS [signing]".into());
    };
    let rounds: usize = rounds.parse()?;
    let issue = parse_issue(read(issue)?)?;
    let template = Template { main: read(template)?, ..Workspace::new("bench").template("letter")? };
    let theme = Theme::default();
    let images = Images::default();
    let look = look(&template, &theme, &images);
    if let [_signing] = signing {
        println!("{}", signing::measure(&bind(&issue, &look)?, rounds)?);
        return Ok(());
    }
    let render_us = median(rounds, || drop(black_box(render(&issue, &look))));
    let mjml = render(&issue, &look)?.mjml;
    let mjml_us = median(rounds, || drop(black_box(finish(&zeros_as_pixels(&mjml), &Marks::default()))));
    let edition = bind(&issue, &look)?;
    let (press_us, copy_us, bytes) = press(&edition, rounds)?;
    println!(
        r#"{{"render_us": {render_us:.2}, "mjml_us": {mjml_us:.2}, "press_us": {press_us:.3}, "copy_us": {copy_us:.3}, "bytes": {bytes}}}"#
    );
    Ok(())
}

fn read(path: &str) -> Result<Source, Failure> {
    Ok(Source::new(path, std::fs::read_to_string(path)?))
}

fn look<'a>(template: &'a Template, theme: &'a Theme, images: &'a Images) -> Look<'a> {
    Look {
        template,
        theme,
        site: SiteWords {
            name: "The Bench",
            base_url: Some("https://bench.example"),
            postal_address: Some("1 Bench"),
            preferences_url: None,
        },
        list_title: "the bench",
        footer: None,
        lang: "en",
        medium: Medium::Mail { web: None },
        markdown: MarkdownSettings::default(),
        images,
    }
}

fn bind(issue: &Issue, look: &Look<'_>) -> Result<Edition, Failure> {
    let sender = Sender {
        from: Mailbox::parse("The Bench <bench@example.org>")?,
        reply_to: None,
        list_id: "bench.example".to_owned(),
        archive: None,
        tracking: None,
        unsubscribe: Unsubscribe {
            base_url: Some("https://bench.example".to_owned()),
            mailto: Address::parse("bench@example.org")?,
            lists: Vec::new(),
            lang: None,
        },
        attachments: Vec::new(),
    };
    Ok(edition::bind(issue, render(issue, look)?, sender))
}

/// The cost of one letter with its stamp, and of copying as many bytes; letters differ from round to round.
fn press(edition: &Edition, rounds: usize) -> Result<(f64, f64, usize), Failure> {
    let stamper = stamper(edition)?;
    let press = Press::new(edition)?;
    let people = people(1000)?;
    let date = jiff::Timestamp::UNIX_EPOCH;
    let mut letter = Vec::new();
    let mut one = |to: &Subscriber| {
        letter.clear();
        let stamp = stamper.stamp(&to.address.key(), 0, date);
        press.press(to, &stamp, &mut letter).map(|()| black_box(&letter).len())
    };
    let bytes = one(&people[0])?;
    // A letter takes about as long as reading the clock, so a round is a thousand of them.
    let pressed = median(rounds, || people.iter().for_each(|to| drop(black_box(one(to)))));
    let copied = median(rounds, || copy(bytes, people.len()));
    Ok((pressed / people.len() as f64, copied / people.len() as f64, bytes))
}

fn stamper(edition: &Edition) -> Result<Stamper, Failure> {
    Ok(Stamper::new(Secret::random()?, edition, edition::hash(edition), Purpose::Unsubscribe))
}

fn copy(bytes: usize, times: usize) {
    let source = vec![b'x'; bytes];
    let mut target = Vec::with_capacity(bytes);
    for _ in 0..times {
        target.clear();
        target.extend_from_slice(black_box(&source));
        black_box(&target);
    }
}

fn people(number: usize) -> Result<Vec<Subscriber>, Failure> {
    let person = |number: usize| -> Result<Subscriber, Failure> {
        let address = Address::parse(&format!("user{number}@example{}.org", number % 997))?;
        Ok(Subscriber { address, name: Some(format!("Zoë Example {number}")), fields: Fields::new() })
    };
    (0..number).map(person).collect()
}

/// In microseconds, after as many rounds to warm up.
fn median(rounds: usize, mut work: impl FnMut()) -> f64 {
    let mut timed = || {
        let began = Instant::now();
        work();
        began.elapsed().as_secs_f64() * 1e6
    };
    for _ in 0..rounds {
        timed();
    }
    let mut times: Vec<f64> = (0..rounds).map(|_| timed()).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
