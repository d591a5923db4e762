//! A letter taken apart for the eye: headers as they stand in it, parts as they hold each other.

use jiff::Timestamp;
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::web::preview::view::Part;

/// What multiparts within multiparts may be nested: more nobody writes.
const DEEPEST: usize = 16;

/// A letter that was read.
pub struct Anatomy<'a>(Message<'a>);

impl<'a> Anatomy<'a> {
    /// `None` for what is no letter at all.
    pub fn of(letter: &'a [u8]) -> Option<Anatomy<'a>> {
        MessageParser::default().parse(letter).map(Anatomy)
    }

    /// Name and value of every header, unfolded, in order.
    pub fn headers(&self) -> Vec<(String, String)> {
        self.0.headers_raw().map(|(name, value)| (name.to_owned(), unfolded(value))).collect()
    }

    pub fn tree(&self) -> Part {
        self.part(0, 0)
    }

    fn part(&self, id: u32, depth: usize) -> Part {
        let Some(part) = self.0.part(id) else { return nothing() };
        let children: &[u32] = match &part.body {
            PartType::Multipart(children) if depth < DEEPEST => children,
            _ => &[],
        };
        Part {
            kind: kind(part),
            name: part.attachment_name().map(str::to_owned),
            bytes: match part.body {
                PartType::Multipart(_) => part.offset_end.saturating_sub(part.offset_body) as usize,
                _ => part.len(),
            },
            children: children.iter().map(|child| self.part(*child, depth + 1)).collect(),
        }
    }

    /// The text that a reader without HTML sees.
    pub fn text(&self) -> Option<String> {
        let found = self.0.text_bodies().find(|part| matches!(part.body, PartType::Text(_)));
        found.and_then(|part| part.text_contents()).map(str::to_owned)
    }

    /// The HTML part.
    pub fn html_as_it_is(&self) -> Option<String> {
        let html = self.0.html_bodies().find(|part| matches!(part.body, PartType::Html(_)))?;
        html.text_contents().map(str::to_owned)
    }

    /// The HTML part with the images that travel with it in it.
    pub fn html(&self) -> Option<String> {
        let html = self.html_as_it_is()?;
        Some(self.0.parts.iter().fold(html, |html, part| match (part.content_id(), &part.body) {
            (Some(id), PartType::Binary(bytes) | PartType::InlineBinary(bytes)) => {
                let data = || format!("data:{};base64,{}", kind(part), data_encoding::BASE64.encode(bytes));
                let src = format!("cid:{}", id.trim_start_matches('<').trim_end_matches('>'));
                if html.contains(&src) { html.replace(&src, &data()) } else { html }
            }
            _ => html,
        }))
    }

    pub fn subject(&self) -> String {
        self.0.subject().unwrap_or_default().to_owned()
    }

    /// `Ada <ada@example.org>, …`
    pub fn from(&self) -> String {
        self.0.from().map(people).unwrap_or_default()
    }

    pub fn to(&self) -> String {
        self.0.to().map(people).unwrap_or_default()
    }

    /// RFC 3339, in universal time; `None` for no date that there is.
    pub fn date(&self) -> Option<String> {
        let date = self.0.date().filter(|date| date.is_valid())?;
        Timestamp::from_second(date.to_timestamp()).ok().map(|date| date.to_string())
    }

    /// Every header as it is meant and as it stands, and the text: what can be searched.
    pub fn everything(&self) -> String {
        let headers = self.headers().into_iter().map(|(name, value)| format!("{name}: {value}"));
        let meant = [self.subject(), self.from(), self.to(), self.text().unwrap_or_default()];
        headers.chain(meant).collect::<Vec<_>>().join("\n")
    }

    /// Whether it says that it is the proof of an issue.
    pub fn is_proof(&self) -> bool {
        self.0.header_raw("X-Courant-Proof").is_some()
    }

    /// The images and other files in it, by name and bytes.
    pub fn files(&self) -> Vec<(String, usize)> {
        let files = self.0.attachments();
        files.map(|file| (file.attachment_name().unwrap_or("unnamed").to_owned(), file.len())).collect()
    }
}

fn nothing() -> Part {
    Part { kind: "text/plain".to_owned(), name: None, bytes: 0, children: Vec::new() }
}

/// As its header says, else what it was taken for.
fn kind(part: &MessagePart<'_>) -> String {
    let named = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    named.unwrap_or_else(|| "text/plain".to_owned()).to_lowercase()
}

fn people(addresses: &mail_parser::Address<'_>) -> String {
    let one = |address: &mail_parser::Addr<'_>| match (&address.name, &address.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.as_deref().or(address.as_deref()).unwrap_or_default().to_owned(),
    };
    addresses.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A value on one line.
fn unfolded(value: &str) -> String {
    let lines = value.trim().lines().map(str::trim_end);
    lines.fold(
        String::new(),
        |out, line| if out.is_empty() { line.to_owned() } else { out + " " + line.trim_start() },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "From: \"Ada, the first\" <ada@example.org>\r\nTo: bob@example.org\r\nSubject: A\r\n word\r\n\
        Date: Mon, 31 May 2027 08:00:00 +0200\r\nX-Courant-Proof: yes\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\n\
        Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\nplain\r\n\
        --a\r\nContent-Type: text/html\r\n\r\n<img src=\"cid:x@y\">\r\n--a--\r\n--b\r\n\
        Content-Type: image/png; name=dot.png\r\nContent-ID: <x@y>\r\nContent-Transfer-Encoding: base64\r\n\r\n\
        AAAA\r\n--b--\r\n";

    #[test]
    fn a_letter_is_taken_apart() {
        let letter = Anatomy::of(LETTER.as_bytes()).unwrap();
        let tree = letter.tree();
        assert_eq!(tree.kind, "multipart/related");
        let kinds: Vec<&str> = tree.children[0].children.iter().map(|part| part.kind.as_str()).collect();
        assert_eq!(kinds, ["text/plain", "text/html"]);
        assert_eq!((tree.children[1].name.as_deref(), tree.children[1].bytes), (Some("dot.png"), 3));
        assert_eq!(letter.text().unwrap().trim(), "plain");
        assert_eq!(letter.html().unwrap().trim(), "<img src=\"data:image/png;base64,AAAA\">");
        assert_eq!(letter.headers()[2], ("Subject".to_owned(), "A word".to_owned()));
        assert_eq!(letter.from(), "Ada, the first <ada@example.org>");
        assert_eq!(letter.date().as_deref(), Some("2027-05-31T06:00:00Z"));
        assert!(letter.is_proof());
        assert_eq!(letter.files(), [("dot.png".to_owned(), 3)]);
    }
}
