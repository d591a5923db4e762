//! The one who makes what the page shows. It alone knows settings, issues and what was found in them; a page asks, a
//! changed file knocks, a check reports, and each is dealt with in turn, on a thread of its own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{broadcast, oneshot};
use tokio::time::Instant;

use super::arrivals::Arrivals;
use super::boxes::Mailbox;
use super::checking::{Checker, Verdicts};
use super::draft::Draft;
use super::index::Entry;
use super::made::Made;
use super::trouble::{trouble, trouble_in};
use super::visiting::Visiting;
use super::watching::Watching;
use super::who::Who;
use crate::commands::desk::{Desk, no_threads};
use crate::commands::person::Seen;
use crate::commands::stamps::secret_of;
use crate::commands::{Failure, Global};
use crate::compose::front_matter::parse_issue;
use crate::links::Visit;
use crate::model::address::Address;
use crate::model::issue::Issue;
use crate::token::Secret;
use crate::web::preview::view::Trouble;
use crate::web::preview::{Ask, Event};
use crate::workspace::shown_path;

mod answers;
mod changes;
mod checks;
mod folders;
mod listing;

use listing::Trace;

/// A change is told with its findings if they come within this time, else at once and again with them.
const FINDINGS: Duration = Duration::from_millis(40);

/// So often somebody looks whether a send has written to the ledger.
const LEDGER: Duration = Duration::from_secs(2);

/// So many issues are kept up to date; of more, those that nobody looked at for the longest time are made anew when
/// they are asked for.
const KEPT: usize = 8;

/// What was asked for on the command line.
pub struct Opening {
    pub global: Global,
    pub transport: Option<String>,
    pub offline: bool,
    /// Whose letter is shown where the page names nobody.
    pub seen_as: Option<Address>,
    /// The file of the issue that is shown first; empty for standard input.
    pub path: PathBuf,
    /// An issue from standard input.
    pub typed: Option<Issue>,
    /// The transport of tests, instead of that of the letters.
    pub sink: Option<String>,
    /// Besides the outbox.
    pub boxes: Vec<Mailbox>,
}

impl Opening {
    /// The issue as the person at the keyboard knows it.
    pub fn named(&self) -> String {
        match &self.typed {
            Some(_) => "standard input".to_owned(),
            None => shown_path(&self.path).display().to_string(),
        }
    }
}

/// What the maker hears besides questions.
pub enum Note {
    /// Something happened to these files or folders.
    Files(Vec<PathBuf>),
    /// A text of the issue in this file was checked.
    Checked(PathBuf, Verdicts),
    Visited(Box<Visit>),
}

pub struct Maker {
    opening: Opening,
    desk: Arc<Desk>,
    secret: Secret,
    /// What is wrong with the settings now; the last that could be read are used.
    unsettled: Option<Trouble>,
    index: Vec<Entry>,
    /// Every id that an issue had in this session, and its file.
    names: HashMap<String, PathBuf>,
    drafts: HashMap<PathBuf, Draft>,
    /// The issues that are kept up to date no longer, with the files they are made of: a page may still show them.
    dropped: HashMap<PathBuf, Vec<PathBuf>>,
    boxes: Vec<Mailbox>,
    arrivals: Arrivals,
    /// Whoever was looked up, until a list or a setting changes.
    people: HashMap<(Vec<PathBuf>, Who), Seen>,
    /// How the ledger was when the issues were listed.
    ledger: Vec<Trace>,
    /// Of all texts that were made, and of all questions that were asked, the last.
    serial: u64,
    revision: u64,
    looks: u64,
    checker: Checker,
    visiting: Visiting,
    watching: Watching,
    handle: Handle,
    events: broadcast::Sender<Event>,
    notes: UnboundedReceiver<Note>,
}

/// Ends the maker when it is told to.
pub struct Ender(oneshot::Sender<()>);

impl Ender {
    pub fn abort(self) {
        // It may have ended by itself.
        let _ = self.0.send(());
    }
}

impl Maker {
    /// Begins to watch, makes the first issue, and answers `asks` until it is told to end.
    pub fn start(
        opening: Opening,
        desk: Desk,
        asks: Receiver<Ask>,
        events: broadcast::Sender<Event>,
    ) -> Result<Ender, Failure> {
        let (sender, notes) = unbounded_channel();
        let maker = Maker::new(opening, desk, events, sender, notes)?;
        let (ender, end) = oneshot::channel();
        let handle = Handle::current();
        let work = move || handle.block_on(maker.work(asks, end));
        std::thread::Builder::new()
            .name("maker".to_owned())
            .spawn(work)
            .map_err(|error| no_threads(&error))?;
        Ok(Ender(ender))
    }

    fn new(
        opening: Opening,
        desk: Desk,
        events: broadcast::Sender<Event>,
        sender: UnboundedSender<Note>,
        notes: UnboundedReceiver<Note>,
    ) -> Result<Maker, Failure> {
        let desk = Arc::new(desk);
        let visiting = Visiting::new(&desk, !opening.offline, sender.clone(), Handle::current());
        let mut maker = Maker {
            secret: secret_of(&desk)?,
            desk,
            opening,
            unsettled: None,
            index: Vec::new(),
            names: HashMap::new(),
            drafts: HashMap::new(),
            dropped: HashMap::new(),
            boxes: Vec::new(),
            arrivals: Arrivals::default(),
            people: HashMap::new(),
            ledger: Vec::new(),
            handle: Handle::current(),
            serial: 0,
            revision: 0,
            looks: 0,
            checker: Checker::start(sender.clone())?,
            visiting,
            watching: Watching::start(sender)?,
            events,
            notes,
        };
        maker.know_boxes();
        // What changes from here on is heard, however long the first issue takes.
        maker.watch();
        Ok(maker)
    }

    async fn work(mut self, mut asks: Receiver<Ask>, mut end: oneshot::Receiver<()>) {
        self.list();
        self.open(&self.opening.path.clone());
        let mut ledger = tokio::time::interval(LEDGER);
        loop {
            let late = self.first_late();
            tokio::select! {
                biased;
                _ = &mut end => return,
                Some(note) = self.notes.recv() => self.hear(note),
                Some(ask) = asks.recv() => self.answer(ask),
                () = until(late) => self.announce_late(),
                _ = ledger.tick() => self.look_at_ledger(),
            }
        }
    }

    fn hear(&mut self, note: Note) {
        match note {
            Note::Files(paths) => self.files_changed(paths),
            Note::Checked(path, found) => self.checked(&path, found),
            Note::Visited(visit) => self.visited(*visit),
        }
    }

    /// The draft of the issue in this file, made if it is not there.
    fn open(&mut self, path: &Path) {
        self.looks += 1;
        if !self.drafts.contains_key(path) {
            self.dropped.remove(path);
            self.remake(path);
            self.drop_oldest();
            self.watch_also();
        }
        if let Some(draft) = self.drafts.get_mut(path) {
            draft.looked = self.looks;
        }
    }

    fn drop_oldest(&mut self) {
        if self.drafts.len() > KEPT
            && let Some(oldest) = self.drafts.iter().min_by_key(|(_, draft)| draft.looked)
        {
            let (oldest, files) = (oldest.0.clone(), oldest.1.files().to_vec());
            self.drafts.remove(&oldest);
            self.visiting.want(&oldest, Vec::new());
            self.dropped.insert(oldest, files);
        }
    }

    /// Renders the issue anew, and has it checked. What was good before stays where nothing can be made now.
    fn remake(&mut self, path: &Path) {
        self.serial += 1;
        let made = self.read(path).and_then(|issue| self.make(issue));
        let looks = self.looks;
        let draft = self.drafts.entry(path.to_owned()).or_default();
        draft.looked = draft.looked.max(looks.saturating_sub(1));
        match made {
            Ok(made) => {
                let made = Arc::new(made);
                (draft.good, draft.trouble) = (Some(Arc::clone(&made)), self.unsettled.clone());
                self.check(path, made);
            }
            Err(failure) => {
                let found = trouble_in(&shown_path(path).display().to_string(), &*failure.error);
                draft.trouble = self.unsettled.clone().or(Some(found));
            }
        }
    }

    fn read(&self, path: &Path) -> Result<Issue, Failure> {
        match &self.opening.typed {
            Some(issue) if path == self.opening.path => Ok(issue.clone()),
            _ => Ok(parse_issue(self.desk.workspace.read_text(path)?)?),
        }
    }

    fn make(&self, issue: Issue) -> Result<Made, Failure> {
        Made::make(&self.desk, issue, self.secret.clone(), self.serial)
    }

    fn first_late(&self) -> Option<Instant> {
        self.drafts.values().filter_map(|draft| draft.waits).min()
    }

    /// Tells of the changes that have waited long enough for their findings.
    fn announce_late(&mut self) {
        let now = Instant::now();
        let is_late = |draft: &Draft| draft.waits.is_some_and(|until| until <= now);
        let late = self.drafts.iter().filter(|(_, draft)| is_late(draft)).map(|(path, _)| path.clone());
        for path in late.collect::<Vec<_>>() {
            self.announce(&path);
        }
    }

    /// Tells every page that this issue is to be looked at again.
    fn announce(&mut self, path: &Path) {
        self.revision += 1;
        let id = self.id_of(path);
        if let Some(draft) = self.drafts.get_mut(path) {
            (draft.revision, draft.waits) = (self.revision, None);
        }
        self.tell(Event::Changed { revision: self.revision, id: Some(id) });
    }

    /// Tells every page that the list of issues is another.
    fn announce_list(&mut self) {
        self.revision += 1;
        self.tell(Event::Changed { revision: self.revision, id: None });
    }

    fn tell(&self, event: Event) {
        // An error says that no page is open.
        let _ = self.events.send(event);
    }

    fn is_lone(&self) -> bool {
        self.desk.settings.root.is_none()
    }

    /// What cannot be read of the settings, in the form of the page; the new ones are in force where they can be.
    fn settle(&mut self) {
        match Desk::read(&self.opening.global, self.opening.transport.as_deref()) {
            Ok(desk) => {
                let desk = Desk { drawn: self.desk.drawn.clone(), ..desk };
                (self.desk, self.unsettled) = (Arc::new(desk), None);
                self.visiting.renew(&self.desk);
                self.know_boxes();
                if let Ok(secret) = secret_of(&self.desk) {
                    self.secret = secret;
                }
            }
            Err(failure) => self.unsettled = Some(trouble(&*failure.error)),
        }
    }
}

async fn until(late: Option<Instant>) {
    match late {
        Some(late) => tokio::time::sleep_until(late).await,
        None => std::future::pending().await,
    }
}
