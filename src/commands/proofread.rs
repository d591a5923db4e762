//! From an issue to an edition that was looked at: rendered, bound, merged for the whole audience, its links
//! visited, all rules run. `check`, `plan` and `send` begin with it.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use jiff::Timestamp;

use crate::check::{self, Checked, Draft, Earlier, Facts, Opinion, Told, Visits, leads};
use crate::commands::desk::{Desk, Dress};
use crate::commands::{Failure, Plain, roll};
use crate::compose::dkim::Signer;
use crate::compose::dkim::key::Algorithm;
use crate::compose::press::Press;
use crate::compose::{self, Rendered, edition};
use crate::ledger::Ledger;
use crate::model::address::{Address, Mailbox};
use crate::model::finding::{Finding, Severity};
use crate::model::issue::{Issue, IssueId};
use crate::model::letter::{ContentHash, Edition};
use crate::model::subscriber::Subscriber;
use crate::report::words::counted;
use crate::settings::lists::List;
use crate::settings::{Chosen, Settings};
use crate::spam;
use crate::subscribers::csv::Rows;
use crate::subscribers::segment::Segment;

mod audience;
pub mod visiting;

pub use audience::Audience;
use audience::hear;
use visiting::{Looks, visit};

/// Of the bad rows of one file, so many are shown.
const MOST_ROWS: usize = 20;

/// What is wished of one reading.
pub struct Wish<'a> {
    /// Whether it is for people: see [`Facts::live`].
    pub live: bool,
    pub now: Timestamp,
    /// Why links are not visited; `None` to visit them.
    pub no_links: Option<&'static str>,
    /// What is believed of earlier visits.
    pub looks: Looks<'a>,
    /// Whether SpamAssassin is asked, if the settings name it.
    pub asks_spam_filter: bool,
    /// What the ledger knows of an issue with this [`edition::body_hash`].
    pub earlier: &'a dyn Fn(&ContentHash) -> Earlier,
}

/// An issue that was read whole, and what was found.
pub struct Proof {
    pub lists: Vec<List>,
    pub rendered: Rendered,
    /// From a stand-in if `has_sender` is false: fit to be checked, never to be sent.
    pub edition: Edition,
    pub has_sender: bool,
    pub press: Press,
    pub checked: Checked,
    /// Everybody who was merged; `None` if nobody could be read.
    pub members: Option<u64>,
    /// Links that were visited.
    pub visited: usize,
    /// What became of each link.
    pub verdicts: Vec<Told>,
}

/// Gives every member of the audience to its argument, once each, and what was wrong on the way.
pub type People<'a> = dyn FnMut(&mut dyn FnMut(&Subscriber)) -> Result<Vec<Finding>, Failure> + 'a;

/// Reads one issue. Without `people` the audience is what the files of the issue's lists hold. Fails only
/// where nothing can be rendered; everything else is a finding.
pub async fn proofread(
    desk: &Desk,
    issue: &Issue,
    wish: &Wish<'_>,
    people: Option<&mut People<'_>>,
) -> Result<Proof, Failure> {
    let (lists, found) = lists_of(desk, issue);
    let (rendered, edition, no_sender) = bind(desk, issue)?;
    let press = Press::new(&edition)?;
    let has_sender = no_sender.is_none();
    let parts = Parts { lists: &lists, rendered: &rendered, edition: &edition, press: &press, no_sender };
    let mut looked = look_over(desk, issue, &parts, wish, people).await?;
    looked.checked.findings.extend(found);
    let Looked { checked, members, visited, verdicts } = looked;
    let checked = checked.settle(&desk.settings, issue);
    Ok(Proof { checked, members, visited, verdicts, lists, rendered, edition, has_sender, press })
}

/// An issue that is rendered and bound.
pub struct Parts<'a> {
    pub lists: &'a [List],
    pub rendered: &'a Rendered,
    pub edition: &'a Edition,
    pub press: &'a Press,
    /// Why nobody could be named as the sender, if nobody could.
    pub no_sender: Option<String>,
}

/// What was found in it, and how much was looked at; see [`Proof`].
pub struct Looked {
    pub checked: Checked,
    pub members: Option<u64>,
    pub visited: usize,
    pub verdicts: Vec<Told>,
}

/// Merges for everybody, visits the links, runs the rules.
pub async fn look_over(
    desk: &Desk,
    issue: &Issue,
    parts: &Parts<'_>,
    wish: &Wish<'_>,
    people: Option<&mut People<'_>>,
) -> Result<Looked, Failure> {
    let heard = listen(desk, issue, parts, people)?;
    let leads = leads::leads(parts.rendered, heard.made(), &desk.settings.links);
    let (visits, spam) = tokio::join!(visit(desk, &leads, wish), opinion(desk, issue, parts, wish, &heard));
    let visits = visits?;
    let known = match (&visits, wish.no_links) {
        (Some(visits), _) => Visits::Done(visits),
        (None, why) => Visits::None(why.unwrap_or("nobody asked for them")),
    };
    let (checked, verdicts) = examine(desk, issue, parts, wish, &heard, known, spam);
    let visited = visits.as_ref().map_or(0, |visits| visits.len());
    Ok(Looked { checked, members: heard.members(), visited, verdicts })
}

/// Merges for everybody, by default for those in the files of the lists. Fails where a list cannot be read.
pub fn listen(
    desk: &Desk,
    issue: &Issue,
    parts: &Parts<'_>,
    people: Option<&mut People<'_>>,
) -> Result<Audience, Failure> {
    let mut heard = match people {
        Some(people) => hear(desk, parts, people)?,
        None if parts.lists.is_empty() => return Ok(Audience(None)),
        None => hear(desk, parts, &mut |each| from_files(desk, parts.lists, issue, each))?,
    };
    heard.tally.learn(columns(parts.lists));
    desk.detail(format!("merged for {}", counted(heard.tally.members(), "subscriber", "subscribers")));
    Ok(Audience(Some(heard)))
}

/// What SpamAssassin thinks of the largest letter, if it is wished to be asked.
pub async fn opinion(
    desk: &Desk,
    issue: &Issue,
    parts: &Parts<'_>,
    wish: &Wish<'_>,
    heard: &Audience,
) -> Opinion {
    if !wish.asks_spam_filter {
        return Opinion::None("`courant check` asks SpamAssassin".to_owned());
    }
    let Some(largest) = heard.largest(issue, parts, wish.now) else {
        return Opinion::None("no letter could be pressed".to_owned());
    };
    match spam::ask(&desk.settings.check.spamassassin, &largest.letter).await {
        Ok(score) => Opinion::Given(score),
        Err(silence) => Opinion::None(silence.to_string()),
    }
}

/// Runs the rules on what is known by then.
pub fn examine(
    desk: &Desk,
    issue: &Issue,
    parts: &Parts<'_>,
    wish: &Wish<'_>,
    heard: &Audience,
    visits: Visits<'_>,
    spam: Opinion,
) -> (Checked, Vec<Told>) {
    let largest = heard.largest(issue, parts, wish.now);
    let heard = heard.0.as_ref();
    let namesake = desk.namesake(issue);
    let facts = Facts {
        issue,
        rendered: parts.rendered,
        edition: parts.edition,
        settings: &desk.settings,
        lists: parts.lists,
        live: wish.live,
        now: wish.now,
        no_sender: parts.no_sender.clone(),
        tally: heard.map(|heard| &heard.tally),
        largest,
        made: heard.map(|heard| &heard.made),
        namesake: namesake.as_deref(),
        earlier: (wish.earlier)(&edition::body_hash(parts.edition)),
        visits,
        spam,
    };
    let draft = Draft::new(facts);
    let (mut checked, verdicts) = (check::check(&draft), draft.told());
    checked.findings.extend(heard.iter().flat_map(|heard| heard.found.iter().cloned()));
    checked.findings.extend(about_keys(desk, parts, wish.live));
    (checked, verdicts)
}

/// What is wrong with the keys that sign the letters.
fn about_keys(desk: &Desk, parts: &Parts<'_>, live: bool) -> Option<Finding> {
    if parts.no_sender.is_some() {
        return None;
    }
    match desk.signers(parts.edition.from.address.domain()) {
        Err(failure) => {
            let severity = if live { Severity::Error } else { Severity::Warning };
            Some(Finding { severity, ..as_finding("dkim-key", &failure) })
        }
        Ok(signers) => {
            let is_rsa = |signer: &Signer| signer.key.algorithm() == Algorithm::Rsa;
            let only = !signers.is_empty() && !signers.iter().any(is_rsa);
            let message = "letters are signed by Ed25519 only, which Gmail and Outlook do not verify";
            let help = "add a `[[dkim]]` with a key of RSA beside it: `courant dkim keygen`";
            only.then(|| Finding::warning("dkim-no-rsa", message).help(help))
        }
    }
}

/// A failure as a finding of `rule`.
pub fn as_finding(rule: &'static str, failure: &Failure) -> Finding {
    let mut finding = Finding::error(rule, failure.error.to_string());
    finding.place = failure.error.place();
    finding.help = failure.error.help();
    finding
}

/// A lone file outside any workspace goes to nobody; inside one, lists that are not clear are a finding.
pub fn lists_of(desk: &Desk, issue: &Issue) -> (Vec<List>, Vec<Finding>) {
    match desk.lists(issue) {
        Ok(lists) => (lists, vec![]),
        Err(_) if desk.settings.root.is_none() => (vec![], vec![]),
        Err(failure) => (vec![], vec![as_finding("lists-unclear", &failure)]),
    }
}

/// Whether another issue that says the same was sent live.
pub fn earlier(ledger: &Ledger, issue: &IssueId, body: &ContentHash) -> Earlier {
    match ledger.twin_of(issue, body) {
        Ok(twin) => twin.map_or(Earlier::Never, Earlier::Sent),
        Err(_) => Earlier::Unknown("the ledger cannot be read"),
    }
}

/// The issue rendered and bound; the stand-in for a sender that is not set, where one was needed.
pub fn bind(desk: &Desk, issue: &Issue) -> Result<(Rendered, Edition, Option<String>), Failure> {
    bind_in(desk, issue, &desk.dress(issue)?)
}

/// The same in a dress that is at hand.
pub fn bind_in(
    desk: &Desk,
    issue: &Issue,
    dress: &Dress<'_>,
) -> Result<(Rendered, Edition, Option<String>), Failure> {
    desk.detail(format!("rendering {} with {}", issue.id, dress.template.path().display()));
    let rendered = compose::render(issue, &dress.look())?;
    let list = dress.list.as_ref();
    let no_sender = desk.from(issue, list).err().map(|failure| failure.error.to_string());
    let sender = match &no_sender {
        None => desk.sender(issue, list)?,
        Some(_) => with_stand_in(desk).sender(issue, list)?,
    };
    let edition = edition::bind(issue, rendered.clone(), sender);
    Ok((rendered, edition, no_sender))
}

/// The same desk with a sender nobody can answer to and the way out that takes one, so that everything else
/// can be checked.
fn with_stand_in(desk: &Desk) -> Desk {
    let address = Address::parse("nobody@example.invalid").expect("the stand-in is an address");
    Desk {
        settings: Settings {
            from: Some(Mailbox { name: None, address }),
            transport: Chosen::default(),
            ..desk.settings.clone()
        },
        workspace: desk.workspace.clone(),
        drawn: desk.drawn.clone(),
        ..*desk
    }
}

/// Everybody in the files of the lists whom the segment fits; one person on two lists once. Gives what is wrong
/// with their rows.
pub fn from_files(
    desk: &Desk,
    lists: &[List],
    issue: &Issue,
    each: &mut dyn FnMut(&Subscriber),
) -> Result<Vec<Finding>, Failure> {
    let segment = issue.front.segment.as_ref().and_then(|written| Segment::parse(&written.value).ok());
    let fits = |member: &Subscriber| segment.as_ref().is_none_or(|segment| segment.matches(member));
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for path in lists.iter().filter_map(|list| list.file.as_ref()) {
        let mut take = |member: &Subscriber| {
            if fits(member) && seen.insert(member.address.key()) {
                each(member);
            }
        };
        found.extend(from_file(path, roll::shown_path(desk, path), &mut take)?);
    }
    Ok(found)
}

/// The columns of the lists' files: a segment may ask for one though nobody within it has a value.
fn columns(lists: &[List]) -> Vec<String> {
    let paths = lists.iter().filter_map(|list| list.file.as_ref());
    // A file that cannot be read is told by whoever reads its rows.
    let headers = paths.filter_map(|path| Rows::new(path, File::open(path).ok()?).ok());
    headers.flat_map(|rows| rows.fields().to_vec()).collect()
}

fn from_file(path: &Path, shown: &Path, take: &mut dyn FnMut(&Subscriber)) -> Result<Vec<Finding>, Failure> {
    let mut rows = Rows::new(shown, open(path, shown)?)?;
    let (mut found, mut bad) = (Vec::new(), 0);
    for row in rows.by_ref() {
        match row {
            Ok(row) => take(&row.subscriber),
            Err(finding) => {
                bad += 1;
                found.extend((bad <= MOST_ROWS).then_some(finding));
            }
        }
    }
    rows.finish()?;
    if bad > MOST_ROWS {
        let message = format!("{} more rows of {} cannot be used", bad - MOST_ROWS, shown.display());
        found.push(
            Finding::warning("subscriber-row", message).help("`courant subscribers sync` lists them all"),
        );
    }
    Ok(found)
}

fn open(path: &Path, shown: &Path) -> Result<File, Plain> {
    File::open(path).map_err(|error| Plain {
        message: format!("{} cannot be read: {error}", shown.display()),
        help: Some("mend the file's name or its permissions".to_owned()),
    })
}
