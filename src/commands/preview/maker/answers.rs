//! What a page asks, and what it is told.

use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Maker;
use crate::commands::person::{Seen, Unread};
use crate::commands::preview::boxes::Mailbox;
use crate::commands::preview::draft::Draft;
use crate::commands::preview::made::{Letter, Made};
use crate::commands::preview::seen::{self, Around};
use crate::commands::preview::testing::{self, Testing};
use crate::commands::preview::trouble::{refusal, trouble_in};
use crate::commands::preview::who::{self, Who};
use crate::compose::images::in_browser;
use crate::model::delivery::Realm;
use crate::settings::transport::TransportKind;
use crate::web::preview::view::{self, Tested, Trouble, View, Workspace};
use crate::web::preview::{Ask, Eml, Refusal, Reply, Shown, Trial, Why};
use crate::workspace::shown_path;

/// So many subscribers are named at a time.
const SOME: usize = 50;

impl Maker {
    pub(super) fn answer(&mut self, ask: Ask) {
        // Whoever asked may have gone away, which is no trouble of ours.
        match ask {
            Ask::Workspace(reply) => drop(reply.send(Ok(self.workspace()))),
            Ask::View(shown, reply) => drop(reply.send(self.view(&shown).map(Box::new))),
            Ask::Html(shown, reply) => drop(reply.send(self.html(&shown))),
            Ask::Eml(shown, reply) => drop(reply.send(self.eml(&shown))),
            Ask::People { id, text, reply } => self.people(&id, text, reply),
            Ask::Test(trial, reply) => self.test(&trial, reply),
            Ask::Letters { name, text, reply } => {
                self.look_into(&name, reply, move |mailbox| Ok(mailbox.letters(&text)))
            }
            Ask::Letter { name, id, reply } => {
                self.look_into(&name, reply, move |mailbox| mailbox.letter(&id).map(Box::new));
            }
            Ask::LetterHtml { name, id, reply } => {
                self.look_into(&name, reply, move |mailbox| mailbox.html(&id))
            }
            Ask::LetterEml { name, id, reply } => {
                self.look_into(&name, reply, move |mailbox| mailbox.eml(&id))
            }
        }
    }

    /// Letters are read elsewhere: a box may hold many.
    fn look_into<T: Send + 'static>(
        &self,
        name: &str,
        reply: Reply<T>,
        look: impl FnOnce(&Mailbox) -> Result<T, Refusal> + Send + 'static,
    ) {
        let Some(mailbox) = self.boxes.iter().find(|mailbox| mailbox.name == name).cloned() else {
            let refusal =
                Refusal::new(Why::NotThere, format!("there is no box `{name}`"), "choose one from the list");
            return drop(reply.send(Err(refusal)));
        };
        self.handle.spawn_blocking(move || drop(reply.send(look(&mailbox))));
    }

    /// A server may take its time: nobody who looks at the page waits for it.
    fn test(&self, trial: &Trial, reply: Reply<Tested>) {
        match self.testing(trial) {
            Ok(testing) => drop(self.handle.spawn(async move { drop(reply.send(testing.run().await)) })),
            Err(refusal) => drop(reply.send(Err(refusal))),
        }
    }

    fn testing(&self, trial: &Trial) -> Result<Testing, Refusal> {
        let path = self.names.get(&trial.id).cloned().ok_or_else(|| no_issue(&trial.id))?;
        Ok(Testing {
            global: self.opening.global.clone(),
            transport: self.opening.sink.clone().or_else(|| self.opening.transport.clone()),
            typed: self.opening.typed.clone().filter(|_| path == self.opening.path),
            who: self.who(trial.who.as_deref())?,
            to: testing::named(trial)?,
            path,
        })
    }

    fn workspace(&self) -> Workspace {
        let settings = &self.desk.settings;
        let current = self.index.iter().find(|entry| entry.path == self.opening.path);
        Workspace {
            name: settings.site.name.clone(),
            version: env!("CARGO_PKG_VERSION"),
            transport: self.transport(),
            preview_to: settings.preview_to.iter().map(ToString::to_string).collect(),
            issues: self.index.iter().map(|entry| entry.row.clone()).collect(),
            current: Some(
                current.map_or_else(|| self.id_of(&self.opening.path), |entry| entry.row.id.clone()),
            ),
            lone: self.is_lone(),
            boxes: self.boxes.iter().map(Mailbox::row).collect(),
        }
    }

    fn transport(&self) -> view::Transport {
        if self.opening.sink.is_some() {
            let words = "tests go into the sink of this preview, and no further".to_owned();
            return view::Transport { name: "sink".to_owned(), live: false, words };
        }
        let transport = &self.desk.settings.transport.transport;
        let words = match &transport.kind {
            TransportKind::Outbox(folder) => {
                format!("letters stay here, in {}, a Maildir", shown_path(folder).display())
            }
            TransportKind::Smtp(smtp) => format!("letters go to {}:{}", smtp.host, smtp.port),
            TransportKind::Http(http) => format!("letters go through {}", http.provider.title()),
        };
        view::Transport { name: transport.name.clone(), live: transport.realm() == Realm::Live, words }
    }

    /// The draft of an issue, by any id that it had in this session.
    fn draft(&mut self, id: &str) -> Result<PathBuf, Refusal> {
        let path = self.names.get(id).cloned().ok_or_else(|| no_issue(id))?;
        self.open(&path);
        Ok(path)
    }

    fn view(&mut self, shown: &Shown) -> Result<View, Refusal> {
        let who = self.who(shown.who.as_deref())?;
        let path = self.draft(&shown.id)?;
        let revision = self.revision;
        let draft = self.drafts.get(&path).ok_or_else(|| no_issue(&shown.id))?;
        let Some(made) = draft.good.clone() else { return Ok(self.unmade(&path, draft)) };
        let (seen, unread) = self.reader(&made, &who);
        let draft = self.drafts.get(&path).ok_or_else(|| no_issue(&shown.id))?;
        let around = Around {
            id: self.id_of(&path),
            settings: &self.desk.settings,
            visiting: &self.visiting,
            note: who.note(&seen).filter(|_| unread.is_none()),
            person: &seen.person,
            some: who::search(&made.readers, "", SOME).0,
            unread,
        };
        let mut view = seen::view(&made, draft, &around);
        view.revision = view.revision.max(if draft.waits.is_none() { 0 } else { revision });
        Ok(view)
    }

    /// An issue of which nothing could be made yet.
    fn unmade(&self, path: &Path, draft: &Draft) -> View {
        let text = self.desk.workspace.read_text(path);
        View {
            id: self.id_of(path),
            file: shown_path(path).display().to_string(),
            revision: draft.revision,
            error: draft.trouble.clone(),
            markdown: text.map(|source| source.text().to_owned()).unwrap_or_default(),
            ..View::default()
        }
    }

    /// Whom the page names, else whom the command line does.
    fn who(&self, named: Option<&str>) -> Result<Who, Refusal> {
        match (named, &self.opening.seen_as) {
            (None, Some(address)) => Ok(Who::Subscriber(address.clone())),
            (named, _) => Who::parse(named),
        }
    }

    /// Looked up once: the last of a million is found after all others.
    fn person(&mut self, made: &Made, who: &Who) -> Result<Seen, Unread> {
        let files = made.readers.iter().filter_map(|list| list.file.clone()).collect();
        match self.people.entry((files, who.clone())) {
            Entry::Occupied(known) => Ok(known.get().clone()),
            Entry::Vacant(place) => Ok(place.insert(who.find(&made.readers)?).clone()),
        }
    }

    /// The same, or somebody made up where a list cannot be read, with what is wrong with it.
    fn reader(&mut self, made: &Made, who: &Who) -> (Seen, Option<Trouble>) {
        match self.person(made, who) {
            Ok(seen) => (seen, None),
            Err(Unread { file, failure }) => {
                (who.made_up(), Some(trouble_in(&file.display().to_string(), &*failure.error)))
            }
        }
    }

    /// What was made of an issue last, and who is to see it.
    fn good(&mut self, shown: &Shown) -> Result<(Arc<Made>, Who), Refusal> {
        let who = self.who(shown.who.as_deref())?;
        let path = self.draft(&shown.id)?;
        let draft = self.drafts.get(&path).ok_or_else(|| no_issue(&shown.id))?;
        Ok((draft.good.clone().ok_or_else(|| unmade(draft))?, who))
    }

    fn html(&mut self, shown: &Shown) -> Result<String, Refusal> {
        let (made, who) = self.good(shown)?;
        let letter = letter(&made, &self.reader(&made, &who).0)?;
        Ok(in_browser(&letter.unfolded.html, &made.edition.attachments))
    }

    fn eml(&mut self, shown: &Shown) -> Result<Eml, Refusal> {
        let (made, who) = self.good(shown)?;
        let letter = letter(&made, &self.reader(&made, &who).0)?;
        Ok(Eml { name: format!("{}.eml", shown.id), bytes: letter.bytes })
    }

    /// Lists are read elsewhere: they may be long.
    fn people(&mut self, id: &str, text: String, reply: Reply<view::Some>) {
        match self.draft(id) {
            Ok(path) => {
                let made = self.drafts.get(&path).and_then(|draft| draft.good.clone());
                self.handle.spawn_blocking(move || drop(reply.send(found(made.as_deref(), &text))));
            }
            Err(refusal) => drop(reply.send(Err(refusal))),
        }
    }
}

/// The first of those whose address or name holds the text.
fn found(made: Option<&Made>, text: &str) -> Result<view::Some, Refusal> {
    match who::search(made.map_or(&[], |made| &made.readers), text, SOME) {
        (some, Some(unread)) if some.is_empty() => Err(refusal(&*unread.failure.error)),
        (some, _) => Ok(view::Some { some }),
    }
}

fn letter(made: &Made, seen: &Seen) -> Result<Letter, Refusal> {
    made.letter(&seen.person).map_err(|unfilled| refusal(&unfilled))
}

fn unmade(draft: &Draft) -> Refusal {
    let trouble = draft.trouble.as_ref();
    let error = trouble.map_or("it cannot be rendered", |trouble| trouble.message.as_str());
    let help = trouble.and_then(|trouble| trouble.help.clone());
    Refusal { why: Why::CannotBe, error: error.to_owned(), help }
}

fn no_issue(id: &str) -> Refusal {
    Refusal::new(Why::NotThere, format!("there is no issue `{id}`"), "choose one from the list of issues")
}
