//! The button that sends a test: what `courant test` does, asked for by the page.

use std::path::PathBuf;

use super::trouble::refusal;
use super::who::Who;
use crate::commands::desk::Desk;
use crate::commands::sending::ready::Ready;
use crate::commands::{Exit, Failure, Global, test};
use crate::compose::front_matter::parse_issue;
use crate::ledger::rows::Without;
use crate::model::address::Address;
use crate::model::issue::Issue;
use crate::web::preview::view::Tested;
use crate::web::preview::{Refusal, Trial, Why};

/// Everything that a test needs, so that it goes its own way while others look at the page.
pub struct Testing {
    pub global: Global,
    pub transport: Option<String>,
    pub path: PathBuf,
    /// From standard input.
    pub typed: Option<Issue>,
    pub who: Who,
    /// Instead of `preview_to`.
    pub to: Vec<Address>,
}

/// Whom a test goes to, if the page says so.
pub fn named(trial: &Trial) -> Result<Vec<Address>, Refusal> {
    let named = trial.to.as_deref().map(str::trim).filter(|to| !to.is_empty());
    let addresses = named.map(Address::parse).transpose();
    let wrong = |error: crate::model::address::AddressError| {
        Refusal::new(Why::Wrong, error.to_string(), "write the whole address, as in ada@example.org")
    };
    addresses.map(|address| address.into_iter().collect()).map_err(wrong)
}

impl Testing {
    /// Sends the proof to everybody who is to have it, and says what became of it.
    pub async fn run(self) -> Result<Tested, Refusal> {
        self.send().await.map_err(|failure| refusal(&*failure.error))
    }

    async fn send(self) -> Result<Tested, Failure> {
        let desk = Desk::read(&self.global, self.transport.as_deref())?;
        let ledger = test::ledger(&desk)?;
        let issue = match self.typed {
            Some(issue) => issue,
            None => parse_issue(desk.workspace.read_text(&self.path)?)?,
        };
        let ready = Ready::make(&desk, issue, Without::Nobody)?;
        let person = self.who.find(&ready.lists)?.person;
        let mut tested = Tested { outcome: String::new(), words: String::new(), ok: true };
        for to in test::recipients(&desk, &self.to)? {
            let outcome = test::send(&desk, &ledger, &ready, &person, &to).await?;
            let (words, exit) = test::words(&desk, &to, &outcome);
            if tested.ok {
                outcome.name().clone_into(&mut tested.outcome);
            }
            tested.ok &= exit == Exit::Done;
            tested.words = if tested.words.is_empty() { words } else { tested.words + "\n" + &words };
        }
        Ok(tested)
    }
}
