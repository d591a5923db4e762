//! An issue made ready to be planned: lists read, text rendered, edition bound. Not yet frozen.

use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::commands::proofread::Parts;
use crate::commands::sending::hashes::sources;
use crate::compose::press::Press;
use crate::compose::{self, Rendered, edition};
use crate::ledger::rows::{Hashes, Selection, Without};
use crate::model::delivery::Realm;
use crate::model::finding::Explain;
use crate::model::issue::Issue;
use crate::model::letter::Edition;
use crate::model::source::Place;
use crate::settings::lists::List;
use crate::subscribers::segment::{Segment, SegmentError};

/// Everything that is known of an issue before anybody is chosen.
pub struct Ready {
    pub issue: Issue,
    pub lists: Vec<List>,
    pub rendered: Rendered,
    pub edition: Edition,
    pub press: Press,
    pub hashes: Hashes,
    pub selection: Selection,
}

impl Ready {
    /// Renders and binds the issue.
    pub fn make(desk: &Desk, issue: Issue, without: Without) -> Result<Ready, Failure> {
        let lists = desk.lists(&issue)?;
        let dress = desk.dress(&issue)?;
        let sender = desk.sender(&issue, lists.first())?;
        let rendered = compose::render(&issue, &dress.look())?;
        let edition = edition::bind(&issue, rendered.clone(), sender.clone());
        let hashes = Hashes {
            sources: sources(&issue, &dress.look(), dress.images(&issue), &sender),
            content: edition::hash(&edition),
            body: edition::body_hash(&edition),
        };
        let selection = selection(desk, &issue, &lists, without)?;
        let press = Press::new(&edition)?.signed_by(desk.signers(edition.from.address.domain())?);
        Ok(Ready { lists, rendered, press, hashes, selection, edition, issue })
    }

    /// What the check looks at.
    pub fn parts(&self) -> Parts<'_> {
        Parts {
            lists: &self.lists,
            rendered: &self.rendered,
            edition: &self.edition,
            press: &self.press,
            no_sender: None,
        }
    }

    pub fn realm(&self) -> Realm {
        self.selection.realm
    }
}

/// Whom the issue is for.
pub fn selection(desk: &Desk, issue: &Issue, lists: &[List], without: Without) -> Result<Selection, Failure> {
    Ok(Selection {
        lists: lists.iter().map(|list| list.id.clone()).collect(),
        segment: segment(issue)?,
        issue: issue.id.clone(),
        realm: desk.settings.transport.transport.realm(),
        without,
    })
}

/// The issue's segment, if it names one.
fn segment(issue: &Issue) -> Result<Option<Segment>, WrongSegment> {
    let Some(written) = &issue.front.segment else { return Ok(None) };
    let wrong = |error: SegmentError| WrongSegment { place: error.place_of(&issue.source, written), error };
    Segment::parse(&written.value).map(Some).map_err(wrong)
}

/// A filter that cannot be read, shown in the front matter.
#[derive(Debug, thiserror::Error)]
#[error("the segment cannot be used: {error}")]
struct WrongSegment {
    error: SegmentError,
    place: Place,
}

impl Explain for WrongSegment {
    fn place(&self) -> Option<Place> {
        Some(self.place.clone())
    }

    fn help(&self) -> Option<String> {
        self.error.help()
    }
}
