//! An issue → what everybody may read of it.

use super::Chosen;
use crate::archive::Entry;
use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::compose::expression::is_own;
use crate::compose::html::escape;
use crate::compose::images::without_empty;
use crate::compose::masthead::Masthead;
use crate::compose::press::{Filled, Gap, MergeError, for_everybody};
use crate::compose::web_version::web_version;
use crate::compose::{self, page::Page};
use crate::model::finding::{Finding, Severity};
use crate::model::issue::Issue;
use crate::model::letter::Pieces;
use crate::model::subscriber::Fields;

/// Renders it and leaves nothing of a subscriber in it, and says what that changed.
pub fn entry(desk: &Desk, chosen: &Chosen) -> Result<(Entry, Vec<Finding>), Failure> {
    let issue = &chosen.issue;
    let dress = desk.dress_for_web(issue)?;
    let page = compose::page(issue, &dress.look())?;
    let mut found: Vec<Finding> =
        page.findings.iter().filter(|found| found.severity == Severity::Error).cloned().collect();
    let mut filling = Filling { fields: fields(desk, issue), page: &page, gaps: Vec::new(), asked: 0 };
    let within = |error: MergeError| error.within(&issue.source);
    let (title, heading) = filling.title(&page).map_err(within)?;
    let preheader = page.preheader.as_ref().map(|text| filling.plain(text)).transpose().map_err(within)?;
    let body = without_empty_addresses(&filling.html(&page.body).map_err(within)?);
    found.extend(filling.findings(issue));
    let (title, heading) = named(issue, title, heading, &mut found);
    let zone = &desk.settings.site.timezone;
    let sent = chosen.sent.as_ref().map(|sent| sent.first);
    let day = || sent.map(|sent| sent.to_zoned_datetime(zone.clone()).date());
    let entry = Entry {
        id: issue.id.clone(),
        masthead: Masthead { date: page.masthead.date.or_else(day), ..page.masthead },
        title,
        heading,
        preheader: preheader.filter(|text| !text.is_empty()),
        sent,
        body,
        elsewhere: issue.front.web_version.as_ref().map(|at| at.value.clone()),
        pictures: page.pictures,
        theme: page.theme,
    };
    Ok((entry, found))
}

/// What leads to a page has to say something: the id, where nothing is left of the title.
fn named(issue: &Issue, title: String, heading: String, found: &mut Vec<Finding>) -> (String, String) {
    if !title.is_empty() {
        return (title, heading);
    }
    let message =
        format!("without a subscriber's values the title is empty; the page is called `{}`", issue.id);
    let help = "give what it names a default, or `fields` in `[archive]` of courant.toml";
    found.push(Finding::warning("archive-field", message).at(issue.source.at(0..0)).help(help));
    (issue.id.0.clone(), escape(&issue.id.0))
}

/// What stands for everybody: what the settings say, and where the page is.
fn fields(desk: &Desk, issue: &Issue) -> Fields {
    let archive = &desk.settings.archive;
    let own = web_version(issue, archive.pattern().as_deref()).map(|url| ("web_version".to_owned(), url));
    own.into_iter().chain(archive.fields.clone()).collect()
}

/// Fills in for everybody, and counts what there was nothing for.
struct Filling<'a> {
    fields: Fields,
    page: &'a Page,
    gaps: Vec<Gap>,
    /// Statements that ask for values of a subscriber.
    asked: usize,
}

impl Filling<'_> {
    fn title(&mut self, page: &Page) -> Result<(String, String), MergeError> {
        let title = self.plain(&page.title)?;
        // The same holes again: once is enough to be told.
        let gaps = self.gaps.len();
        let heading = self.html(&page.heading)?;
        self.gaps.truncate(gaps);
        Ok((title, heading))
    }

    fn plain(&mut self, pieces: &Pieces) -> Result<String, MergeError> {
        let text = self.fill(pieces, false)?;
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn html(&mut self, pieces: &Pieces) -> Result<String, MergeError> {
        self.fill(pieces, true)
    }

    fn fill(&mut self, pieces: &Pieces, is_markup: bool) -> Result<String, MergeError> {
        let Filled { text, gaps, asked } = for_everybody(pieces, &self.page.roots, &self.fields, is_markup)?;
        self.gaps.extend(gaps);
        self.asked += asked.len();
        Ok(text)
    }

    fn findings(self, issue: &Issue) -> Vec<Finding> {
        let gap = |gap: &Gap| {
            let message = format!("the page has nothing in the place of `{{{{ {} }}}}`", gap.expression);
            let found = Finding::warning("archive-field", message).help(match gap.expression.trim() {
                name if name == "email" || is_own(name) => {
                    "that is a reader's own; put it between `::: mail` and `:::` to have it in letters only"
                        .to_owned()
                }
                field => format!(
                    "write a default, `{{{{ {field} | default(\"…\") }}}}`, or `fields` in `[archive]` of courant.toml"
                ),
            });
            if gap.span.is_empty() { found } else { found.at(issue.source.at(gap.span.clone())) }
        };
        let mut found: Vec<Finding> = self.gaps.iter().map(gap).collect();
        if self.asked > 0 {
            let message = format!(
                "{}: what depends on a subscriber is on the page as it is for one of whom nothing is known",
                issue.source.path().display()
            );
            let help = "`::: web` and `::: mail` keep parts for pages or for letters alone";
            found.push(Finding::info("archive-field", message).help(help));
        }
        found
    }
}

/// A link that leads nowhere keeps its words, and a picture from nowhere its description.
fn without_empty_addresses(html: &str) -> String {
    without_empty(&html.replace(" href=\"\"", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_nowhere_keeps_its_words() {
        let html = "<a href=\"\">Leave</a> <img alt=\"A &lt; b\" src=\"\"> <a href=\"/x\">y</a>";
        let kept = "<a>Leave</a> <span class=\"no-image\">A &lt; b</span> <a href=\"/x\">y</a>";
        assert_eq!(without_empty_addresses(html), kept);
    }
}
