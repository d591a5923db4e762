//! The secret, and the signed tokens and ids made from it.
//!
//! A token is lower-case base32 (RFC 4648, without padding) of 28 bytes: 2 of the key's id, 10 of the person's
//! id, and 16 of an HMAC-SHA256 over the purpose and the person's id. 45 letters and digits, that fit a local
//! part of an address and survive being written in upper case. The token of a delivery has the number of its
//! row where the others have a person's id: 8 bytes, the most significant first, and 2 of zero. That of an envelope
//! sender has 6 bytes of that number, and the first 4 of the person's id.
//!
//! The newest key signs, all verify, and the oldest makes ids: so that ids stay what they are when a key is
//! added.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use aws_lc_rs::{constant_time, hmac, rand};
use data_encoding::{BASE32_NOPAD, Encoding, HEXLOWER_PERMISSIVE, Specification};
use jiff::Timestamp;
use secrecy::zeroize::Zeroizing;

use crate::model::address::AddressKey;
use crate::model::finding::Explain;
use crate::model::issue::IssueId;
use crate::model::letter::ContentHash;
use crate::workspace::{sync_folder, write_private};

/// 32 random bytes that sign tokens, and older keys that only verify.
#[derive(Clone)]
pub struct Secret {
    /// The newest first; never empty.
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: [u8; 2],
    hmac: hmac::Key,
}

#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("the secret in {path} cannot be read: {reason}")]
    Unreadable { path: PathBuf, reason: String },
    #[error("the secret in {path} can be read by others")]
    ReadByOthers { path: PathBuf },
    #[error("the secret cannot be kept in {path}: {reason}")]
    Unwritable { path: PathBuf, reason: String },
    /// The text itself is not shown.
    #[error("key {number} of the secret is not 32 bytes in base32 or hexadecimal")]
    NotAKey { number: usize },
    #[error("the secret holds no key")]
    Empty,
    #[error("the system gives no random bytes")]
    NoRandomness,
    #[error("the token is not one of ours")]
    Forged,
}

impl Explain for TokenError {
    fn help(&self) -> Option<String> {
        match self {
            TokenError::ReadByOthers { path } => Some(format!("type `chmod 600 {}`", path.display())),
            TokenError::NotAKey { .. } | TokenError::Empty | TokenError::Unreadable { .. } => Some(
                "restore it from a backup; `--new-secret` makes another, but the unsubscribe links of old letters die, \
                 and those that count clicks"
                    .to_owned(),
            ),
            TokenError::Unwritable { .. } | TokenError::NoRandomness | TokenError::Forged => None,
        }
    }
}

/// What the token in an envelope sender says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BounceToken {
    /// The row of the ledger.
    pub delivery: i64,
    /// [`Secret::mark`] of whoever the letter of that row was for.
    pub mark: [u8; 4],
}

/// What a token is for: one made for one purpose never verifies for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    Unsubscribe,
    /// In proof letters: verifies, says so, and changes nothing.
    Proof,
    Bounce,
    /// Travels with a letter through a provider, whose events bring it back.
    Delivery,
    /// In the mail that asks to confirm a subscription; instead of a person it names a request.
    Confirm,
    /// In a form: says when it was shown.
    Form,
    /// In a form that stands on another site: says when it was made.
    Snippet,
    /// In links and the picture of letters whose readers are counted.
    Tracking,
}

impl Purpose {
    fn name(self) -> &'static [u8] {
        match self {
            Purpose::Unsubscribe => b"unsubscribe",
            Purpose::Proof => b"proof",
            Purpose::Bounce => b"bounce",
            Purpose::Delivery => b"delivery",
            Purpose::Confirm => b"confirm",
            Purpose::Form => b"form",
            Purpose::Snippet => b"snippet",
            Purpose::Tracking => b"tracking",
        }
    }
}

/// The 80-bit HMAC of a normalised address: who somebody is without their address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PersonId(pub [u8; 10]);

impl PersonId {
    /// One that nobody can guess: for what is named once.
    pub fn random() -> Result<PersonId, TokenError> {
        let mut id = [0; 10];
        rand::fill(&mut id).map_err(|_| TokenError::NoRandomness)?;
        Ok(PersonId(id))
    }
}

const KEY_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 16;
const MESSAGE_BYTES: usize = 16;

impl Secret {
    /// The secret of this file (0600), or `None` where there is no file. A file that others may read is
    /// refused.
    pub fn open(path: &Path) -> Result<Option<Secret>, TokenError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(TokenError::Unreadable { path: path.into(), reason: error.to_string() });
            }
        };
        if is_read_by_others(path) {
            return Err(TokenError::ReadByOthers { path: path.into() });
        }
        Secret::from_text(&text).map(Some)
    }

    /// Makes a new secret and keeps it in `path`; an old one there stays to verify. The file appears whole
    /// or not at all.
    pub fn create(path: &Path) -> Result<Secret, TokenError> {
        let old = Zeroizing::new(std::fs::read_to_string(path).unwrap_or_default());
        let text = Zeroizing::new(format!("{}\n{}", random_key()?.as_str(), *old));
        let secret = Secret::from_text(&text)?;
        keep(path, &text, old.is_empty())
            .map_err(|error| TokenError::Unwritable { path: path.into(), reason: error.to_string() })?;
        Ok(secret)
    }

    /// From `COURANT_SECRET`: keys of 32 bytes in base32 or hexadecimal, the newest first, with white space
    /// or commas between them. Lines that begin with `#` are comments.
    pub fn from_text(text: &str) -> Result<Secret, TokenError> {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let words = lines.flat_map(|line| line.split([' ', '\t', ','])).map(str::trim);
        let words = words.filter(|word| !word.is_empty()).enumerate();
        let keys: Result<Vec<Key>, TokenError> = words
            .map(|(index, word)| Key::parse(word).ok_or(TokenError::NotAKey { number: index + 1 }))
            .collect();
        match keys? {
            keys if keys.is_empty() => Err(TokenError::Empty),
            keys => Ok(Secret { keys }),
        }
    }

    /// A secret that is kept nowhere: for proofs outside any workspace.
    pub fn random() -> Result<Secret, TokenError> {
        Secret::from_text(&random_key()?)
    }

    /// Names the key that signs without giving it away, so that the ledger can tell if it was lost.
    pub fn fingerprint(&self) -> String {
        self.keys[0].fingerprint()
    }

    /// Whether one of the keys has this fingerprint.
    pub fn knows(&self, fingerprint: &str) -> bool {
        self.keys.iter().any(|key| key.fingerprint() == fingerprint)
    }

    /// Who this is: the same for one address as long as the oldest key is kept.
    pub fn person(&self, key: &AddressKey) -> PersonId {
        PersonId(self.oldest().sign(&[b"person", key.as_str().as_bytes()]))
    }

    /// Whether [`Secret::person`] of both is the same for everybody.
    pub fn makes_ids_like(&self, other: &Secret) -> bool {
        self.oldest().fingerprint() == other.oldest().fingerprint()
    }

    /// Lower-case base32: key id, 80-bit id, 128-bit HMAC bound to `purpose`.
    pub fn token(&self, purpose: Purpose, person: PersonId) -> String {
        let key = &self.keys[0];
        let signature: [u8; SIGNATURE_BYTES] = key.sign(&[b"token", purpose.name(), &person.0]);
        lower_base32().encode(&[&key.id[..], &person.0, &signature].concat())
    }

    /// Whose token this is. Upper case is the same as lower.
    pub fn verify(&self, purpose: Purpose, token: &str) -> Result<PersonId, TokenError> {
        let bytes =
            BASE32_NOPAD.decode(token.to_ascii_uppercase().as_bytes()).map_err(|_| TokenError::Forged)?;
        let (id, rest) = bytes.split_first_chunk::<2>().ok_or(TokenError::Forged)?;
        let (person, signature) = rest.split_first_chunk::<10>().ok_or(TokenError::Forged)?;
        let is_ours = self.keys.iter().filter(|key| key.id == *id).any(|key| {
            let ours: [u8; SIGNATURE_BYTES] = key.sign(&[b"token", purpose.name(), person]);
            constant_time::verify_slices_are_equal(&ours, signature).is_ok()
        });
        if is_ours { Ok(PersonId(*person)) } else { Err(TokenError::Forged) }
    }

    /// What a provider is given with the letter of this row of the ledger, and its events bring back. It
    /// proves that the row's number came from us, not that the row is still the same one: another ledger
    /// under the same secret counts from the beginning again.
    pub fn delivery_token(&self, delivery: i64) -> String {
        let [a, b, c, d, e, f, g, h] = delivery.to_be_bytes();
        self.token(Purpose::Delivery, PersonId([a, b, c, d, e, f, g, h, 0, 0]))
    }

    /// The row of the ledger that `token` was made for. Upper case is the same as lower.
    pub fn verify_delivery(&self, token: &str) -> Result<i64, TokenError> {
        match self.verify(Purpose::Delivery, token)?.0 {
            [a, b, c, d, e, f, g, h, 0, 0] => Ok(i64::from_be_bytes([a, b, c, d, e, f, g, h])),
            _ => Err(TokenError::Forged),
        }
    }

    /// A moment, in whole seconds, that we signed.
    pub fn stamp(&self, purpose: Purpose, at: Timestamp) -> String {
        let [a, b, c, d, e, f, g, h] = at.as_second().to_be_bytes();
        self.token(purpose, PersonId([a, b, c, d, e, f, g, h, 0, 0]))
    }

    /// The moment of a stamp. Upper case is the same as lower.
    pub fn verify_stamp(&self, purpose: Purpose, stamp: &str) -> Result<Timestamp, TokenError> {
        match self.verify(purpose, stamp)?.0 {
            [a, b, c, d, e, f, g, h, 0, 0] => {
                let second = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
                Timestamp::from_second(second).map_err(|_| TokenError::Forged)
            }
            _ => Err(TokenError::Forged),
        }
    }

    /// For the envelope sender of the letter of this row: it names the row, and marks whose it is, so that it means
    /// nothing for the row of another ledger that has the same number.
    pub fn bounce_token(&self, delivery: i64, key: &AddressKey) -> String {
        let ([_, _, a, b, c, d, e, f], [g, h, i, j]) = (delivery.to_be_bytes(), self.mark(key));
        self.token(Purpose::Bounce, PersonId([a, b, c, d, e, f, g, h, i, j]))
    }

    /// What `token` says, if it is one of ours. Upper case is the same as lower.
    pub fn verify_bounce(&self, token: &str) -> Result<BounceToken, TokenError> {
        let [a, b, c, d, e, f, mark @ ..] = self.verify(Purpose::Bounce, token)?.0;
        Ok(BounceToken { delivery: i64::from_be_bytes([0, 0, a, b, c, d, e, f]), mark })
    }

    /// Tells the readers of one workspace from each other, as long as the oldest key is kept.
    pub fn mark(&self, key: &AddressKey) -> [u8; 4] {
        let [a, b, c, d, ..] = self.person(key).0;
        [a, b, c, d]
    }

    /// The left part of a Message-ID: the same for every retry of one delivery. `again` counts the
    /// deliberate repetitions (`--again`), from 0.
    pub fn message_token(
        &self,
        issue: &IssueId,
        edition: &ContentHash,
        key: &AddressKey,
        again: u32,
    ) -> String {
        let facts = [
            b"message",
            issue.0.as_bytes(),
            edition.0.as_bytes(),
            key.as_str().as_bytes(),
            &again.to_be_bytes(),
        ];
        let token: [u8; MESSAGE_BYTES] = self.oldest().sign(&facts);
        lower_base32().encode(&token)
    }

    fn oldest(&self) -> &Key {
        self.keys.last().expect("a secret is only made with keys")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} keys)", self.keys.len())
    }
}

fn random_key() -> Result<Zeroizing<String>, TokenError> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    rand::fill(key.as_mut_slice()).map_err(|_| TokenError::NoRandomness)?;
    Ok(Zeroizing::new(lower_base32().encode(key.as_slice())))
}

impl Key {
    fn fingerprint(&self) -> String {
        let digest: [u8; 10] = self.sign(&[b"fingerprint"]);
        lower_base32().encode(&digest)
    }

    fn parse(word: &str) -> Option<Key> {
        let bytes = Zeroizing::new(match word.len() {
            64 => HEXLOWER_PERMISSIVE.decode(word.as_bytes()).ok()?,
            _ => BASE32_NOPAD.decode(word.to_ascii_uppercase().as_bytes()).ok()?,
        });
        (bytes.len() == KEY_BYTES).then(|| {
            let hmac = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
            let key = Key { id: [0; 2], hmac };
            Key { id: key.sign(&[b"key"]), ..key }
        })
    }

    /// The first bytes of the HMAC over `facts`, each with its length so that none runs into the next.
    fn sign<const N: usize>(&self, facts: &[&[u8]]) -> [u8; N] {
        let mut context = hmac::Context::with_key(&self.hmac);
        for fact in facts {
            context.update(&(fact.len() as u64).to_be_bytes());
            context.update(fact);
        }
        let signature = context.sign();
        *signature.as_ref().first_chunk().expect("SHA-256 is longer than any of our ids")
    }
}

fn lower_base32() -> &'static Encoding {
    static ENCODING: std::sync::LazyLock<Encoding> = std::sync::LazyLock::new(|| {
        let mut specification = Specification::new();
        specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
        specification.encoding().expect("32 different symbols make an encoding")
    });
    &ENCODING
}

/// Writes beside `path` and moves it there: over an old file, or only if there is still none.
fn keep(path: &Path, text: &str, is_new: bool) -> std::io::Result<()> {
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let kept = write_private(&beside, text).and_then(|()| match is_new {
        true => std::fs::hard_link(&beside, path),
        false => std::fs::rename(&beside, path),
    });
    if is_new || kept.is_err() {
        std::fs::remove_file(&beside).ok();
    }
    kept?;
    path.parent().map_or(Ok(()), sync_folder)
}

#[cfg(unix)]
fn is_read_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_read_by_others(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "0000000000000000000000000000000000000000000000000000000000000001";
    const NEW: &str = "0000000000000000000000000000000000000000000000000000000000000002";

    fn ada() -> AddressKey {
        AddressKey::from_ledger("ada@example.org".into())
    }

    #[test]
    fn a_token_verifies_for_its_purpose_only_and_in_any_case() {
        let secret = Secret::from_text(OLD).unwrap();
        let person = secret.person(&ada());
        let token = secret.token(Purpose::Unsubscribe, person);
        assert_eq!(token.len(), 45);
        assert_eq!(secret.verify(Purpose::Unsubscribe, &token).unwrap(), person);
        assert_eq!(secret.verify(Purpose::Unsubscribe, &token.to_uppercase()).unwrap(), person);
        assert!(secret.verify(Purpose::Proof, &token).is_err());
        assert!(Secret::from_text(NEW).unwrap().verify(Purpose::Unsubscribe, &token).is_err());
    }

    #[test]
    fn a_token_with_any_other_character_is_forged() {
        let secret = Secret::from_text(OLD).unwrap();
        let token = secret.token(Purpose::Bounce, secret.person(&ada()));
        for at in 0..token.len() {
            for other in
                "abcdefghijklmnopqrstuvwxyz234567018=-".chars().filter(|c| !token[at..].starts_with(*c))
            {
                let forged = format!("{}{other}{}", &token[..at], &token[at + 1..]);
                assert!(secret.verify(Purpose::Bounce, &forged).is_err(), "{forged}");
            }
        }
        assert!(secret.verify(Purpose::Bounce, &token[1..]).is_err());
        assert!(secret.verify(Purpose::Bounce, &format!("{token}a")).is_err());
        assert!(secret.verify(Purpose::Bounce, "").is_err());
    }

    #[test]
    fn a_delivery_token_brings_back_the_number_of_its_row_and_nothing_else_does() {
        let secret = Secret::from_text(OLD).unwrap();
        for number in [0, 1, 4_711, i64::MAX, -1] {
            let token = secret.delivery_token(number);
            assert_eq!(token.len(), 45);
            assert_eq!(secret.verify_delivery(&token.to_uppercase()).unwrap(), number);
            assert!(secret.verify(Purpose::Unsubscribe, &token).is_err());
        }
        let somebody = secret.token(Purpose::Delivery, secret.person(&ada()));
        let bounce = secret.token(Purpose::Bounce, PersonId([0; 10]));
        for forged in [somebody, bounce, Secret::from_text(NEW).unwrap().delivery_token(1)] {
            assert!(secret.verify_delivery(&forged).is_err(), "{forged}");
        }
    }

    #[test]
    fn the_token_of_an_envelope_sender_names_its_row_and_whose_it_is() {
        let secret = Secret::from_text(OLD).unwrap();
        for delivery in [1, 4_711, (1 << 48) - 1] {
            let token = secret.bounce_token(delivery, &ada());
            let read = secret.verify_bounce(&token.to_uppercase()).unwrap();
            assert_eq!(read, BounceToken { delivery, mark: secret.mark(&ada()) });
            assert!(secret.verify_delivery(&token).is_err() && token.len() == 45);
        }
        assert_ne!(secret.mark(&ada()), secret.mark(&AddressKey::from_ledger("bob@example.org".into())));
        assert!(secret.verify_bounce(&secret.delivery_token(1)).is_err());
        assert!(secret.verify_bounce(&Secret::from_text(NEW).unwrap().bounce_token(1, &ada())).is_err());
    }

    #[test]
    fn a_new_key_signs_and_the_old_one_still_verifies_and_names_people() {
        let old = Secret::from_text(OLD).unwrap();
        let both = Secret::from_text(&format!("# newest first\n{NEW}\n{OLD}")).unwrap();
        let token = old.token(Purpose::Unsubscribe, old.person(&ada()));
        assert_eq!(both.verify(Purpose::Unsubscribe, &token).unwrap(), both.person(&ada()));
        let token = both.token(Purpose::Unsubscribe, both.person(&ada()));
        assert!(old.verify(Purpose::Unsubscribe, &token).is_err());
    }

    #[test]
    fn a_message_token_depends_on_every_fact() {
        let secret = Secret::from_text(OLD).unwrap();
        let token = |issue: &str, edition: &str, address: &str, again| {
            let key = AddressKey::from_ledger(address.into());
            secret.message_token(&IssueId(issue.into()), &ContentHash(edition.into()), &key, again)
        };
        let one = token("1", "ab", "ada@example.org", 0);
        assert_eq!(one, token("1", "ab", "ada@example.org", 0));
        for other in [
            token("1a", "b", "ada@example.org", 0),
            token("1", "abc", "ada@example.org", 0),
            token("1", "ab", "bob@example.org", 0),
            token("1", "ab", "ada@example.org", 1),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_secret_is_kept_in_a_private_file_and_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        assert!(Secret::open(&path).unwrap().is_none());
        let first = Secret::create(&path).unwrap();
        assert!(!is_read_by_others(&path));
        let token = first.token(Purpose::Unsubscribe, first.person(&ada()));
        Secret::create(&path).unwrap();
        let opened = Secret::open(&path).unwrap().unwrap();
        assert_eq!(opened.keys.len(), 2);
        assert_eq!(opened.verify(Purpose::Unsubscribe, &token).unwrap(), first.person(&ada()));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_others_can_read_is_refused_with_the_command_that_helps() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        Secret::create(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Secret::open(&path).unwrap_err().help().unwrap().starts_with("type `chmod 600"));
    }

    #[test]
    fn broken_keys_are_refused_without_being_shown() {
        let error = Secret::from_text(&format!("{OLD} hunter2")).unwrap_err();
        assert_eq!(error.to_string(), "key 2 of the secret is not 32 bytes in base32 or hexadecimal");
        assert!(Secret::from_text(" \n# none\n").is_err());
        assert_eq!(format!("{:?}", Secret::from_text(OLD).unwrap()), "Secret(1 keys)");
    }
}
