//! One issue made ready to be shown to anybody: the same edition and the same press as a send has.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::absolute::absolute;
use crate::commands::Failure;
use crate::commands::desk::{Desk, Dress};
use crate::commands::proofread::{self, Parts};
use crate::commands::stamps::Stamps;
use crate::compose::images::is_local;
use crate::compose::press::{Branches, MergeError, Press, Unfilled, Unfolded};
use crate::compose::trace::{self, Traced};
use crate::compose::{self, Rendered, wanted_images};
use crate::model::finding::Finding;
use crate::model::issue::Issue;
use crate::model::letter::{Edition, Pieces};
use crate::model::subscriber::Subscriber;
use crate::settings::lists::List;
use crate::token::Secret;

/// An issue as it was at one moment.
pub struct Made {
    /// Of all that were made, the how manieth.
    pub serial: u64,
    pub issue: Issue,
    /// The lists that it goes to.
    pub lists: Vec<List>,
    /// Why they are not clear.
    pub unclear: Vec<Finding>,
    /// The lists whose people can be looked at: all, where none was chosen.
    pub readers: Vec<List>,
    pub rendered: Rendered,
    pub edition: Edition,
    pub no_sender: Option<String>,
    pub press: Press,
    preheader: Option<Press>,
    /// The HTML whose blocks say where they come from.
    traced: Option<Press>,
    /// The ways through the conditions.
    pub branches: Option<Branches>,
    stamps: Stamps,
    /// The date of every letter that is shown.
    pub date: Timestamp,
    /// Images and attachments, whether they are there or not.
    pub files: Vec<PathBuf>,
}

/// One person's letter.
pub struct Letter {
    pub bytes: Vec<u8>,
    pub unfolded: Unfolded,
    pub preheader: Option<String>,
}

impl Made {
    /// Renders and binds. Fails where nothing can be shown.
    pub fn make(desk: &Desk, issue: Issue, secret: Secret, serial: u64) -> Result<Made, Failure> {
        let (lists, unclear) = proofread::lists_of(desk, &issue);
        let readers = match lists.is_empty() {
            true => desk.settings.all_lists(&desk.workspace.list_files()?),
            false => lists.clone(),
        };
        let dress = desk.dress(&issue)?;
        let (rendered, edition, no_sender) = proofread::bind_in(desk, &issue, &dress)?;
        let press = Press::new(&edition).map_err(|error| error.within(&issue.source))?;
        Ok(Made {
            serial,
            lists,
            unclear,
            readers,
            branches: Branches::of(&edition, &press).ok().flatten(),
            preheader: whisper(&edition, rendered.preheader.as_ref()),
            traced: traced(&issue, &dress, &edition),
            stamps: Stamps::new(&edition, secret),
            date: desk.now(),
            files: files(desk, &issue, &dress),
            press: signed(desk, &edition, press),
            rendered,
            edition,
            no_sender,
            issue,
        })
    }

    /// What the check looks at.
    pub fn parts(&self) -> Parts<'_> {
        Parts {
            lists: &self.lists,
            rendered: &self.rendered,
            edition: &self.edition,
            press: &self.press,
            no_sender: self.no_sender.clone(),
        }
    }

    /// The letter of `person`, as a send would make it. Fails where a hole stays open.
    pub fn letter(&self, person: &Subscriber) -> Result<Letter, Unfilled> {
        let within = |error: MergeError| error.within(&self.issue.source);
        let stamp = self.stamps.stamp(person, self.date);
        let mut bytes = Vec::new();
        self.press.press(person, &stamp, &mut bytes).map_err(within)?;
        let preheader = self.preheader.as_ref().map(|press| press.unfold(person, &stamp)).transpose();
        Ok(Letter {
            bytes,
            unfolded: self.press.unfold(person, &stamp).map_err(within)?,
            preheader: preheader.map_err(within)?.map(|unfolded| unfolded.text.trim().to_owned()),
        })
    }

    /// Where the blocks of the issue are in the letter of `person`.
    pub fn blocks(&self, person: &Subscriber) -> Vec<Traced> {
        let stamp = self.stamps.stamp(person, self.date);
        let html = self.traced.as_ref().and_then(|press| press.unfold(person, &stamp).ok());
        html.map(|unfolded| trace::blocks(&unfolded.html)).unwrap_or_default()
    }
}

/// A key that cannot be used is a finding; what the letter says can be seen without it.
fn signed(desk: &Desk, edition: &Edition, press: Press) -> Press {
    match desk.signers(edition.from.address.domain()) {
        Ok(signers) => press.signed_by(signers),
        Err(_) => press,
    }
}

/// The preheader alone, as the text of a letter.
fn whisper(edition: &Edition, preheader: Option<&Pieces>) -> Option<Press> {
    part(edition, preheader?.clone(), Pieces::default())
}

/// One part of a letter alone.
fn part(edition: &Edition, text: Pieces, html: Pieces) -> Option<Press> {
    let edition = Edition {
        subject: Pieces::default(),
        attachments: Vec::new(),
        from: edition.from.clone(),
        reply_to: None,
        headers: Vec::new(),
        issue: edition.issue.clone(),
        roots: edition.roots.clone(),
        tracking: None,
        unsubscribe: edition.unsubscribe.clone(),
        html,
        text,
    };
    Press::new(&edition).ok()
}

fn traced(issue: &Issue, dress: &Dress<'_>, edition: &Edition) -> Option<Press> {
    part(edition, Pieces::default(), compose::traced(issue, &dress.look()).ok()?)
}

/// What a letter is made of besides the files that all issues share.
fn files(desk: &Desk, issue: &Issue, dress: &Dress<'_>) -> Vec<PathBuf> {
    let folder = issue.source.path().parent().unwrap_or(Path::new(""));
    let images = wanted_images(issue, &dress.look()).unwrap_or_default();
    let images = images.iter().filter(|path| is_local(path)).map(|path| match path.strip_prefix('/') {
        Some(below) => desk.workspace.root().join(below),
        None => folder.join(path),
    });
    let attached = issue.front.attachments.iter().map(|at| folder.join(&at.value));
    images.chain(attached).filter_map(|path| absolute(&path).ok()).collect()
}
