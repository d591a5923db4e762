//! An issue in which nothing is wrong, to be spoilt by each test.

use std::collections::BTreeMap;

use serde_json::json;
use url::Url;

use super::super::*;
use crate::links::visit::{Answer, End, Hop};
use crate::model::address::{Address, Mailbox};
use crate::model::issue::FrontMatter;
use crate::model::letter::{Context, Hole, Piece, Pieces, Unsubscribe};
use crate::model::source::Source;
use crate::model::subscriber::Subscriber;
use crate::model::template::Template;

/// An issue in which nothing is wrong, to be spoilt by each test.
pub(super) struct Sheet {
    pub(super) issue: Issue,
    pub(super) rendered: Rendered,
    pub(super) edition: Edition,
    pub(super) settings: Settings,
    pub(super) lists: Vec<List>,
    pub(super) tally: Option<Tally>,
    pub(super) largest: Option<Pressed>,
    pub(super) earlier: Earlier,
    pub(super) namesake: Option<&'static str>,
    pub(super) visits: Option<BTreeMap<Url, Visit>>,
    pub(super) live: bool,
    pub(super) no_sender: Option<String>,
    pub(super) spam: Opinion,
}

const LETTER: &[u8] = b"From: Ada <ada@news.example.org>\r\nTo: bob@example.org\r\nSubject: What the sea brought\r\n\
    Date: Wed, 25 Nov 2026 04:00:00 +0000\r\nMessage-ID: <1@news.example.org>\r\nMIME-Version: 1.0\r\n\r\nHi\r\n";

pub(super) fn mailbox(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

pub(super) fn hole(expression: &str) -> Piece {
    Piece::Hole(Hole { expression: expression.to_owned(), context: Context::Url, span: 0..0 })
}

pub(super) fn member(address: &str) -> Subscriber {
    Subscriber {
        address: Address::parse(address).unwrap(),
        name: None,
        fields: [("city".to_owned(), "Minsk".to_owned())].into(),
    }
}

impl Sheet {
    pub(super) fn good() -> Sheet {
        Sheet::of("A letter of some length to you all.\n")
    }

    pub(super) fn of(text: &str) -> Sheet {
        let issue = Issue {
            id: IssueId("012".into()),
            source: Source::new("issues/012.md", text),
            front: FrontMatter::default(),
            body: 0..text.len(),
        };
        let foot = || Piece::Literal("12 Sea Road, Example Town".into());
        let html = Piece::Literal(format!(
            "{}<h1>Sea</h1><p>A letter of some length</p><p>",
            opening(" lang=\"en\"")
        ));
        let text = Piece::Literal("A letter of some length.\n12 Sea Road\nExample Town\n".into());
        let edition = Edition {
            issue: issue.id.clone(),
            from: mailbox("Ada <ada@news.example.org>"),
            reply_to: None,
            subject: Pieces::literal("What the sea brought"),
            headers: vec![],
            text: Pieces::new([text, hole("unsubscribe_url")]),
            html: Pieces::new([html, foot(), hole("unsubscribe_url")]),
            attachments: vec![],
            roots: json!({}),
            tracking: None,
            unsubscribe: Unsubscribe {
                base_url: Some("https://news.example.org".into()),
                mailto: Address::parse("ada@news.example.org").unwrap(),
                lists: Vec::new(),
                lang: None,
            },
        };
        let mut settings = Settings::default();
        settings.site.postal_address = Some("12 Sea Road\nExample Town".into());
        let mut tally = Tally::default();
        tally.add(&member("bob@example.org"), &[]);
        let rendered = Rendered {
            mjml: String::new(),
            html: edition.html.clone(),
            text: edition.text.clone(),
            subject: edition.subject.clone(),
            preheader: Some(Pieces::literal("A bottle, a boat and a bill to pay")),
            links: vec![],
            images: vec![],
            roots: json!({}),
            theme: crate::model::theme::Theme::default(),
            template: Template::alone(Source::new("templates/own.mjml", "")),
            findings: vec![],
        };
        let mut sheet = Sheet {
            issue,
            rendered,
            edition,
            settings,
            lists: vec![],
            tally: Some(tally),
            largest: Some(Pressed { letter: LETTER.to_vec(), ..Pressed::default() }),
            earlier: Earlier::Never,
            namesake: None,
            visits: Some(BTreeMap::new()),
            live: true,
            no_sender: None,
            spam: Opinion::Given(Score::default()),
        };
        sheet.issue.front.preheader = Some(at("A bottle, a boat and a bill to pay"));
        sheet
    }

    pub(super) fn subject(mut self, subject: &str) -> Sheet {
        self.edition.subject = Pieces::literal(subject);
        self
    }

    /// What begins with `<html>` or `<html lang=en>` gets everything else that a page needs before its body.
    pub(super) fn html(mut self, html: &str) -> Sheet {
        let html = html.replace("<html lang=en>", &opening(" lang=\"en\"")).replace("<html>", &opening(""));
        self.edition.html = Pieces::new([
            Piece::Literal(format!("{html}<h1>Sea</h1>12 Sea Road Example Town")),
            hole("unsubscribe_url"),
        ]);
        self
    }

    pub(super) fn link(mut self, target: impl Into<Vec<Piece>>) -> Sheet {
        let link = Link {
            target: Pieces::new(target.into()),
            text: "a link".into(),
            span: Some(2..8),
            is_image: false,
        };
        self.rendered.links.push(link);
        self
    }

    pub(super) fn to(self, target: &str) -> Sheet {
        self.link([Piece::Literal(target.to_owned())])
    }

    pub(super) fn visited(mut self, target: &str, end: End, hops: &[(u16, &str)]) -> Sheet {
        let address = Url::parse(target).unwrap();
        let hops =
            hops.iter().map(|(status, to)| Hop { status: *status, to: Url::parse(to).unwrap() }).collect();
        let visit = Visit { hops, ..Visit::ended(address.clone(), end, Timestamp::UNIX_EPOCH) };
        self.visits.get_or_insert_default().insert(address, visit);
        self.to(target)
    }

    pub(super) fn check(&self) -> Checked {
        check(&Draft::new(Facts {
            issue: &self.issue,
            rendered: &self.rendered,
            edition: &self.edition,
            settings: &self.settings,
            lists: &self.lists,
            live: self.live,
            now: "2026-11-25T04:00:00Z".parse().unwrap(),
            no_sender: self.no_sender.clone(),
            tally: self.tally.as_ref(),
            largest: self.largest.as_ref(),
            made: None,
            earlier: self.earlier.clone(),
            namesake: self.namesake.map(std::path::Path::new),
            spam: self.spam.clone(),
            visits: self.visits.as_ref().map_or(Visits::None("--offline"), Visits::Done),
        }))
        .settle(&self.settings, &self.issue)
    }

    /// `rule severity`, in order.
    pub(super) fn says(&self) -> Vec<String> {
        let checked = self.check();
        checked.findings.iter().map(|found| format!("{} {}", found.rule, found.severity.name())).collect()
    }

    pub(super) fn message(&self, rule: &str) -> String {
        let checked = self.check();
        let found = checked.findings.iter().find(|found| found.rule == rule);
        found.unwrap_or_else(|| panic!("{rule} found nothing: {checked:?}")).message.clone()
    }
}

fn opening(lang: &str) -> String {
    format!(
        "<html{lang} dir=\"ltr\"><head><title>The sea</title><meta name=\"color-scheme\" content=\"light dark\">\
         <style>@media (prefers-color-scheme:dark){{body{{background-color:#101418;color:#e3e8ee}}}}</style></head><body>"
    )
}

pub(super) fn at(text: &str) -> At<String> {
    At { value: text.to_owned(), span: 0..1 }
}

pub(super) fn answered(status: u16) -> End {
    End::Answered(Answer::of(status))
}
