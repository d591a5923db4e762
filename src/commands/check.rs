//! `courant check`

use std::path::PathBuf;

use crate::check::{About, rules};
use crate::commands::desk::Desk;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::model::finding::{Severity, suggest};
use crate::report::check::{Report, human, json, junit, sarif};
use crate::report::findings;

mod fixing;
mod known;
mod looking;

use fixing::Fixed;

/// So often `--fix` looks again.
const ROUNDS: usize = 20;

/// Find what is wrong with an issue before anybody gets it
///
/// Renders the issue, merges it for every subscriber of its lists, visits its links and runs all rules.
/// Each finding says where it is and what to do. Needs no ledger.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit code: 0 fit to send, 1 it could not be checked, 2 findings (see --fail-on).\n\n\
    Examples:\n  courant check                        all issues that were not sent\n  \
    courant check 12 --offline           without visiting links\n  \
    courant check --explain link-dead    why a rule exists and what to do\n  \
    courant check 12 --fix               mend what has only one remedy\n  \
    courant check --format sarif         for the annotations of a pull request"
)]
pub struct Check {
    /// A path, an id or a number; `-` reads standard input. Without it: all issues that were not sent
    issue: Option<String>,
    /// Do not visit links
    #[arg(long)]
    offline: bool,
    /// Look at every link again, also at those that were looked at lately
    #[arg(long, conflicts_with = "offline")]
    fresh: bool,
    /// Look for copies of dead pages in the web archive, which is told their addresses
    #[arg(long, conflicts_with = "offline")]
    snapshots: bool,
    /// From which severity on the exit code is 2
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    fail_on: FailOn,
    /// How findings are written
    #[arg(long, value_name = "FORMAT")]
    format: Option<Form>,
    /// Write what every author would write into the files, and check again
    #[arg(long)]
    fix: bool,
    /// Leave out what this file knows already; `[check] baseline` names it, too
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    baseline: Option<PathBuf>,
    /// Write all findings into this file, as known
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// Say why a rule exists and how to satisfy it; `all` lists the rules
    #[arg(long, value_name = "RULE", conflicts_with = "issue")]
    explain: Option<String>,
    /// Check for this transport: a name of courant.toml or a URL
    #[arg(long, value_name = "TRANSPORT")]
    transport: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Human,
    Json,
    /// For CI servers: one suite for each issue, one case for each rule
    Junit,
    /// For code hosts, which show findings beside the lines of a change
    Sarif,
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Never => None,
        }
    }
}

impl Check {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        if let Some(rule) = &self.explain {
            return explain(rule, &Desk::open(global)?);
        }
        let mut desk = Desk::open_with(global, self.transport.as_deref())?;
        desk.settings.links.snapshots |= self.snapshots;
        let mut reports = match self.fix {
            true => self.look_and_mend(&desk).await?,
            false => self.look(&desk).await?,
        };
        self.compare(&desk, &mut reports)?;
        self.tell(&desk, &reports)?;
        let fails = reports.iter().any(|report| report.fails(self.fail_on.severity()));
        Ok(if fails { Exit::Findings } else { Exit::Done })
    }

    /// A change may bring the next finding to light, such as the second of its kind.
    async fn look_and_mend(&self, desk: &Desk) -> Result<Vec<Report>, Failure> {
        let mut fixed = Fixed::default();
        let mut reports = self.look(desk).await?;
        for _ in 0..ROUNDS {
            if !fixed.add(&reports)? {
                break;
            }
            reports = self.look(desk).await?;
        }
        fixed.tell(&mut reports);
        Ok(reports)
    }

    fn compare(&self, desk: &Desk, reports: &mut [Report]) -> Result<(), Failure> {
        match &self.write_baseline {
            Some(path) => known::write(desk, path, reports),
            None => known::leave_out(desk, self.baseline.as_deref(), reports),
        }
    }

    fn tell(&self, desk: &Desk, reports: &[Report]) -> Result<(), Failure> {
        let form = self.format.unwrap_or(if desk.json() { Form::Json } else { Form::Human });
        match form {
            Form::Human => desk.print(human::human(reports, desk.colour)),
            Form::Json => desk.print(json::json(reports).to_string()),
            Form::Junit => desk.print(junit::junit(reports, self.fail_on.severity())),
            Form::Sarif => desk.print(format!(
                "{:#}",
                sarif::sarif(reports, &|path| desk.workspace.name_in_repository(path))
            )),
        }
    }
}

fn explain(rule: &str, desk: &Desk) -> Result<Exit, Failure> {
    let abouts: Vec<&About> = match rule {
        "all" => rules::abouts().collect(),
        rule => vec![rules::find(rule).ok_or_else(|| no_rule(rule))?],
    };
    desk.print(match (desk.json(), abouts.as_slice()) {
        (true, abouts) => findings::abouts_json(abouts).to_string(),
        (false, [about]) => findings::explain(about),
        (false, abouts) => findings::list(abouts.iter().copied()),
    })?;
    Ok(Exit::Done)
}

fn no_rule(rule: &str) -> Plain {
    let near = suggest(rule, rules::abouts().map(|about| about.id));
    let help = near.map_or("`courant check --explain all` lists the rules".to_owned(), |near| {
        format!("did you mean `{near}`?")
    });
    Plain { message: format!("there is no rule `{rule}`"), help: Some(help) }
}
