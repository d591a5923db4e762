//! DKIM-Signature fields: written with blanks before a letter, filled in when it is whole.

use std::ops::Range;

use aws_lc_rs::digest::{Context, SHA256, digest};
use data_encoding::BASE64;
use jiff::Timestamp;
use memchr::memmem;

use super::{Signer, relaxed, signed_names};

/// A line of a header is at most so long.
const LINE: usize = 76;
/// Characters of a signature in one line.
const ROW: usize = 72;
/// SHA-256 in base64.
const HASH: usize = 44;

/// Signs the letters of an edition, with one signature or several.
pub struct Seal {
    signatures: Vec<Signature>,
    names: Vec<String>,
}

/// A signature field with everything in it that is the same for all letters.
struct Signature {
    signer: Signer,
    /// Up to the value of `t=`, and from there on, with blanks.
    head: String,
    tail: String,
    /// From the value of `bh=`, and of `b=`, to the end of the field, CRLF included.
    after_hash: usize,
    after_sign: usize,
}

/// A key that does not sign any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the DKIM key of {dns_name} does not sign")]
pub struct Broken {
    dns_name: String,
}

impl Seal {
    /// For letters that have exactly these fields, `present`.
    pub fn new(signers: Vec<Signer>, present: &[&str]) -> Seal {
        let names = signed_names(present);
        Seal { signatures: signers.into_iter().map(|signer| Signature::new(signer, &names)).collect(), names }
    }

    /// Appends the fields that a letter begins with. `date` is the letter's own, so that a retry has the same
    /// bytes.
    pub fn open(&self, date: Timestamp, out: &mut Vec<u8>) {
        for signature in &self.signatures {
            out.extend_from_slice(signature.head.as_bytes());
            out.extend_from_slice(date.as_second().max(0).to_string().as_bytes());
            out.extend_from_slice(signature.tail.as_bytes());
        }
    }

    /// Fills in the fields of a letter that was begun with [`Seal::open`] and is whole now.
    pub fn close(&self, letter: &mut [u8]) -> Result<(), Broken> {
        let end = memmem::find(letter, b"\r\n\r\n").expect("a letter has an empty line after its header");
        let (header, body) = letter.split_at_mut(end + 2);
        let hash = BASE64.encode(&body_hash(&body[2..]));
        let fields = fields(header);
        let (own, others) = fields.split_at(self.signatures.len());
        let mut canonical = self.canonical(header, others);
        let length = canonical.len();
        for (signature, field) in self.signatures.iter().zip(own) {
            signature.fill(header, field, &hash, &mut canonical)?;
            canonical.truncate(length);
        }
        Ok(())
    }

    /// The signed fields as they are hashed: of several with one name, the last comes first (RFC 6376 5.4.2).
    fn canonical(&self, header: &[u8], fields: &[Range<usize>]) -> Vec<u8> {
        let mut left: Vec<&[u8]> = fields.iter().map(|field| &header[field.clone()]).collect();
        let mut canonical = Vec::with_capacity(header.len());
        for name in &self.names {
            if let Some(last) = left.iter().rposition(|field| has_name(field, name)) {
                relaxed::field(left.remove(last), &mut canonical);
                canonical.extend_from_slice(b"\r\n");
            }
        }
        canonical
    }
}

impl Signature {
    fn new(signer: Signer, names: &[String]) -> Signature {
        let blank = signature_lines(&vec![0; signer.key.signature_length()]);
        let algorithm = signer.key.algorithm().name();
        let place = format!(" d={};", signer.domain);
        let selector = format!(" s={};", signer.selector);
        // `t=` and its number take 14 octets.
        let fold = if place.len() + selector.len() + 14 > LINE { "\r\n" } else { "" };
        let hash = "0".repeat(HASH);
        Signature {
            head: format!(
                "DKIM-Signature: v=1; a={algorithm}; c=relaxed/relaxed;\r\n{place}{fold}{selector} t="
            ),
            tail: format!(";\r\n h={};\r\n bh={hash};\r\n b={blank}\r\n", folded(names)),
            after_hash: HASH + ";\r\n b=".len() + blank.len() + 2,
            after_sign: blank.len() + 2,
            signer,
        }
    }

    fn fill(
        &self,
        header: &mut [u8],
        field: &Range<usize>,
        hash: &str,
        canonical: &mut Vec<u8>,
    ) -> Result<(), Broken> {
        let (hash_at, sign_at) = (field.end - self.after_hash, field.end - self.after_sign);
        header[hash_at..hash_at + HASH].copy_from_slice(hash.as_bytes());
        relaxed::field(&header[field.start..sign_at], canonical);
        let signed = self.signer.key.sign(&digest(&SHA256, canonical));
        let signed = signed.ok_or_else(|| Broken { dns_name: self.signer.dns_name() })?;
        header[sign_at..field.end - 2].copy_from_slice(signature_lines(&signed).as_bytes());
        Ok(())
    }
}

fn body_hash(body: &[u8]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    let mut canonical = relaxed::Body::new(|bytes: &[u8]| context.update(bytes));
    canonical.feed(body);
    canonical.end();
    context.finish().as_ref().try_into().expect("SHA-256 is 32 octets")
}

/// The fields of a header, each with its CRLF.
fn fields(header: &[u8]) -> Vec<Range<usize>> {
    let mut fields = Vec::with_capacity(24);
    let mut start = 0;
    for end in memmem::find_iter(header, b"\r\n").map(|at| at + 2) {
        if !matches!(header.get(end), Some(b' ' | b'\t')) {
            fields.push(start..end);
            start = end;
        }
    }
    fields
}

fn has_name(field: &[u8], name: &str) -> bool {
    let rest = field.get(name.len()..).unwrap_or_default();
    rest.trim_ascii_start().first() == Some(&b':')
        && field[..name.len()].eq_ignore_ascii_case(name.as_bytes())
}

/// Names with colons between them, folded after a colon.
fn folded(names: &[String]) -> String {
    let mut out = String::new();
    let mut column = " h=".len();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            out.push(':');
            column += 1;
        }
        if column + name.len() + 1 > LINE {
            out.push_str("\r\n ");
            column = 1;
        }
        out.push_str(name);
        column += name.len();
    }
    out
}

/// Base64, in lines that hang below `b=`.
fn signature_lines(signature: &[u8]) -> String {
    let text = BASE64.encode(signature);
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at % ROW == 0 {
            out.push_str("\r\n ");
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::compose::dkim::key::{Algorithm, PrivateKey};
    use crate::model::address::Domain;

    /// The letter of RFC 8463 A.2, by another signature of ours.
    const LETTER: &str = "From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\n\
                          Subject: Is dinner ready?\r\nContent-Type: text/plain\r\n\r\nHi.\r\n\r\nWe lost the game.  \
                          Are you hungry yet?\r\n\r\nJoe.\r\n";

    fn signer(key: PrivateKey) -> Signer {
        let domain = Domain::parse("football.example.com").unwrap();
        Signer { domain, selector: "brisbane".into(), key: Arc::new(key) }
    }

    fn sealed(keys: Vec<PrivateKey>, letter: &str) -> String {
        let seal =
            Seal::new(keys.into_iter().map(signer).collect(), &["From", "To", "Subject", "Content-Type"]);
        let mut out = Vec::new();
        seal.open("2018-06-10T11:21:35Z".parse().unwrap(), &mut out);
        out.extend_from_slice(letter.as_bytes());
        seal.close(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn seed() -> PrivateKey {
        PrivateKey::parse("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap()
    }

    #[test]
    fn the_body_of_rfc_8463_has_the_hash_that_it_prints() {
        let body = LETTER.split_once("\r\n\r\n").unwrap().1;
        assert_eq!(
            BASE64.encode(&body_hash(body.as_bytes())),
            "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
        );
    }

    #[test]
    fn a_signature_is_a_field_of_short_lines_before_all_others() {
        let letter = sealed(vec![seed()], LETTER);
        let field = letter.strip_suffix(LETTER).unwrap();
        let (field, signature) = field.split_once(" b=").unwrap();
        insta::assert_snapshot!(field.replace("\r\n", "\n"), @r"
        DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
         d=football.example.com; s=brisbane; t=1528629695;
         h=from:from:to:to:cc:reply-to:subject:subject:date:message-id:mime-version:
         content-type:content-type:content-transfer-encoding:list-id:
         list-unsubscribe:list-unsubscribe-post:feedback-id;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
        ");
        assert_eq!(BASE64.decode(signature.replace("\r\n ", "").trim().as_bytes()).unwrap().len(), 64);
    }

    #[test]
    fn the_same_letter_is_signed_to_the_same_bytes_by_each_of_several_keys() {
        let pem = PrivateKey::generate(Algorithm::Rsa).unwrap().to_pem();
        let both = || vec![PrivateKey::parse(&pem).unwrap(), seed()];
        let letter = sealed(both(), LETTER);
        assert_eq!(letter, sealed(both(), LETTER));
        assert_eq!(letter.matches("DKIM-Signature:").count(), 2);
        assert!(letter.contains(sealed(vec![seed()], LETTER).strip_suffix(LETTER).unwrap()));
        assert!(letter.lines().all(|line| line.len() <= 78));
    }

    #[test]
    fn of_several_fields_with_one_name_the_last_is_signed_first() {
        let seal = Seal::new(Vec::new(), &["From", "From"]);
        let header = b"From: a\r\nfrom : b\r\n  c\r\nFrom-X: d\r\n";
        assert_eq!(seal.canonical(header, &fields(header)), b"from:b c\r\nfrom:a\r\n");
    }

    #[test]
    fn long_names_have_lines_of_their_own() {
        let domain = Domain::parse(&format!("{}.example.com", "a".repeat(60))).unwrap();
        let signer = Signer { domain, selector: "s".repeat(40), key: Arc::new(seed()) };
        let signature = Signature::new(signer, &[]);
        assert!(signature.head.lines().all(|line| line.len() <= 78), "{}", signature.head);
    }
}
