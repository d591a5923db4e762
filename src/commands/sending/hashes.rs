//! What an edition is made from, as hashes: a difference since the freeze is drift.

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;

use crate::compose::Look;
use crate::compose::edition::Sender;
use crate::ledger::rows::Sources;
use crate::model::image::Images;
use crate::model::issue::Issue;
use crate::model::letter::{Attachment, Tracking};

/// What an edition is made from.
pub fn sources(issue: &Issue, look: &Look<'_>, images: &Images, sender: &Sender) -> Sources {
    Sources {
        issue: of_issue(issue),
        template: sha256(&look.template.texts().map(str::as_bytes).collect::<Vec<_>>()),
        assets: assets(&sender.attachments, images),
        settings: settings(look, sender),
    }
}

/// Of its text alone.
pub fn of_issue(issue: &Issue) -> String {
    sha256(&[issue.source.text().as_bytes()])
}

/// What changed between two sets of hashes, in the author's words; empty if nothing did.
pub fn drift(frozen: &Sources, now: &Sources) -> Vec<&'static str> {
    let parts = [
        ("the issue's text", frozen.issue == now.issue),
        ("the template", frozen.template == now.template),
        ("an attachment or an image", frozen.assets == now.assets),
        ("a setting that shows in the letter", frozen.settings == now.settings),
    ];
    parts.into_iter().filter(|(_, same)| !same).map(|(part, _)| part).collect()
}

/// Of an image it is the file that counts: a newer program may draw it anew with other bytes.
fn assets(attachments: &[Attachment], images: &Images) -> String {
    let files = attachments.iter().flat_map(|file| [file.file_name.as_bytes(), file.bytes.as_slice()]);
    let shown = images.all().flat_map(|(path, image)| {
        let address = if image.part.is_some() { "" } else { image.src.as_str() };
        [path.as_bytes(), image.file.0.as_bytes(), address.as_bytes()]
    });
    sha256(&files.chain(shown).collect::<Vec<_>>())
}

fn settings(look: &Look<'_>, sender: &Sender) -> String {
    let theme = serde_json::to_string(look.theme).expect("a theme is plain strings and numbers");
    let reply_to = sender.reply_to.as_ref().map(ToString::to_string).unwrap_or_default();
    let unsubscribe = &sender.unsubscribe;
    let (from, mailto) = (sender.from.to_string(), unsubscribe.mailto.to_string());
    let markdown = [u8::from(look.markdown.smart_punctuation), u8::from(look.markdown.emoji)];
    let tracking = sender.tracking.as_ref().map(tracked).unwrap_or_default();
    let mut parts: Vec<&[u8]> = vec![
        theme.as_bytes(),
        look.site.name.as_bytes(),
        look.site.base_url.unwrap_or_default().as_bytes(),
        look.site.postal_address.unwrap_or_default().as_bytes(),
        look.site.preferences_url.unwrap_or_default().as_bytes(),
        look.medium.web_version().unwrap_or_default().as_bytes(),
        &markdown,
        look.list_title.as_bytes(),
        look.footer.unwrap_or_default().as_bytes(),
        look.lang.as_bytes(),
        from.as_bytes(),
        reply_to.as_bytes(),
        sender.list_id.as_bytes(),
        unsubscribe.base_url.as_deref().unwrap_or_default().as_bytes(),
        mailto.as_bytes(),
    ];
    // Without it, what was frozen by an older program has the hash that it had.
    parts.extend((!tracking.is_empty()).then_some(tracking.as_bytes()));
    sha256(&parts)
}

fn tracked(tracking: &Tracking) -> String {
    // The address of the preferences is among the facts of the site.
    let Tracking { opens, clicks, consent, base_url, preferences_url: _ } = tracking;
    format!("tracking {opens} {clicks} {consent:?} {base_url}")
}

/// Each part is preceded by its length, so that moving a byte from one to the next changes the hash.
fn sha256(parts: &[&[u8]]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    HEXLOWER.encode(context.finish().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(issue: &str, settings: &str) -> Sources {
        Sources {
            issue: sha256(&[issue.as_bytes()]),
            template: sha256(&[]),
            assets: sha256(&[]),
            settings: sha256(&[settings.as_bytes()]),
        }
    }

    #[test]
    fn drift_names_what_changed_and_only_that() {
        assert!(drift(&made("a", "b"), &made("a", "b")).is_empty());
        assert_eq!(drift(&made("a", "b"), &made("x", "b")), ["the issue's text"]);
        assert_eq!(drift(&made("a", "b"), &made("x", "y")).len(), 2);
    }

    #[test]
    fn a_byte_that_moves_between_parts_is_a_change() {
        assert_ne!(sha256(&[b"ab", b"c"]), sha256(&[b"a", b"bc"]));
    }
}
