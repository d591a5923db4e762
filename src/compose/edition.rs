//! A rendered issue and its sender → [`Edition`], and the hash of one.

use aws_lc_rs::digest::{Context as Digest, SHA256};
use data_encoding::HEXLOWER;

use crate::compose::Rendered;
use crate::model::address::Mailbox;
use crate::model::issue::Issue;
use crate::model::letter::{
    Attachment, ContentHash, Context, Disposition, Edition, Piece, Pieces, Tracking, Unsubscribe,
};

/// Who an edition is from, and what it carries besides the text.
#[derive(Debug, Clone)]
pub struct Sender {
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// The value of List-Id.
    pub list_id: String,
    /// The address of the archive, if letters lead there.
    pub archive: Option<String>,
    pub unsubscribe: Unsubscribe,
    pub tracking: Option<Tracking>,
    pub attachments: Vec<Attachment>,
}

/// Puts the headers that are the same for all beside the parts: what a mailing list owes (RFC 2919, 2369),
/// what Gmail's Postmaster Tools count by, and what quiets automatic answers.
pub fn bind(issue: &Issue, rendered: Rendered, sender: Sender) -> Edition {
    let headers = headers(issue, &sender);
    let attachments = sender.attachments.into_iter().chain(rendered.images).collect();
    Edition {
        issue: issue.id.clone(),
        from: sender.from,
        reply_to: sender.reply_to,
        subject: rendered.subject,
        headers,
        text: rendered.text,
        html: rendered.html,
        attachments,
        roots: rendered.roots,
        unsubscribe: sender.unsubscribe,
        tracking: sender.tracking,
    }
}

fn headers(issue: &Issue, sender: &Sender) -> Vec<(String, String)> {
    let mut headers = vec![("List-Id", sender.list_id.clone())];
    if let Some(archive) = sender.archive.as_ref().or(sender.unsubscribe.base_url.as_ref()) {
        headers.push(("List-Archive", format!("<{archive}/>")));
    }
    headers.push(("List-Post", "NO".to_owned()));
    headers.push(("Feedback-ID", feedback_id(issue, sender)));
    headers.push(("Precedence", "bulk".to_owned()));
    headers.push(("X-Auto-Response-Suppress", "OOF, AutoReply".to_owned()));
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// `issue:list:sender`: the sender, 5 to 15 characters that never change, is last, as Gmail asks; nobody can
/// be recognised by it.
fn feedback_id(issue: &Issue, sender: &Sender) -> String {
    let list = sender.list_id.rsplit('<').next().unwrap_or_default();
    let label = word(list.split('.').next().unwrap_or_default(), 40);
    let mut domain = word(&sender.from.address.domain().as_str().replace('.', ""), 15);
    while domain.len() < 5 {
        domain.push('-');
    }
    format!("{}:{label}:{domain}", word(&issue.id.0, 40))
}

/// `text` with nothing in it that Feedback-ID could not hold.
fn word(text: &str, most: usize) -> String {
    let safe =
        |letter: char| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '-' };
    text.trim_end_matches('>').chars().take(most).map(safe).collect()
}

/// The same for equal editions, different for any difference in what is sent.
pub fn hash(edition: &Edition) -> ContentHash {
    let mut facts = Facts::new("edition");
    facts.text(&edition.issue.0);
    facts.mailbox(Some(&edition.from));
    facts.mailbox(edition.reply_to.as_ref());
    facts.count(edition.headers.len());
    for (name, value) in &edition.headers {
        facts.text(name);
        facts.text(value);
    }
    facts.content(edition);
    facts.json(&edition.roots);
    facts.option(edition.unsubscribe.base_url.as_deref());
    facts.text(&edition.unsubscribe.mailto.wire());
    // Without these, the hash is the one that older versions made.
    for list in &edition.unsubscribe.lists {
        facts.pair("leaves", &list.0);
    }
    if let Some(Tracking { opens, clicks, consent, base_url, preferences_url }) = &edition.tracking {
        facts.pair("tracking", base_url);
        facts.count(usize::from(*opens));
        facts.count(usize::from(*clicks));
        facts.option(consent.as_deref());
        if let Some(preferences_url) = preferences_url {
            facts.pair("preferences", preferences_url);
        }
    }
    if let Some(lang) = &edition.unsubscribe.lang {
        facts.pair("lang", lang);
    }
    facts.finish()
}

/// The same for editions that say the same, under whatever issue id and from whomever: subject, both parts
/// and attachments.
pub fn body_hash(edition: &Edition) -> ContentHash {
    let mut facts = Facts::new("body");
    facts.content(edition);
    facts.finish()
}

/// Facts one after the other, each with its length, so that none runs into the next.
struct Facts(Digest);

impl Facts {
    fn new(kind: &str) -> Facts {
        let mut facts = Facts(Digest::new(&SHA256));
        facts.text("courant 1");
        facts.text(kind);
        facts
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.update(bytes);
    }

    fn count(&mut self, count: usize) {
        self.0.update(&(count as u64).to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn option(&mut self, text: Option<&str>) {
        self.count(usize::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    fn mailbox(&mut self, mailbox: Option<&Mailbox>) {
        self.option(mailbox.and_then(|mailbox| mailbox.name.as_deref()));
        self.option(mailbox.map(|mailbox| mailbox.address.wire()).as_deref());
    }

    fn content(&mut self, edition: &Edition) {
        self.pieces(&edition.subject);
        self.pieces(&edition.text);
        self.pieces(&edition.html);
        self.count(edition.attachments.len());
        for attachment in &edition.attachments {
            self.attachment(attachment);
        }
    }

    /// Spans are left out: a blank line more in the issue sends nothing else.
    fn pieces(&mut self, pieces: &Pieces) {
        self.count(pieces.iter().count());
        for piece in pieces.iter() {
            match piece {
                Piece::Literal(text) => self.pair("literal", text),
                Piece::Hole(hole) => self.pair(context_name(hole.context), &hole.expression),
                Piece::Logic { statement, .. } => self.pair("logic", statement),
            }
        }
    }

    fn pair(&mut self, kind: &str, text: &str) {
        self.text(kind);
        self.text(text);
    }

    fn attachment(&mut self, attachment: &Attachment) {
        self.pair(&attachment.file_name, &attachment.content_type);
        self.option(attachment.content_id.as_deref());
        self.text(match attachment.disposition {
            Disposition::Attachment => "attachment",
            Disposition::Inline => "inline",
        });
        self.bytes(&attachment.bytes);
    }

    /// Keys in order, whatever map they come from.
    fn json(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => {
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_by_key(|(key, _)| *key);
                self.text("map");
                self.count(entries.len());
                for (key, value) in entries {
                    self.text(key);
                    self.json(value);
                }
            }
            serde_json::Value::Array(values) => {
                self.text("list");
                self.count(values.len());
                values.iter().for_each(|value| self.json(value));
            }
            single => self.pair("value", &single.to_string()),
        }
    }

    fn finish(self) -> ContentHash {
        ContentHash(HEXLOWER.encode(self.0.finish().as_ref()))
    }
}

fn context_name(context: Context) -> &'static str {
    match context {
        Context::Plain => "plain",
        Context::Html => "html",
        Context::Attribute => "attribute",
        Context::Url => "url",
        Context::Header => "header",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::press::tests::edition;
    use crate::model::letter::Hole;
    use crate::model::subscriber::ListId;

    #[test]
    fn equal_editions_have_equal_hashes_wherever_their_holes_stood() {
        let hole =
            |start| Piece::Hole(Hole { expression: "name".into(), context: Context::Html, span: start..9 });
        let (mut one, mut two) = (edition(), edition());
        one.html = Pieces::new([hole(1)]);
        two.html = Pieces::new([hole(5)]);
        assert_eq!(hash(&one), hash(&two));
        assert_eq!(hash(&one).0.len(), 64);
    }

    #[test]
    fn any_difference_in_what_is_sent_shows() {
        let base = hash(&edition());
        let changes: [fn(&mut Edition); 11] = [
            |edition| edition.issue.0.push('x'),
            |edition| edition.subject = Pieces::literal("other"),
            |edition| edition.text = Pieces::literal("other"),
            |edition| edition.html = Pieces::literal("other"),
            |edition| edition.headers.push(("X-Other".into(), "1".into())),
            |edition| edition.roots["vars"]["new"] = 1.into(),
            |edition| edition.unsubscribe.base_url = None,
            |edition| edition.unsubscribe.lists.push(ListId("weekly".into())),
            |edition| edition.reply_to = None,
            |edition| edition.from.name = None,
            |edition| {
                let base_url = "https://weekly.example".to_owned();
                edition.tracking = Some(Tracking {
                    opens: true,
                    clicks: true,
                    consent: None,
                    base_url,
                    preferences_url: None,
                });
            },
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut changed = edition();
            change(&mut changed);
            assert_ne!(hash(&changed), base, "{number}");
        }
    }

    #[test]
    fn the_body_hash_does_not_ask_under_which_name_it_goes() {
        let mut renamed = edition();
        renamed.issue.0.push('x');
        assert_eq!(body_hash(&renamed), body_hash(&edition()));
    }

    #[test]
    fn a_feedback_id_has_three_words_that_gmail_takes() {
        assert_eq!(word("Tea: & more>", 40), "Tea----more");
    }
}
