//! A letter that a provider refuses for its weight.

use crate::check::sizes::{Sizes, Weight};
use crate::check::{About, Draft, Rule};
use crate::model::finding::{Finding, Severity};

pub struct SizeLetter;

const ABOUT: About = About {
    id: "size-letter",
    what: "the whole letter has more than 10 MB (more than 25 MB: an error)",
    why: "Many mail servers refuse mail of more than 10 MB, and Gmail takes none of more than 25 MB.",
    source: "limits of the providers (Postmark 10 MB, Mailgun and Gmail 25 MB); RFC 1870",
    fix: "link to large files instead of attaching them, and let images be made smaller: `[images]`",
};

const WARN: usize = 10_000_000;
const MOST: usize = 25_000_000;

impl Rule for SizeLetter {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.facts.largest.is_none().then(|| "no letter could be pressed".to_owned())
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Some(sizes) = draft.facts.largest.map(|largest| &largest.sizes) else { return };
        let severity = match sizes.letter {
            bytes if bytes <= WARN => return,
            ..=MOST => Severity::Warning,
            _ => Severity::Error,
        };
        let message = format!("the letter has {} as it travels", megabytes(sizes.letter));
        let help = format!("{}; {}", ABOUT.fix, heaviest(sizes));
        found.push(Finding::new(self.id(), severity, message).help(help));
    }
}

fn heaviest(sizes: &Sizes) -> String {
    let mut files: Vec<&Weight> = sizes.images.iter().chain(&sizes.attachments).collect();
    files.sort_by_key(|file| std::cmp::Reverse(file.bytes));
    let named = files.iter().take(3).map(|file| format!("`{}` {}", file.name, megabytes(file.bytes)));
    format!("the heaviest files: {}", named.collect::<Vec<_>>().join(", "))
}

fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
