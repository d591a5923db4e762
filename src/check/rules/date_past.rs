//! A time that has gone by.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::model::issue::SendAt;
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub struct DatePast;

const ABOUT: About = About {
    id: "date-past",
    what: "`send_at` is further in the past than `max_late`",
    why: "`run` holds an issue that is later than that, so it would never leave by itself.",
    source: "the meaning of `send_at` and `max_late`",
    fix: "write a time to come, or delete `send_at` and send by hand",
};

impl Rule for DatePast {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let Some(written) = &draft.facts.issue.front.send_at else { return };
        let finding = match moment(&written.value, &draft.facts.settings.site.timezone) {
            None => Finding::error(self.id(), format!("`{}` is no time", written.value)),
            Some(due) if is_too_late(due, draft) => {
                Finding::warning(self.id(), format!("`{}` has gone by: `run` holds it back", written.value))
            }
            Some(_) => return,
        };
        found.push(finding.at(draft.at(written)).help(ABOUT.fix));
    }
}

fn is_too_late(due: Timestamp, draft: &Draft<'_>) -> bool {
    draft.facts.now.duration_since(due).unsigned_abs() > draft.facts.settings.send.max_late
        && due < draft.facts.now
}

/// With an offset as it is; without one in the zone of the workspace.
fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    match SendAt::parse(text.trim())? {
        SendAt::Moment(moment) => Some(moment),
        SendAt::Local(local) => zone.to_timestamp(local).ok(),
    }
}
