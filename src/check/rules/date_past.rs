//! A time that has gone by.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct DatePast;

const ABOUT: About = About {
    id: "date-past",
    what: "`send_at` is in the past",
    why: "`run` holds an issue that is later than `max_late`, so it would never leave.",
    source: "the meaning of `send_at` and `max_late`",
    fix: "write a time to come, or delete `send_at` and send by hand",
};

impl Rule for DatePast {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Some(written) = &draft.facts.issue.front.send_at else { return };
        let message = match moment(&written.value, &draft.facts.settings.site.timezone) {
            None => format!("`{}` is no time", written.value),
            Some(due) if due < draft.facts.now => format!("`{}` has gone by", written.value),
            Some(_) => return,
        };
        found.push(Finding::error(self.id(), message).at(draft.at(written)).help(ABOUT.fix));
    }
}

/// With an offset as it is; without one in the zone of the workspace.
fn moment(text: &str, zone: &jiff::tz::TimeZone) -> Option<jiff::Timestamp> {
    let civil = || text.trim().parse::<jiff::civil::DateTime>().ok()?.to_zoned_datetime(zone.clone()).ok();
    text.trim().parse().ok().or_else(|| Some(civil()?.timestamp()))
}
