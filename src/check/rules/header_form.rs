//! Fields of the header that break the form of mail.

use crate::check::headers::{Field, fields, values};
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct HeaderForm;

const ABOUT: About = About {
    id: "header-form",
    what: "the header of a letter lacks a field, has one twice, or has a line that is too long or not ASCII",
    why: "Gmail and others refuse such mail, and servers on the way break lines that are too long.",
    source: "RFC 5322 2.1.1 and 3.6; RFC 8058 3.1; RFC 6532",
    fix: "shorten the names and addresses in courant.toml; write addresses in ASCII",
};

/// Octets of a line, without its end.
const LONGEST: usize = 998;
const ONCE: [&str; 6] = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version"];
const AT_MOST_ONCE: [&str; 5] =
    ["Reply-To", "Sender", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"];

impl Rule for HeaderForm {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.facts.largest.is_none().then(|| "no letter could be pressed".to_owned())
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Some(pressed) = draft.facts.largest else { return };
        let fields = fields(&pressed.letter);
        let mut faults = counted(&fields);
        faults.extend(fields.iter().filter(|field| field.longest > LONGEST).map(|field| {
            format!("a line of `{}` has {} octets; {LONGEST} are allowed", field.name, field.longest)
        }));
        faults.extend(dates(&fields));
        faults.extend(one_click(&fields));
        found.extend(faults.into_iter().map(|fault| Finding::error(self.id(), fault).help(ABOUT.fix)));
        found.extend(fields.iter().filter(|field| !field.value.is_ascii()).map(|field| {
            let message =
                format!("`{}` is not ASCII: only servers with SMTPUTF8 take the letter", field.name);
            Finding::warning(self.id(), message).help(ABOUT.fix)
        }));
    }
}

fn counted(fields: &[Field]) -> Vec<String> {
    let count = |name: &str| values(fields, name).count();
    let missing = ONCE.iter().filter(|name| count(name) == 0).map(|name| format!("there is no `{name}`"));
    let all = ONCE.iter().chain(&AT_MOST_ONCE);
    let twice = all.filter(|name| count(name) > 1).map(|name| format!("`{name}` stands there twice"));
    missing.chain(twice).collect()
}

fn dates(fields: &[Field]) -> Option<String> {
    let date = values(fields, "Date").next()?;
    let is_read = jiff::fmt::rfc2822::parse(date).is_ok();
    (!is_read).then(|| format!("`Date` holds no date: {date}"))
}

/// An address of the web to unsubscribe at is taken for one click only with its other half.
fn one_click(fields: &[Field]) -> Option<String> {
    let has_page = values(fields, "List-Unsubscribe").any(|value| value.contains("<https://"));
    let post = values(fields, "List-Unsubscribe-Post").next();
    match (has_page, post) {
        (true, None) => {
            Some("`List-Unsubscribe` names a page, and there is no `List-Unsubscribe-Post`".to_owned())
        }
        (_, Some(post)) if post != "List-Unsubscribe=One-Click" => {
            Some(format!("`List-Unsubscribe-Post` says `{post}`"))
        }
        _ => None,
    }
}
