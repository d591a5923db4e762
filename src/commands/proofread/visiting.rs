//! The links of an issue, visited: with what earlier runs remember, and a bar that shows how far it is.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use url::Url;

use super::Wish;
use crate::check::leads::{self, Lead};
use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::ledger::Ledger;
use crate::links::cache::Cache;
use crate::links::verdict::judge;
use crate::links::{Behalf, Engine, Memory, Survey, Visit};
use crate::report::words::{counted, duration};

/// What earlier runs remember of links, and how far it is believed.
#[derive(Clone, Copy, Default)]
pub struct Looks<'a> {
    pub memory: Option<&'a dyn Memory>,
    /// How old a good verdict may be; zero looks at everything again.
    pub believed: Duration,
}

/// Where visits are kept: in the ledger, or in `.courant/cache` of a workspace without one. A lone file's folder
/// is nobody's place to keep anything.
pub fn memory_of(desk: &Desk, ledger: Option<&Ledger>) -> Option<Box<dyn Memory>> {
    match (ledger, &desk.settings.root) {
        (Some(ledger), _) => Some(Box::new(ledger.clone())),
        (None, Some(root)) => Some(Box::new(Cache::within(root.join(".courant/cache")))),
        (None, None) => None,
    }
}

/// An engine that says for whom it comes.
pub fn engine(desk: &Desk) -> Result<Engine, Failure> {
    let settings = &desk.settings;
    let behalf = Behalf {
        site: settings.site.base_url.clone(),
        mail: settings.from.as_ref().map(|from| from.address.to_string()),
    };
    Ok(Engine::new(&settings.links, &behalf)?)
}

/// Visits everything that the letter leads to and shows; `None` if nobody wants that.
pub async fn visit(
    desk: &Desk,
    leads: &[Lead<'_>],
    wish: &Wish<'_>,
) -> Result<Option<BTreeMap<Url, Visit>>, Failure> {
    if wish.no_links.is_some() {
        return Ok(None);
    }
    let wanted = leads::wanted(leads);
    if wanted.is_empty() {
        return Ok(Some(BTreeMap::new()));
    }
    desk.detail(format!("visiting {}", counted(wanted.len() as u64, "link", "links")));
    let engine = engine(desk)?;
    let survey = survey(desk, &engine, wish.looks);
    let bar = progress(desk, wanted.len());
    let visits = survey.visit_all(wanted, |visit| {
        bar.inc(1);
        tell_age(desk, visit);
    });
    let visits = visits.await;
    bar.finish_and_clear();
    Ok(Some(visits))
}

/// With what is remembered as far as `looks` believe it.
pub fn survey<'a>(desk: &Desk, engine: &'a Engine, looks: Looks<'a>) -> Survey<'a> {
    let links = &desk.settings.links;
    let kept = if links.cache.is_zero() { Duration::ZERO } else { links.cache.max(links.recheck) };
    Survey { engine, memory: looks.memory, believed: looks.believed, kept, snapshots: links.snapshots }
}

fn tell_age(desk: &Desk, visit: &Visit) {
    if let Some(age) = visit.age(desk.now()) {
        let verdict = judge(visit);
        desk.detail(format!("{} was {} {} ago", visit.address, verdict.name(), duration(age)));
    }
}

/// Shown only on a terminal: indicatif hides it elsewhere.
fn progress(desk: &Desk, length: usize) -> ProgressBar {
    if desk.quiet || desk.json() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("links {pos}/{len} {wide_bar} {elapsed}");
    ProgressBar::new(length as u64).with_style(style.expect("the template is one of indicatif's"))
}
