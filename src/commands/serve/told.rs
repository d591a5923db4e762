//! What whoever runs the server is told, and what is counted.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::commands::desk::say_always;
use crate::model::attempt::Outcome;
use crate::web::serve::{Counters, Listener, Note};

/// The listener of the server, and what it leads to.
pub struct Told {
    pub listener: Listener,
    pub counters: Arc<Counters>,
    /// Notified when somebody asked to subscribe: a mail is due.
    pub wake: Arc<Notify>,
}

impl Told {
    /// `is_verbose`: everything is said.
    pub fn new(is_verbose: bool) -> Told {
        let (counters, wake) = (Arc::new(Counters::default()), Arc::new(Notify::new()));
        let speaker = Speaker { is_verbose, last: Mutex::default(), said: Mutex::default() };
        let (count, rouse) = (Arc::clone(&counters), Arc::clone(&wake));
        let listener: Listener = Arc::new(move |note| {
            count.hear(&note);
            if matches!(note, Note::Asked) {
                rouse.notify_one();
            }
            speaker.hear(&note);
        });
        Told { listener, counters, wake }
    }
}

/// Says each trouble once in a row, and each kind of refusal and of loss once.
struct Speaker {
    is_verbose: bool,
    last: Mutex<Option<String>>,
    said: Mutex<BTreeSet<String>>,
}

impl Speaker {
    fn hear(&self, note: &Note<'_>) {
        match note {
            Note::Taken(provider, taken) => {
                self.deed(&format!("{}: {} new, {} known", provider.name(), taken.new, taken.known));
            }
            Note::Left => self.deed("a reader unsubscribed"),
            Note::Stayed => self.deed("a reader took it back"),
            Note::Chose => self.deed("a reader chose what they get"),
            Note::Asked => self.deed("somebody asked to subscribe"),
            Note::Joined => self.deed("somebody confirmed a subscription"),
            Note::Mailed(Outcome::Accepted(_)) if !self.is_verbose => {}
            Note::Mailed(outcome) => {
                say_always(&format!("- a mail that asks to confirm: {}", outcome.name()));
            }
            Note::Refused(provider, refused) => {
                self.once(&format!("refused: {}: {refused}", provider.name()))
            }
            Note::Stranger => say_always(
                "somebody unsubscribed whom this ledger does not know: nothing could be written down. \
                 If their row is in a file of subscribers/, take it out",
            ),
            Note::Lost(_) => self.once(
                "opens and clicks are lost: they cannot be written down as fast as they come \
                 (`courant_hits_lost_total` of /metrics says how many)",
            ),
            Note::Full(most) => self.once(&format!(
                "the form is shut while {most} mails that ask to confirm wait to leave: \
                 `courant_subscriptions_total` of /metrics says how many were turned away"
            )),
            Note::Trouble(why) => self.trouble(why),
        }
    }

    /// Something went well.
    fn deed(&self, words: &str) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if self.is_verbose {
            say_always(&format!("- {words}"));
        }
    }

    fn once(&self, words: &str) {
        let is_new = self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(words.to_owned());
        if is_new || self.is_verbose {
            say_always(words);
        }
    }

    fn trouble(&self, why: &str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_deref() != Some(why) {
            say_always(&format!(
                "trouble: {why}; who asked is told to come again, and what waits is tried again"
            ));
            *last = Some(why.to_owned());
        }
    }
}
