//! What the provider's own search says.

use jiff::SignedDuration;

use super::doubt::{Doubt, Doubts};
use super::evidence::{Basis, Evidence, Word};
use crate::commands::desk::Desk;
use crate::commands::sending::secret;
use crate::commands::{Failure, Plain};
use crate::ledger::Ledger;
use crate::model::attempt::Broken;
use crate::model::event::{Fate, Said};
use crate::report::words::counted;
use crate::settings::http::HttpSettings;
use crate::settings::transport::TransportKind;
use crate::token::Secret;
use crate::transport::http::account::Account;
use crate::transport::http::search::{self, Seen, Wanted};

/// A search may lag behind what the provider took by so much.
const LAG: SignedDuration = SignedDuration::from_mins(30);
/// So many letters that it took around that time have to be in the search before one that is not has not arrived.
const NEIGHBOURS: usize = 3;

/// Asks for each letter that went by the transport of the settings; how many were found.
pub async fn consult(
    desk: &Desk,
    ledger: &Ledger,
    doubts: &Doubts,
    evidence: &mut Evidence,
) -> Result<Vec<String>, Failure> {
    let asker = Asker::open(desk, ledger)?;
    let mut found = 0;
    for doubt in &doubts.all {
        let delivery = doubt.story.delivery;
        match asker.word(doubt).await? {
            Ok(word) => {
                found += u64::from(word.basis == Basis::Record);
                evidence.say(delivery, word);
            }
            Err(why) => evidence.explain(delivery, why),
        }
    }
    Ok(vec![format!("the search of {}: {} found", asker.title(), counted(found, "letter", "letters"))])
}

struct Asker<'a> {
    desk: &'a Desk,
    ledger: &'a Ledger,
    account: Account,
    secret: Secret,
}

impl<'a> Asker<'a> {
    fn open(desk: &'a Desk, ledger: &'a Ledger) -> Result<Asker<'a>, Failure> {
        let http = provider(desk)?;
        let account = Account::new(http).map_err(|broken| unanswered(http, &broken))?;
        Ok(Asker { desk, ledger, account, secret: secret::of_letters(desk, ledger)? })
    }

    fn title(&self) -> &'static str {
        self.account.settings.provider.title()
    }

    /// What is known of the letter, or why nothing is.
    async fn word(&self, doubt: &Doubt) -> Result<Result<Word, String>, Failure> {
        let own = &self.desk.settings.transport.transport.name;
        if doubt.transport() != own {
            return Ok(Err(format!("it went by {}: name that with --transport", doubt.transport())));
        }
        let Some(wanted) = self.wanted(doubt) else {
            return Ok(Err("when it was tried is not known".to_owned()));
        };
        Ok(match self.find(&wanted).await? {
            Some(seen) => Ok(self.record(seen)),
            None => self.absence(doubt, &wanted).await?,
        })
    }

    fn wanted(&self, doubt: &Doubt) -> Option<Wanted> {
        let (begun, ended) = doubt.span()?;
        let token = self.secret.delivery_token(doubt.story.delivery.0);
        Some(Wanted { token, recipient: doubt.story.address.wire(), begun, ended })
    }

    async fn find(&self, wanted: &Wanted) -> Result<Option<Seen>, Failure> {
        let found = search::find(&self.account, wanted).await;
        Ok(found.map_err(|broken| unanswered(&self.account.settings, &broken))?)
    }

    fn record(&self, seen: Seen) -> Word {
        let source = format!("search of {}", self.title());
        let said = Said { code: None, enhanced: None, text: seen.words };
        Word { fate: seen.fate, basis: Basis::Record, source, said }
    }

    /// The proof that a letter did not arrive because the search does not know it, or why there is none.
    async fn absence(&self, doubt: &Doubt, wanted: &Wanted) -> Result<Result<Word, String>, Failure> {
        let title = self.title();
        if self.desk.now().duration_since(wanted.ended) < LAG {
            return Ok(Err(format!("{title} does not know it yet: ask again in half an hour")));
        }
        let near = self.ledger.accepted_near(doubt.edition, doubt.transport(), wanted.begun, NEIGHBOURS)?;
        for neighbour in &near {
            let token = self.secret.delivery_token(neighbour.delivery.0);
            let begun = neighbour.begun_at.unwrap_or(wanted.begun);
            let other = Wanted { token, recipient: neighbour.address.wire(), begun, ended: begun };
            if self.find(&other).await?.is_none() {
                return Ok(Err(format!(
                    "{title} does not find it, nor others that it took: its search has gaps"
                )));
            }
        }
        if near.is_empty() {
            return Ok(Err(format!("{title} does not find it, and no letter near it was taken to compare")));
        }
        let source = format!("nowhere in the search of {title}");
        Ok(Ok(Word { fate: Fate::NotArrived, basis: Basis::Absence, source, said: Said::default() }))
    }
}

fn provider(desk: &Desk) -> Result<&HttpSettings, Plain> {
    let transport = &desk.settings.transport.transport;
    let help = "look into its log with --log, or settle by hand: --arrived, --not-arrived";
    match &transport.kind {
        TransportKind::Http(http) if search::is_there(http.provider) => Ok(http),
        TransportKind::Http(http) => {
            Err(Plain::new(format!("{} has no search for letters", http.provider.title()), help))
        }
        TransportKind::Outbox(_) | TransportKind::Smtp(_) => Err(Plain::new(
            format!("the transport `{}` is no provider that could be asked", transport.name),
            help,
        )),
    }
}

fn unanswered(http: &HttpSettings, broken: &Broken) -> Plain {
    Plain::new(
        format!("the search of {} does not answer: {broken}", http.provider.title()),
        "some plans and keys have no search; nothing was changed",
    )
}
