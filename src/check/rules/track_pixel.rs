//! A picture that reports who reads.

use url::Url;

use crate::check::markup::Element;
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct TrackPixel;

const ABOUT: About = About {
    id: "track-pixel",
    what: "an image of the web is one pixel large, or comes from a host that counts who opens letters",
    why: "It tells a third party who reads and where; in Europe that needs consent, and Apple Mail and Gmail load it for everybody.",
    source: "Directive 2002/58/EC Art. 5(3); EDPB Guidelines 2/2023",
    fix: "take it out; if your readers have agreed to it, say so: `track-pixel = \"off\"` in `[check.rules]`",
};

/// Hosts, and what their addresses begin with, that other tools count opened letters by.
const COUNTERS: &[&str] = &[
    "list-manage.com/track/open",
    "mailtrack.io/trace",
    "mltrk.io",
    "t.yesware.com",
    "track.hubspot.com",
    "open.convertkit-mail.com",
    "open.convertkit-mail2.com",
    "pixel.mailchimp.com",
    "e.customeriomail.com/e/o",
    "sendgrid.net/wf/open",
    "mandrillapp.com/track/open",
    "google-analytics.com/collect",
    "google-analytics.com/g/collect",
    "bat.bing.com",
    "facebook.com/tr",
    "mixpanel.com/track",
    "api.mixpanel.com/track",
    "getnotify.com",
    "superhuman.com/~/pixel",
    "mailfoogae.appspot.com",
    "tracking.tldrnewsletter.com/open",
    "substack.com/o/",
    "email.mg.substack.com/o/",
];

impl Rule for TrackPixel {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for (_, image) in draft.page.markup.named("img") {
            let src = image.attribute("src").unwrap_or_default();
            let Ok(url) = Url::parse(src) else { continue };
            let why = match () {
                () if !matches!(url.scheme(), "http" | "https") => continue,
                () if is_dot(image) => "is one pixel large: it is there to report who reads",
                () if is_counter(&url) => "comes from a host that counts who opens letters",
                () => continue,
            };
            let message = format!("the image {src} {why}");
            found.push(super::at(Finding::info(self.id(), message).help(ABOUT.fix), trace::find(draft, src)));
        }
    }
}

/// Whether attributes or style make it at most one pixel wide or high.
fn is_dot(image: &Element) -> bool {
    let of = |name: &str| {
        let declared = image.declared(name).map(|declaration| declaration.value.as_str());
        image
            .attribute(name)
            .or(declared)
            .and_then(|value| value.trim().trim_end_matches("px").parse::<f64>().ok())
    };
    [of("width"), of("height")].into_iter().flatten().any(|length| length <= 1.0)
}

fn is_counter(url: &Url) -> bool {
    let address = format!("{}{}", url.host_str().unwrap_or_default(), url.path());
    COUNTERS.iter().any(|counter| address.starts_with(counter) || address.contains(&format!(".{counter}")))
}
