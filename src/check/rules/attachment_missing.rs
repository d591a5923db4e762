//! An attachment that was promised.

use std::sync::LazyLock;

use crate::check::words::Phrases;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::model::source::Span;

pub struct AttachmentMissing;

const ABOUT: About = About {
    id: "attachment-missing",
    what: "the text speaks of an attachment, and nothing is attached",
    why: "It is the mistake everybody has made once, and the second letter that mends it is one too many.",
    source: "practice of mail programs",
    fix: "name the file in the front matter: `attachments: [report.pdf]`",
};

/// What is said of a file that comes with the letter, and seldom of anything else. In lower case.
static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new([
        "see attached",
        "find attached",
        "see the attached",
        "find the attached",
        "see attachment",
        "see the attachment",
        "see attachments",
        "in the attachment",
        "open the attachment",
        "i have attached",
        "i've attached",
        "we have attached",
        "we've attached",
        "i attach",
        "i am attaching",
        "i'm attaching",
        "attached is",
        "attached are",
        "attached please find",
        "attached you will find",
        "attached you'll find",
        "the attached file",
        "the attached pdf",
        "the attached document",
        "the attached spreadsheet",
        "the attached report",
        "attached to this email",
        "attached to this e-mail",
        "attached to this letter",
        "attached to this mail",
        "attached to this message",
        "attached below",
        "enclosed please find",
        "im anhang",
        "siehe anhang",
        "anbei",
        "als anhang",
        "angehängt ist",
        "angehängte datei",
        "in der anlage",
        "en pièce jointe",
        "ci-joint",
        "ci-jointe",
        "ci-joints",
        "ci-jointes",
        "pièce jointe à",
        "adjunto encontrarás",
        "adjunto encontrará",
        "archivo adjunto",
        "adjunto el",
        "adjunto la",
        "se adjunta",
        "in allegato",
        "allego",
        "vedi allegato",
        "em anexo",
        "segue anexo",
        "ficheiro anexo",
        "arquivo anexo",
        "in de bijlage",
        "als bijlage",
        "bijgevoegd vind",
        "zie bijlage",
        "i bilagan",
        "bifogad fil",
        "jag bifogar",
        "vedhæftet fil",
        "i vedlegget",
        "vedlagt finner",
        "w załączniku",
        "w załączeniu",
        "v příloze",
        "во вложении",
        "в приложении к письму",
        "у вкладенні",
        "у далучэнні",
    ])
});

/// What follows where something else is meant: "attached to the pier", "im Anhang des Buches".
static OF_SOMETHING: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(["to the", "to a", "to an", "to it", "to its", "des", "der", "eines", "einer"])
});

impl Rule for AttachmentMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        if !draft.facts.issue.front.attachments.is_empty() {
            return;
        }
        for passage in &draft.prose.passages {
            if let Some(span) = promise(&passage.text) {
                let message = format!("`{}`, and nothing is attached", &passage.text[span.clone()]);
                let place = draft.facts.issue.source.at(passage.start + span.start..passage.start + span.end);
                found.push(Finding::warning(self.id(), message).at(place).help(ABOUT.fix));
            }
        }
    }
}

/// The first promise of a passage.
fn promise(text: &str) -> Option<Span> {
    PHRASES.find_all(text).find(|span| !is_of_something(&text[span.end..]))
}

fn is_of_something(rest: &str) -> bool {
    OF_SOMETHING.begin(rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_are_found_in_many_languages() {
        for text in [
            "The plan: see  attached.",
            "Das Programm finden Sie im Anhang.",
            "Ci-joint le programme",
            "Файл во вложении.",
        ] {
            assert!(promise(text).is_some(), "{text}");
        }
    }

    #[test]
    fn other_things_may_be_attached() {
        for text in [
            "Boats attached to the pier, and an attachment to the sea.",
            "She grew attached.",
            "I attach to the process with a debugger; see the attachment to the treaty.",
            "Mehr im Anhang des Buches.",
            "La pièce est jointe.",
        ] {
            assert_eq!(promise(text), None, "{text}");
        }
    }
}
