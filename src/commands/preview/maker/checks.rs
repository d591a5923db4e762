//! What is found in the texts and behind their links, while others look at the page.

use std::path::Path;
use std::sync::Arc;

use super::Maker;
use crate::check::leads;
use crate::commands::preview::checking::{Job, Links, Verdicts};
use crate::commands::preview::draft::Draft;
use crate::commands::preview::made::Made;
use crate::commands::preview::visiting::verdict;
use crate::links::Visit;
use crate::web::preview::Event;

impl Maker {
    /// Has a text checked; links that were visited before are known.
    pub(super) fn check(&mut self, path: &Path, made: Arc<Made>) {
        let leads = leads::leads(&made.rendered, None, &self.desk.settings.links);
        self.visiting.want_also(path, leads::wanted(&leads));
        let job = Job {
            path: path.to_owned(),
            desk: Arc::clone(&self.desk),
            links: self.links(path),
            made,
            met: None,
        };
        self.checker.check(job);
    }

    /// What fields make of links is known when everybody was merged.
    fn want_links(&mut self, path: &Path, made: &Made) {
        let found = self.drafts.get(path).and_then(Draft::findings);
        let met = found.and_then(|found| found.met.audience.made());
        let leads = leads::leads(&made.rendered, met, &self.desk.settings.links);
        self.visiting.want(path, leads::wanted(&leads));
    }

    fn links(&self, path: &Path) -> Links {
        match (self.visiting.is_on(), self.visiting.complete(path)) {
            (false, _) => Links::None("--offline"),
            (true, Some(visits)) => Links::Visited(visits),
            (true, None) => Links::None("the links are still being visited"),
        }
    }

    /// Takes in what was found in a text, unless there is a newer one.
    pub(super) fn checked(&mut self, path: &Path, found: Verdicts) {
        let Some(draft) = self.drafts.get_mut(path) else { return };
        let Some(made) = draft.good.clone().filter(|made| made.serial == found.serial) else { return };
        let knows_links = found.knows_links;
        draft.found = Some(found);
        self.want_links(path, &made);
        self.announce(path);
        if !knows_links && self.visiting.is_on() && self.visiting.complete(path).is_some() {
            self.check_links(path, made);
        }
    }

    /// Takes in a visit, and tells every issue with that link.
    pub(super) fn visited(&mut self, visit: Visit) {
        let (url, seen) = (visit.address.to_string(), verdict(&visit));
        for path in self.visiting.take(visit) {
            let Some(made) = self.drafts.get(&path).and_then(|draft| draft.good.clone()) else { continue };
            let id = self.id_of(&path);
            let (done, total) = self.visiting.progress(&path);
            self.tell(Event::Link { id: id.clone(), url: url.clone(), verdict: seen.clone() });
            self.tell(Event::Links { id, done, total });
            if done == total {
                self.check_links(&path, made);
            }
        }
    }

    /// The rules once more, with what became of the links; nobody is merged again.
    fn check_links(&mut self, path: &Path, made: Arc<Made>) {
        let found = self.drafts.get(path).and_then(Draft::findings);
        let Some(met) = found.map(|found| found.met.clone()) else { return };
        let job = Job {
            path: path.to_owned(),
            desk: Arc::clone(&self.desk),
            links: self.links(path),
            made,
            met: Some(met),
        };
        self.checker.check(job);
    }
}
