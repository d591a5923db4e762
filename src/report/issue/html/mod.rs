//! A report as one page of HTML that needs nothing else: no script, no font, no picture from anywhere, and a policy
//! of its own that forbids them.

mod chart;
mod drawings;

use aws_lc_rs::digest;

use super::sheet::{Cell, Sheet};
use super::{Report, share, sheets, text};
use crate::compose::escape;
use crate::report::words::{count, moment, percent};
use drawings::{Drawing, drawing};

const STYLE: &str = include_str!("style.css");

pub fn html(report: &Report) -> String {
    let title = escaped(&format!("{}: how it went", report.row.subject));
    let sections: String = sheets::all(report).iter().map(|sheet| section(report, sheet)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{}<main>\n{sections}</main>\n{}</body>\n</html>\n",
        policy(),
        head(report),
        foot(report),
    )
}

/// Nothing may be loaded or run; the one style sheet is named by its hash.
fn policy() -> String {
    let hash = digest::digest(&digest::SHA256, STYLE.as_bytes());
    let hash = data_encoding::BASE64.encode(hash.as_ref());
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape::html(text, &mut out);
    out
}

fn head(report: &Report) -> String {
    let about = text::head(report).into_iter().skip(1).map(|line| escaped(&line));
    let about = about.collect::<Vec<_>>().join("<br>\n");
    let todo = text::next(report).map_or_else(String::new, |text| {
        let lines: Vec<String> = text.lines().map(with_code).collect();
        format!("<p class=\"todo\">{}</p>\n", lines.join("<br>\n"))
    });
    format!(
        "<header>\n<h1>{}</h1>\n<p class=\"soft\">{} · {about}</p>\n{todo}{}</header>\n",
        escaped(&report.row.subject),
        escaped(&report.row.issue.0),
        figures(report)
    )
}

/// What stands between backticks is a command.
fn with_code(line: &str) -> String {
    let parts = line.split('`').enumerate();
    let part = |(place, part): (usize, &str)| match place % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    };
    parts.map(part).collect()
}

/// The steps that the letters took, as big numbers.
fn figures(report: &Report) -> String {
    let figure = |step: super::Step| {
        let share = match share(step.number, step.of) {
            Some(share) if step.name != "planned" => {
                format!("<dd>{} of {}</dd>", percent(share), step.of_name)
            }
            _ => String::new(),
        };
        let (name, number) = (step.name, count(step.number));
        format!("<div class=\"{name}\"><dt>{name}</dt><dd>{number}</dd>{share}</div>\n")
    };
    format!("<dl>\n{}</dl>\n", report.funnel.steps().map(figure).concat())
}

/// A chart with its numbers folded up below it; the numbers alone where there is no chart.
fn section(report: &Report, sheet: &Sheet) -> String {
    let note = sheet.note.as_ref().map(|note| format!("<p class=\"soft\">{}</p>\n", escaped(note)));
    let drawings = drawing(report, sheet);
    let numbers = match drawings.as_slice() {
        [] => table(sheet),
        _ => format!("<details>\n<summary>The numbers of this chart</summary>\n{}</details>\n", table(sheet)),
    };
    let figures: String = drawings.iter().map(figure).collect();
    let (id, title) = (sheet.id, escaped(sheet.title));
    format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n{}{figures}{numbers}</section>\n",
        note.unwrap_or_default()
    )
}

/// Drawn twice, for wide and for narrow screens, of which one is shown.
fn figure(drawing: &Drawing) -> String {
    let label = escaped(&drawing.words);
    let svg = |class: &str, width| drawing.svg(class, &label, width);
    let key = |name: &&str| format!("<li><i class=\"{}\"></i>{name}</li>", drawings::paint(name));
    let keys: String = drawing.key().iter().map(key).collect();
    let legend = match keys.is_empty() {
        true => String::new(),
        false => format!("<ul class=\"legend\">{keys}</ul>"),
    };
    format!("<figure>\n{}{}{legend}</figure>\n", svg("wide", chart::WIDE), svg("narrow", chart::NARROW))
}

fn table(sheet: &Sheet) -> String {
    let heads = sheet.columns.iter().enumerate().map(|(place, column)| {
        let class = class(sheet, place);
        format!("<th scope=\"col\"{class}>{}</th>", escaped(column.title))
    });
    let rows = sheet.rows.iter().map(|row| format!("<tr>{}</tr>\n", cells(sheet, row)));
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table: {}\"><table>\n<thead><tr>{}</tr></thead>\n\
         <tbody>\n{}</tbody></table></div>\n",
        escaped(sheet.title),
        heads.collect::<String>(),
        rows.collect::<String>()
    )
}

fn cells(sheet: &Sheet, row: &[Cell]) -> String {
    let cell = |(place, cell): (usize, &Cell)| {
        let (class, text) = (class(sheet, place), escaped(&cell.shown()));
        match place {
            0 => format!("<th scope=\"row\"{class}>{text}</th>"),
            _ => format!("<td{class}>{text}</td>"),
        }
    };
    row.iter().enumerate().map(cell).collect()
}

fn class(sheet: &Sheet, place: usize) -> &'static str {
    let is_number = sheet.rows.iter().any(|row| row[place].is_number());
    match (is_number, sheet.columns[place].key) {
        (true, _) => " class=\"number\"",
        (false, "said") => " class=\"words\"",
        (false, "code" | "example" | "sent_on") => " class=\"short\"",
        (false, _) => "",
    }
}

fn foot(report: &Report) -> String {
    format!(
        "<footer><p>Counted {} by Courant {}. Addresses are masked.</p></footer>\n",
        escaped(&moment(report.now, &report.zone)),
        env!("CARGO_PKG_VERSION")
    )
}
