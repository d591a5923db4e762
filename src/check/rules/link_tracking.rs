//! Traces of somebody's click in an address.

use url::Url;

use crate::check::addresses::is_same_site;
use crate::check::{About, Draft, Rule};
use crate::links::target;
use crate::model::finding::Finding;
use crate::model::source::Span;

pub struct LinkTracking;

const ABOUT: About = About {
    id: "link-tracking",
    what: "a link carries parameters by which others follow clicks: `fbclid`, `gclid`, `mc_eid`, or `utm_` of another newsletter",
    why: "A click id or a subscriber's id is that of whoever copied the address: every reader would be counted as them.",
    source: "parameters that browsers strip (Firefox, Brave, Safari)",
    fix: "delete the parameter: the page is the same without; `courant check --fix` does it for the ids of persons",
};

/// Ids of one click or one person: of no use to anybody but whoever made them.
const PERSONAL: &[&str] = &[
    "fbclid",
    "gclid",
    "dclid",
    "gbraid",
    "wbraid",
    "gclsrc",
    "msclkid",
    "twclid",
    "ttclid",
    "yclid",
    "ysclid",
    "li_fat_id",
    "igshid",
    "igsh",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "__hssc",
    "__hstc",
    "__hsfp",
    "hsctatracking",
    "mkt_tok",
    "vero_id",
    "oly_enc_id",
    "oly_anon_id",
    "rb_clickid",
    "ml_subscriber",
    "ml_subscriber_hash",
    "wickedid",
    "epik",
    "srsltid",
    "__s",
    "_bta_tid",
    "_bta_c",
    "trk_contact",
    "trk_msg",
    "trk_sid",
    "bsft_clkid",
    "bsft_uid",
    "cvid",
    "_openstat",
    "s_kwcid",
    "ef_id",
    "dm_i",
    "sb_referer_host",
    "ck_subscriber_id",
    "__twitter_impression",
    "guccounter",
];

/// What the sender of another letter counts by.
const OF_CAMPAIGNS: &[&str] =
    &["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "mc_cid"];

impl Rule for LinkTracking {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            let written = target::words(&link.link.target);
            let Some(span) = &link.link.span else { continue };
            let personal = parameters(&written, PERSONAL);
            for parameter in &personal {
                found.push(personal_id(draft, span, parameter, &personal));
            }
            if personal.is_empty() && !is_own(draft, &written) {
                found.extend(parameters(&written, OF_CAMPAIGNS).first().map(|parameter| {
                    let message = format!("`{parameter}` counts the clicks of another campaign");
                    Finding::info(self.id(), message).at(place(draft, span, parameter)).help(ABOUT.fix)
                }));
            }
        }
    }
}

fn personal_id(draft: &Draft<'_>, span: &Span, parameter: &str, all: &[&str]) -> Finding {
    let name = parameter.split('=').next().unwrap_or_default();
    let message = format!("`{name}` names a single click or person: every reader would be counted as them");
    let place = place(draft, span, parameter);
    let finding = Finding::warning(ABOUT.id, message).help(ABOUT.fix);
    // Parameters side by side would be cut twice: the first change takes them all.
    match all.first() == Some(&parameter) {
        true => without(draft, span, all).into_iter().fold(finding.at(place), |finding, (at, text)| {
            finding.fix(draft.facts.issue.source.at(at), text)
        }),
        false => finding.at(place),
    }
}

/// Whether it is a page of this newsletter, whose author may count as they like.
fn is_own(draft: &Draft<'_>, written: &str) -> bool {
    let Some(host) = Url::parse(written).ok().and_then(|url| url.host_str().map(str::to_owned)) else {
        return true;
    };
    let base = draft.facts.settings.site.base_url.as_deref().and_then(|base| Url::parse(base).ok());
    let own = base.and_then(|base| base.host_str().map(str::to_owned));
    let sender = draft.facts.edition.from.address.domain().to_string();
    own.into_iter().chain([sender]).any(|own| is_same_site(&own, &host))
}

/// The parameters with one of these names, as they are written: `fbclid=abc`.
fn parameters<'a>(written: &'a str, names: &[&str]) -> Vec<&'a str> {
    let Some((_, query)) = written.split_once('?') else { return Vec::new() };
    let query = query.split('#').next().unwrap_or_default();
    let name = |parameter: &str| parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
    query.split('&').filter(|parameter| names.contains(&name(parameter).as_str())).collect()
}

fn place(draft: &Draft<'_>, span: &Span, parameter: &str) -> crate::model::source::Place {
    let source = &draft.facts.issue.source;
    let at = source.text()[span.clone()].find(parameter).map(|at| span.start + at);
    source.at(at.map_or(span.clone(), |at| at..at + parameter.len()))
}

/// The query of the link as it is written, and what is left of it without `parameters`. `None` where the file has
/// it in another form, such as with `&amp;`.
fn without(draft: &Draft<'_>, span: &Span, parameters: &[&str]) -> Option<(Span, String)> {
    let text = &draft.facts.issue.source.text()[span.clone()];
    let first = text.find(parameters.first()?)?;
    let start = text[..first].rfind('?')?;
    let end = text[start..]
        .find(|c: char| c.is_whitespace() || "#)>\"'".contains(c))
        .map_or(text.len(), |at| start + at);
    let kept: Vec<&str> = text[start + 1..end].split('&').filter(|part| !parameters.contains(part)).collect();
    let is_plain = !text[start..end].contains("&amp;")
        && text.matches(parameters[0]).count() == 1
        && first + parameters[0].len() <= end;
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    is_plain.then_some((span.start + start..span.start + end, query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_by_their_names() {
        let url = "https://a.example/x?a=1&FBCLID=2&utm_source=b#utm_medium=c";
        assert_eq!(parameters(url, PERSONAL), ["FBCLID=2"]);
        assert_eq!(parameters(url, OF_CAMPAIGNS), ["utm_source=b"]);
        assert_eq!(parameters("https://a.example/gclid", PERSONAL), [""; 0]);
    }
}
