//! Sends the mails that ask to confirm a subscription, one after the other.
//!
//! A request is on disk before its mail leaves, and the mail is written down as leaving before the first byte of its body
//! does; its envelope may travel before. So a crash loses no request, and sends no mail twice: one of which nobody knows
//! whether it arrived is not sent again, and one that had only knocked at the server is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::mail::Mails;
use crate::dispatch::alone::open;
use crate::ledger::consent::{DueRequest, Limits};
use crate::ledger::recorded::Recorded;
use crate::ledger::{Ledger, LedgerError};
use crate::model::attempt::{Accepted, Broken, Phase};
use crate::policy::judge::judge;
use crate::transport::{Envelope, Session, Transport};
use crate::web::serve::books::{Books, Open, Opened};
use crate::web::serve::{Listener, Note};

/// Mails of an hour: far more than come where nobody plays with the form.
const LIMITS: Limits = Limits { in_all: 600, to_a_domain: 300 };
/// How long a mail that is due may lie, at most, if nobody wakes the postman.
const ROUND: Duration = Duration::from_secs(5);
/// How often it is looked for what nobody confirmed.
const SWEEP: Duration = Duration::from_secs(3600);
/// A server takes the envelope within this time, or the mail is tried again later: others wait behind it.
const KNOCKING: Duration = Duration::from_secs(60);
/// What is under way may take so long once the server ends.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Whoever sends them.
pub struct Postman {
    pub mails: Mails,
    /// The name of the transport that they leave by.
    pub transport: String,
    pub listener: Listener,
    /// Told when a request has come.
    pub wake: Arc<Notify>,
}

impl Postman {
    /// Works until `end` says so; the mail under way has a few seconds more. It blocks its thread while it uses the ledger.
    pub async fn work(self, open: Open, transport: &impl Transport, mut end: watch::Receiver<bool>) {
        let mut books: Books = Books::new(open, Arc::clone(&self.listener));
        let mut swept: Option<Instant> = None;
        loop {
            tokio::select! {
                _ = end.wait_for(|end| *end) => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(ROUND) => {}
            }
            let Some((opened, ())) = books.ready_if_begun() else { continue };
            let is_long_ago = swept.is_none_or(|swept| swept.elapsed() >= SWEEP);
            let round = Round { postman: &self, opened, transport, end: &end };
            match round.walk(is_long_ago).await {
                Ok(()) if is_long_ago => swept = Some(Instant::now()),
                Ok(()) => {}
                Err(error) => (self.listener)(Note::Trouble(&error.to_string())),
            }
        }
    }
}

/// One walk through all that is due.
struct Round<'a, T> {
    postman: &'a Postman,
    opened: &'a Opened,
    transport: &'a T,
    end: &'a watch::Receiver<bool>,
}

impl<T: Transport> Round<'_, T> {
    /// What nobody confirmed in time is forgotten, where it is time to look.
    async fn walk(&self, sweeps: bool) -> Result<(), LedgerError> {
        if sweeps {
            self.ledger().forget_requests(Timestamp::now())?;
        }
        while !*self.end.borrow() {
            let Some(request) = self.ledger().next_request(Timestamp::now())? else { return Ok(()) };
            if self.ledger().admit_request(&request, &LIMITS, Timestamp::now())? {
                self.send(&request).await?;
            }
        }
        Ok(())
    }

    fn ledger(&self) -> &Ledger {
        &self.opened.ledger
    }

    /// A mail whose server is not reached before the end stays due, as if nobody had tried.
    async fn send(&self, request: &DueRequest) -> Result<(), LedgerError> {
        let Some((envelope, bytes)) = self.postman.mails.letter(&self.opened.secret, request) else {
            let broken = || Err(Broken::cut(Phase::Connect, "the mail cannot be made"));
            return self.begun(request)?.map_or(Ok(()), |recorded| self.ended(request, recorded, broken()));
        };
        let knocked = tokio::select! {
            knocked = knock(self.transport, &envelope) => knocked,
            () = last_words(self.end) => return Ok(()),
        };
        match (self.begun(request), knocked) {
            (Ok(Some(recorded)), Ok(session)) => {
                let answer = self.handed_over(session, &recorded, &bytes).await;
                self.ended(request, recorded, answer)
            }
            (Ok(Some(recorded)), Err(broken)) => self.ended(request, recorded, Err(broken)),
            // Nothing leaves now: whoever waits for it is told goodbye.
            (other, knocked) => {
                if let Ok(session) = knocked {
                    session.close().await;
                }
                other.map(|_| ())
            }
        }
    }

    async fn handed_over(
        &self,
        mut session: T::Session,
        recorded: &Recorded,
        bytes: &[u8],
    ) -> Result<Accepted, Broken> {
        let answer = tokio::select! {
            told = session.body(recorded, bytes, None) => told.letter,
            () = last_words(self.end) => {
                Err(Broken::cut(Phase::Answer, "the server was ended before the answer came"))
            }
        };
        session.close().await;
        answer
    }

    /// Writes down that the mail leaves; `None` where it does not leave now.
    fn begun(&self, request: &DueRequest) -> Result<Option<Recorded>, LedgerError> {
        let transport = &self.postman.transport;
        let begun = self.ledger().begin_request(request, transport, &LIMITS, Timestamp::now())?;
        Ok(begun.ok())
    }

    /// Writes down what became of it.
    fn ended(
        &self,
        request: &DueRequest,
        recorded: Recorded,
        answer: Result<Accepted, Broken>,
    ) -> Result<(), LedgerError> {
        let outcome = judge(answer);
        self.ledger().settle_request(request, recorded, &outcome, Timestamp::now())?;
        (self.postman.listener)(Note::Mailed(&outcome));
        Ok(())
    }
}

/// A session of a server that has taken the envelope.
async fn knock<T: Transport>(transport: &T, envelope: &Envelope) -> Result<T::Session, Broken> {
    let silent = |_| Err(Broken::cut(Phase::Connect, "no answer within a minute"));
    tokio::time::timeout(KNOCKING, open(transport, envelope)).await.unwrap_or_else(silent)
}

/// Returns some seconds after the end.
async fn last_words(end: &watch::Receiver<bool>) {
    drop(end.clone().wait_for(|end| *end).await);
    tokio::time::sleep(LAST_WORDS).await;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::ledger::consent::{Request, Terms};
    use crate::model::address::{Address, Mailbox};
    use crate::model::subscriber::ListId;
    use crate::token::Secret;
    use crate::transport::Carried;
    use crate::web::serve::dress::tests::dress;
    use crate::web::serve::join::From;

    /// A server that takes every envelope, and behind which the request is forgotten meanwhile.
    struct Slow {
        ledger: Ledger,
        open: Arc<AtomicUsize>,
    }

    struct Line(Arc<AtomicUsize>);

    impl Transport for Slow {
        type Session = Line;

        async fn connect(&self) -> Result<Line, Broken> {
            self.ledger.forget_requests(Timestamp::MAX).unwrap();
            self.open.fetch_add(1, Ordering::Relaxed);
            Ok(Line(Arc::clone(&self.open)))
        }

        fn is_idempotent(&self) -> bool {
            false
        }
    }

    impl Session for Line {
        async fn open(&mut self, _: &Envelope) -> Result<(), Broken> {
            Ok(())
        }

        async fn body(&mut self, _: &Recorded, _: &[u8], _: Option<&Envelope>) -> Carried {
            panic!("a mail that was forgotten leaves")
        }

        fn is_usable(&self) -> bool {
            true
        }

        async fn close(self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn asked(ledger: &Ledger) {
        let (lists, address) =
            (vec![ListId("weekly".to_owned())], Address::parse("ada@example.org").unwrap());
        let text = |text: &str| text.to_owned();
        let terms = Terms { form: text("form 1"), words: text("yes"), lang: text("en"), from: text("::1") };
        ledger.ask(&Request { address, lists, terms }, &"ab".repeat(10), Timestamp::now()).unwrap();
    }

    fn postman() -> Postman {
        let mailbox = Mailbox { name: None, address: Address::parse("us@example.org").unwrap() };
        let from = From { mailbox, reply_to: None, signers: Vec::new() };
        let mails = Mails {
            dress: Arc::new(dress("Weekly", "en")),
            base_url: "https://weekly.example".to_owned(),
            from: BTreeMap::from([(ListId("weekly".to_owned()), from)]),
        };
        let (listener, wake): (Listener, _) = (Arc::new(|_| {}), Arc::default());
        Postman { mails, transport: "smtp".to_owned(), listener, wake }
    }

    #[tokio::test]
    async fn a_server_that_waits_for_a_mail_which_does_not_leave_is_told_goodbye() {
        let opened = Opened { ledger: Ledger::in_memory().unwrap(), secret: Secret::random().unwrap() };
        asked(&opened.ledger);
        let transport = Slow { ledger: opened.ledger.clone(), open: Arc::default() };
        let (postman, (_, end)) = (postman(), watch::channel(false));
        let round = Round { postman: &postman, opened: &opened, transport: &transport, end: &end };
        let request = opened.ledger.next_request(Timestamp::now()).unwrap().expect("a mail is due");
        round.send(&request).await.unwrap();
        assert_eq!(transport.open.load(Ordering::Relaxed), 0);
    }
}
