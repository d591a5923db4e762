//! Private keys as people have them, PEM or base64, and the public half as DNS has it.

use std::fmt;

use aws_lc_rs::digest::Digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use data_encoding::BASE64;
use secrecy::zeroize::Zeroizing;

use crate::model::finding::Explain;

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RFC 6376, with 2048 bits or more (RFC 8301).
    Rsa,
    /// RFC 8463: short and quick, but many receivers do not know it.
    Ed25519,
}

impl Algorithm {
    /// The value of `a=`.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Rsa => "rsa-sha256",
            Algorithm::Ed25519 => "ed25519-sha256",
        }
    }

    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Algorithm::Rsa => "RSA",
            Algorithm::Ed25519 => "Ed25519",
        }
    }

    /// The value of `k=` in DNS.
    pub fn kind(self) -> &'static str {
        match self {
            Algorithm::Rsa => "rsa",
            Algorithm::Ed25519 => "ed25519",
        }
    }
}

/// A key that letters are signed with. `Debug` shows nothing of it.
pub struct PrivateKey(Pair);

enum Pair {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Why a text is no key to sign with. None of it is ever shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("is empty")]
    Empty,
    #[error("is neither PEM nor base64")]
    NoKey,
    #[error("holds a broken key")]
    Broken,
    #[error("holds the PEM block `{0}`, which is no private key")]
    Other(String),
    #[error("holds a public key, and letters are signed with the private one")]
    Public,
    #[error("holds a certificate, and letters are signed with a private key")]
    Certificate,
    #[error("holds a key that is locked with a passphrase")]
    Encrypted,
    #[error("holds a key of a kind that DKIM does not know")]
    Kind,
    #[error("holds an RSA key of fewer than 2048 bits, which receivers do not trust")]
    Short,
    #[error("holds an RSA key of more than 4096 bits, which receivers need not accept")]
    Long,
}

impl Explain for KeyError {
    fn help(&self) -> Option<String> {
        Some(match self {
            KeyError::Encrypted => "`openssl pkey -in LOCKED.pem -out dkim.pem` asks for the passphrase and writes it unlocked".to_owned(),
            KeyError::Public | KeyError::Certificate => {
                "name the file that was made with it and begins with `-----BEGIN PRIVATE KEY-----`".to_owned()
            }
            KeyError::Empty | KeyError::NoKey | KeyError::Broken | KeyError::Other(_) => {
                "a key is PEM, from `-----BEGIN PRIVATE KEY-----` to its END line, or base64; `courant dkim keygen` makes one".to_owned()
            }
            KeyError::Kind | KeyError::Short | KeyError::Long => {
                "`courant dkim keygen` makes a key of RSA with 2048 bits".to_owned()
            }
        })
    }
}

/// RFC 8301 3.2: what a verifier has to accept ends here, in octets.
const LONGEST_RSA: usize = 4096 / 8;

impl PrivateKey {
    /// Reads PEM (PKCS#8 or PKCS#1), the same in base64 without its BEGIN and END lines, or the 32 bytes of
    /// an Ed25519 seed in base64. A line break may be written as `\n`, as some hosts keep variables.
    pub fn parse(text: &str) -> Result<PrivateKey, KeyError> {
        let text = Zeroizing::new(text.replace("\\n", "\n"));
        match text.trim() {
            "" => Err(KeyError::Empty),
            trimmed if trimmed.contains("-----BEGIN ") => from_pem(trimmed),
            trimmed => from_der(&decoded(trimmed).ok_or(KeyError::NoKey)?),
        }
    }

    /// Makes a key, RSA with 2048 bits. Fails only where the system gives no randomness.
    pub fn generate(algorithm: Algorithm) -> Option<PrivateKey> {
        Some(PrivateKey(match algorithm {
            Algorithm::Rsa => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).ok()?),
            Algorithm::Ed25519 => Pair::Ed25519(Ed25519KeyPair::generate().ok()?),
        }))
    }

    /// The key as PEM, in PKCS#8: what [`PrivateKey::parse`] and openssl read.
    pub fn to_pem(&self) -> Zeroizing<String> {
        let der: Result<Pkcs8V1Der<'_>, Unspecified> = match &self.0 {
            Pair::Rsa(key) => key.as_der(),
            Pair::Ed25519(key) => key.as_der(),
        };
        let der = der.expect("a key that was read or made can be written");
        let text = Zeroizing::new(BASE64.encode(der.as_ref()));
        let mut pem = Zeroizing::new(String::from("-----BEGIN PRIVATE KEY-----\n"));
        for line in text.as_bytes().chunks(64) {
            pem.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
            pem.push('\n');
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        pem
    }

    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Pair::Rsa(_) => Algorithm::Rsa,
            Pair::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    pub fn bits(&self) -> usize {
        match &self.0 {
            Pair::Rsa(key) => key.public_modulus_len() * 8,
            Pair::Ed25519(_) => 256,
        }
    }

    /// The TXT record that lets receivers verify (RFC 6376 3.6.1, RFC 8463 4).
    pub fn record(&self) -> String {
        format!("v=DKIM1; k={}; p={}", self.algorithm().kind(), BASE64.encode(&self.public()))
    }

    fn public(&self) -> Vec<u8> {
        match &self.0 {
            Pair::Rsa(key) => {
                let der: Result<PublicKeyX509Der<'_>, Unspecified> = key.public_key().as_der();
                der.expect("the public half of a key can be written").as_ref().to_vec()
            }
            Pair::Ed25519(key) => key.public_key().as_ref().to_vec(),
        }
    }

    /// In octets.
    pub(super) fn signature_length(&self) -> usize {
        match &self.0 {
            Pair::Rsa(key) => key.public_modulus_len(),
            Pair::Ed25519(_) => 64,
        }
    }

    /// Signs what was hashed; the same for the same hash. `None` only if the key is broken in memory.
    pub(super) fn sign(&self, hashed: &Digest) -> Option<Vec<u8>> {
        match &self.0 {
            Pair::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign_digest(&RSA_PKCS1_SHA256, hashed, &mut signature).ok()?;
                Some(signature)
            }
            Pair::Ed25519(key) => Some(key.try_sign(hashed.as_ref()).ok()?.as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.algorithm().kind())
    }
}

/// The first private key of a PEM text, else what is wrong with its first block.
fn from_pem(text: &str) -> Result<PrivateKey, KeyError> {
    let mut wrong = None;
    for block in text.split("-----BEGIN ").skip(1) {
        let Some((label, rest)) = block.split_once("-----") else { continue };
        match read_block(label, rest) {
            Ok(key) => return Ok(key),
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    Err(wrong.unwrap_or(KeyError::NoKey))
}

fn read_block(label: &str, rest: &str) -> Result<PrivateKey, KeyError> {
    let inside = rest.split("-----END ").next().unwrap_or_default();
    match label {
        "PRIVATE KEY" | "RSA PRIVATE KEY" if inside.contains("ENCRYPTED") => Err(KeyError::Encrypted),
        "PRIVATE KEY" | "RSA PRIVATE KEY" if rest.contains("-----END ") => {
            from_der(&decoded(inside).ok_or(KeyError::Broken)?)
        }
        "PRIVATE KEY" | "RSA PRIVATE KEY" => Err(KeyError::Broken),
        "ENCRYPTED PRIVATE KEY" => Err(KeyError::Encrypted),
        "PUBLIC KEY" | "RSA PUBLIC KEY" => Err(KeyError::Public),
        "CERTIFICATE" | "TRUSTED CERTIFICATE" => Err(KeyError::Certificate),
        "EC PRIVATE KEY" | "DSA PRIVATE KEY" | "OPENSSH PRIVATE KEY" => Err(KeyError::Kind),
        other => Err(KeyError::Other(other.chars().filter(|letter| !letter.is_control()).take(40).collect())),
    }
}

fn decoded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let packed: Zeroizing<Vec<u8>> =
        Zeroizing::new(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    BASE64.decode(&packed).ok().map(Zeroizing::new)
}

fn from_der(der: &[u8]) -> Result<PrivateKey, KeyError> {
    if der.len() == 32 {
        return Ed25519KeyPair::from_seed_unchecked(der)
            .map(Pair::Ed25519)
            .map(PrivateKey)
            .map_err(|_| KeyError::Broken);
    }
    if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
        return Ok(PrivateKey(Pair::Ed25519(key)));
    }
    let by_pkcs8 = RsaKeyPair::from_pkcs8(der);
    match by_pkcs8.or_else(|error| if is_size(&error) { Err(error) } else { RsaKeyPair::from_der(der) }) {
        Ok(key) if key.public_modulus_len() > LONGEST_RSA => Err(KeyError::Long),
        Ok(key) => Ok(PrivateKey(Pair::Rsa(key))),
        Err(error) => Err(refused(&error, der)),
    }
}

fn is_size(error: &aws_lc_rs::error::KeyRejected) -> bool {
    matches!(error.description_(), "TooSmall" | "TooLarge")
}

fn refused(error: &aws_lc_rs::error::KeyRejected, der: &[u8]) -> KeyError {
    match error.description_() {
        "TooSmall" => KeyError::Short,
        "TooLarge" => KeyError::Long,
        _ if is_of_another_kind(der) => KeyError::Kind,
        _ => KeyError::Broken,
    }
}

/// Whether it is PKCS#8 of an algorithm that is neither RSA nor Ed25519.
fn is_of_another_kind(der: &[u8]) -> bool {
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
    const PKCS8: &[u8] = &[0x02, 0x01, 0x00, 0x30];
    let opening = &der[..der.len().min(32)];
    let holds = |part| memchr::memmem::find(opening, part).is_some();
    holds(PKCS8) && !holds(RSA) && !holds(ED25519)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> KeyError {
        PrivateKey::parse(text).expect_err("this is no key")
    }

    #[test]
    fn a_key_that_was_made_is_read_again_as_pem_and_as_base64() {
        for algorithm in [Algorithm::Rsa, Algorithm::Ed25519] {
            let key = PrivateKey::generate(algorithm).unwrap();
            let pem = key.to_pem();
            let bare: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            for form in [pem.to_string(), bare, pem.replace('\n', "\\n"), pem.replace('\n', "\r\n")] {
                let again = PrivateKey::parse(&form).unwrap();
                assert_eq!(again.record(), key.record());
                assert_eq!(again.algorithm(), algorithm);
            }
            assert!(!format!("{key:?}").contains("MI"));
        }
    }

    #[test]
    fn the_seed_of_rfc_8463_gives_the_public_key_that_it_prints() {
        let key = PrivateKey::parse("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
        assert_eq!(key.record(), "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    }

    #[test]
    fn what_is_no_private_key_is_called_what_it_is() {
        let block =
            |label: &str, inside: &str| format!("-----BEGIN {label}-----\n{inside}\n-----END {label}-----\n");
        assert_eq!(wrong(" \n"), KeyError::Empty);
        assert_eq!(wrong("v=DKIM1; k=rsa; p=abc"), KeyError::NoKey);
        assert_eq!(wrong("AAAA"), KeyError::Broken);
        assert_eq!(wrong(&block("PRIVATE KEY", "AAAA")), KeyError::Broken);
        assert_eq!(wrong("-----BEGIN PRIVATE KEY-----\nMIIE"), KeyError::Broken);
        assert_eq!(wrong(&block("PUBLIC KEY", "AAAA")), KeyError::Public);
        assert_eq!(wrong(&block("CERTIFICATE", "AAAA")), KeyError::Certificate);
        assert_eq!(wrong(&block("ENCRYPTED PRIVATE KEY", "AAAA")), KeyError::Encrypted);
        let old = block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA");
        assert_eq!(wrong(&old), KeyError::Encrypted);
        assert_eq!(wrong(&block("EC PRIVATE KEY", "AAAA")), KeyError::Kind);
        assert_eq!(wrong(&block("PGP MESSAGE", "AAAA")), KeyError::Other("PGP MESSAGE".into()));
    }

    #[test]
    fn a_key_may_stand_behind_its_certificate() {
        let key = PrivateKey::generate(Algorithm::Ed25519).unwrap();
        let text = format!(
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{}",
            key.to_pem().as_str()
        );
        assert_eq!(PrivateKey::parse(&text).unwrap().record(), key.record());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}|(-----(BEGIN|END) [A-Z ]{0,12}-----\n?|[A-Za-z0-9+/=]{0,40}\n){0,6}") {
            let _ = PrivateKey::parse(&text);
        }
    }
}
