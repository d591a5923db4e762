//! `courant plan`: who gets it, who does not, and why. Changes nothing but the ledger's copy of the lists.

use crate::commands::desk::Desk;
use crate::commands::roll;
use crate::commands::sending::planning::{self, Basis};
use crate::commands::sending::ready::Ready;
use crate::commands::sending::resume;
use crate::commands::{Exit, Failure, Global};
use crate::ledger::Ledger;
use crate::ledger::rows::Without;
use crate::model::plan::Plan as Planned;
use crate::report::plan::{self as report, Frozen, Named, human, json};
use crate::report::status::Progress;

/// How many of those left out are named without `--all`.
const NAMED: usize = 20;

/// Show who gets an issue, who does not, and why
///
/// Reads the lists anew, renders the issue, and shows the audience, the domains, the time the pace needs, and
/// the size of the letter. Nothing is sent and nothing is frozen.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  courant plan 12               by the transport of the workspace\n  \
    courant plan 12 --all --json  everybody who gets no letter, for a script")]
pub struct Plan {
    /// A path, an id, or a number
    issue: String,
    /// Name everyone who gets no letter, not only the first twenty
    #[arg(long)]
    all: bool,
    /// Plan for this transport: a name or a URL
    #[arg(long, value_name = "URL")]
    transport: Option<String>,
}

impl Plan {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open_workspace(global, self.transport.as_deref())?;
        let ledger = roll::open_or_create(&desk)?;
        let issue = desk.issue(&self.issue)?;
        let ready = Ready::make(&desk, issue, Without::Nobody)?;
        roll::read(&desk, &ledger, &ready.lists, false)?;
        let (plan, left_out) = self.plan(&desk, &ledger, &ready)?;
        let frozen = frozen_before(&desk, &ledger, &ready)?;
        desk.answer(
            || {
                let below =
                    frozen.as_ref().map(|frozen| report::frozen(frozen, &desk.settings.site.timezone));
                (human(&plan, &left_out) + &below.unwrap_or_default()).trim_end().to_owned()
            },
            || json(&plan, &left_out, frozen.as_ref()),
        )?;
        Ok(Exit::Done)
    }

    fn plan(&self, desk: &Desk, ledger: &Ledger, ready: &Ready) -> Result<(Planned, Vec<Named>), Failure> {
        let mut left_out = Vec::new();
        let most = if self.all || desk.json() { usize::MAX } else { NAMED };
        let plan = planning::plan(&Basis::of(desk, ledger, ready, None), &mut |absent| {
            if left_out.len() < most {
                left_out.push(planning::named(absent, ready));
            }
        })?;
        Ok((plan, left_out))
    }
}

/// What `send` would go on with, if the issue was frozen already.
fn frozen_before(desk: &Desk, ledger: &Ledger, ready: &Ready) -> Result<Option<Frozen>, Failure> {
    let Some(row) = ledger.edition_of(&ready.issue.id, ready.realm())? else { return Ok(None) };
    let joined = resume::joined(ledger, &ready.selection)?;
    Ok(Some(Frozen { progress: Progress::read(ledger, row, desk.now())?, joined }))
}
