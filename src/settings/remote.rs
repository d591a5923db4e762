//! A mailbox on another machine: `imaps://USER@HOST/FOLDER`, `pop3s://USER@HOST` → [`Remote`].

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::transport::Security;
use super::transport_url::{host, is_loopback, percent_decoded};
use crate::model::issue::At;
use crate::model::source::Span;
use crate::model::tree::{Misfit, nearest};

/// How a mailbox is reached, and what is done there.
#[derive(Debug, Clone)]
pub struct Remote {
    pub protocol: Protocol,
    pub security: Security,
    /// A name in A-label form, or an IP address without brackets.
    pub host: String,
    pub port: u16,
    pub user: String,
    /// As people write it; POP3 has none.
    pub folder: String,
    pub access: Access,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Imap,
    Pop3,
}

/// What `[mailbox]` says beside the URL.
#[derive(Debug, Clone)]
pub struct Access {
    pub proof: Option<Proof>,
    /// More certificates to trust, in PEM.
    pub tls_ca: Option<PathBuf>,
    pub done: Done,
    /// How often `serve` looks where the server does not tell of new mail by itself.
    pub poll: Duration,
}

impl Default for Access {
    fn default() -> Access {
        Access { proof: None, tls_ca: None, done: Done::Mark, poll: Duration::from_secs(5 * 60) }
    }
}

/// How we show that the mailbox is ours.
#[derive(Debug, Clone)]
pub enum Proof {
    Password(SecretString),
    /// An access token of OAuth 2.0, for XOAUTH2.
    Token(SecretString),
    /// A command for the shell that prints such a token, anew for each login: tokens live for an hour.
    TokenCommand(String),
}

/// What becomes of a mail once what it says is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It is marked as read, where the mailbox has marks.
    Mark,
    /// Nothing.
    Leave,
    Delete,
    /// It goes to this folder.
    Move(String),
}

impl Done {
    /// `None` if it is no word of ours.
    pub fn parse(text: &str) -> Option<Done> {
        match text {
            "mark" => Some(Done::Mark),
            "leave" => Some(Done::Leave),
            "delete" => Some(Done::Delete),
            other => other
                .strip_prefix("move:")
                .filter(|folder| !folder.is_empty())
                .map(|to| Done::Move(to.to_owned())),
        }
    }
}

pub const DONE_HELP: &str = "write \"mark\", \"leave\", \"delete\" or \"move:FOLDER\"";

/// How a URL begins. What is named in the clear is so on this machine only.
const SCHEMES: [(&str, Protocol, Security); 6] = [
    ("imaps", Protocol::Imap, Security::Implicit),
    ("imap", Protocol::Imap, Security::Plain),
    ("imap+starttls", Protocol::Imap, Security::StartTls),
    ("pop3s", Protocol::Pop3, Security::Implicit),
    ("pop3", Protocol::Pop3, Security::Plain),
    ("pop3+starttls", Protocol::Pop3, Security::StartTls),
];

impl Remote {
    /// Whether a text is the URL of a mailbox, and not a path.
    pub fn is_url(text: &str) -> bool {
        text.split_once("://").is_some_and(|(scheme, _)| known(scheme).is_some())
    }

    /// The mailbox at `url`, with the password in it if there is one. No message quotes the URL.
    pub fn parse(url: &At<String>, access: Access) -> Result<Remote, Misfit> {
        let span = &url.span;
        let parsed = Url::parse(url.value.trim()).map_err(|error| unreadable(&error.to_string(), span))?;
        let (protocol, asked) = scheme(parsed.scheme(), span)?;
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(unreadable("a `?` or `#` stands in it", span));
        }
        let host = host(&parsed).ok_or_else(|| unreadable("it names no host", span))?;
        let security = if asked == Security::Plain { without_a_word(&host) } else { asked };
        let decoded =
            |text: &str| percent_decoded(text).ok_or_else(|| unreadable("a `%` begins no escape", span));
        let user = decoded(parsed.username())?;
        if user.is_empty() || user.chars().any(char::is_control) {
            return Err(unreadable("it names no user", span));
        }
        let folder = folder(protocol, &decoded(parsed.path())?, span)?;
        let proof = match parsed.password() {
            Some(password) => Some(Proof::Password(SecretString::from(decoded(password)?))),
            None => access.proof,
        };
        let port = parsed.port().unwrap_or_else(|| default_port(protocol, security));
        let remote =
            Remote { protocol, security, host, port, user, folder, access: Access { proof, ..access } };
        remote.refuse_what_pop3_cannot(span)?;
        remote.refuse_moving_to_itself(span)?;
        Ok(remote)
    }

    /// The same mailbox, with what is known of its account; what it says of itself weighs more.
    pub fn with(self, known: Access, span: &Span) -> Result<Remote, Misfit> {
        let proof = self.access.proof.or(known.proof);
        let remote = Remote { access: Access { proof, ..known }, ..self };
        remote.refuse_moving_to_itself(span)?;
        Ok(remote)
    }

    /// Fit to be shown and stored: without a password.
    pub fn name(&self) -> String {
        let is_ours = |(_, protocol, security): &&(&str, Protocol, Security)| {
            (*protocol, *security) == (self.protocol, self.security)
        };
        let (scheme, ..) = SCHEMES.iter().find(is_ours).expect("every way to a mailbox has a scheme");
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let folder = if self.folder.is_empty() { String::new() } else { format!("/{}", self.folder) };
        format!("{scheme}://{}@{host}:{}{folder}", self.user, self.port)
    }

    /// Whether the same login opens both.
    pub fn is_same_account(&self, other: &Remote) -> bool {
        (&self.user, &self.host) == (&other.user, &other.host)
    }

    fn refuse_what_pop3_cannot(&self, span: &Span) -> Result<(), Misfit> {
        match (self.protocol, &self.access.done) {
            (Protocol::Pop3, Done::Move(_)) => {
                Err(Misfit::new("POP3 has no folders to move mails to", span.clone())
                    .help("use IMAP, or done = \"leave\" or \"delete\""))
            }
            (Protocol::Pop3, Done::Mark | Done::Leave | Done::Delete) | (Protocol::Imap, _) => Ok(()),
        }
    }

    /// What is moved there would be new there, and moved again.
    fn refuse_moving_to_itself(&self, span: &Span) -> Result<(), Misfit> {
        match &self.access.done {
            Done::Move(to) if self.protocol == Protocol::Imap && is_same_folder(to, &self.folder) => {
                let message = format!("mails of the folder `{}` cannot be moved to itself", self.folder);
                Err(Misfit::new(message, span.clone())
                    .help("name another folder in `done`, or write done = \"mark\""))
            }
            Done::Move(_) | Done::Mark | Done::Leave | Done::Delete => Ok(()),
        }
    }
}

fn known(word: &str) -> Option<(Protocol, Security)> {
    SCHEMES
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(word))
        .map(|(_, protocol, security)| (*protocol, *security))
}

fn scheme(word: &str, span: &Span) -> Result<(Protocol, Security), Misfit> {
    known(word).ok_or_else(|| {
        let names = SCHEMES.map(|(name, ..)| name);
        Misfit::new(format!("`{word}:` is no mailbox"), span.clone()).help(nearest(word, &names))
    })
}

/// STARTTLS, which is then required; but on this machine nobody listens in.
fn without_a_word(host: &str) -> Security {
    if is_loopback(host) { Security::Plain } else { Security::StartTls }
}

fn default_port(protocol: Protocol, security: Security) -> u16 {
    match (protocol, security) {
        (Protocol::Imap, Security::Implicit) => 993,
        (Protocol::Imap, Security::StartTls | Security::Plain) => 143,
        (Protocol::Pop3, Security::Implicit) => 995,
        (Protocol::Pop3, Security::StartTls | Security::Plain) => 110,
    }
}

fn folder(protocol: Protocol, path: &str, span: &Span) -> Result<String, Misfit> {
    let folder = path.trim_matches('/');
    match protocol {
        Protocol::Pop3 if !folder.is_empty() => Err(unreadable("POP3 has no folders", span)),
        Protocol::Pop3 => Ok(String::new()),
        Protocol::Imap if folder.chars().any(char::is_control) => {
            Err(unreadable("the name of a folder has no control characters", span))
        }
        Protocol::Imap if folder.is_empty() => Ok("INBOX".to_owned()),
        Protocol::Imap => Ok(folder.to_owned()),
    }
}

/// Only INBOX is the same in capitals and without (RFC 3501 5.1).
fn is_same_folder(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim_matches('/'), other.trim_matches('/'));
    one == other || [one, other].iter().all(|name| name.eq_ignore_ascii_case("INBOX"))
}

fn unreadable(why: &str, span: &Span) -> Misfit {
    Misfit::new(format!("this is no URL of a mailbox: {why}"), span.clone()).help(
        "it looks like imaps://USER@HOST/INBOX or pop3s://USER@HOST; in USER write `@` as %40 and `%` as %25",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Remote, Misfit> {
        Remote::parse(&At { value: url.to_owned(), span: 0..0 }, Access::default())
    }

    #[test]
    fn a_url_says_where_and_how_and_its_name_keeps_no_secret() {
        for (url, name, security) in [
            (
                "imaps://bounces%40x.org@imap.x.org",
                "imaps://bounces@x.org@imap.x.org:993/INBOX",
                Security::Implicit,
            ),
            (
                "IMAP://b:se%2Fcret@imap.x.org/Back/News",
                "imap+starttls://b@imap.x.org:143/Back/News",
                Security::StartTls,
            ),
            ("imap://b@127.0.0.1:1143/", "imap://b@127.0.0.1:1143/INBOX", Security::Plain),
            ("pop3s://b@[2001:db8::1]", "pop3s://b@[2001:db8::1]:995", Security::Implicit),
            ("pop3://b@pop.x.org", "pop3+starttls://b@pop.x.org:110", Security::StartTls),
            ("imaps://b@x.org/R%C3%BCck", "imaps://b@x.org:993/Rück", Security::Implicit),
        ] {
            let remote = parse(url).unwrap();
            assert_eq!((remote.name().as_str(), remote.security), (name, security));
            assert!(!format!("{remote:?}").contains("/cret"), "{remote:?}");
        }
    }

    #[test]
    fn what_is_no_mailbox_is_refused_and_not_quoted() {
        for url in [
            "imaps://:secret@x.org",
            "imaps://x.org",
            "pop3s://a:secret@x.org/INBOX",
            "imaps://a@x.org?x=secret",
            "http://a:secret@x",
        ] {
            let misfit = parse(url).unwrap_err();
            assert!(!format!("{misfit:?}").contains("secret"), "{misfit:?}");
        }
        let moving = Access { done: Done::Move("x".to_owned()), ..Access::default() };
        let url = At { value: "pop3s://a@x.org".to_owned(), span: 0..0 };
        assert!(Remote::parse(&url, moving).is_err());
    }

    #[test]
    fn what_is_done_is_one_of_four_words() {
        assert_eq!(Done::parse("move:Old/Bounces"), Some(Done::Move("Old/Bounces".to_owned())));
        assert_eq!(
            (Done::parse("mark"), Done::parse("move:"), Done::parse("seen")),
            (Some(Done::Mark), None, None)
        );
    }

    #[test]
    fn no_mail_is_moved_to_the_folder_that_it_is_in() {
        let moving = |url: &str, to: &str| {
            let access = Access { done: Done::Move(to.to_owned()), ..Access::default() };
            Remote::parse(&At { value: url.to_owned(), span: 0..0 }, access).map(drop)
        };
        for (url, to) in [("imaps://a@x.org", "inbox"), ("imaps://a@x.org/R%C3%BCck/", "Rück")] {
            assert!(moving(url, to).unwrap_err().message.contains("cannot be moved to itself"), "{url}");
        }
        assert!(moving("imaps://a@x.org", "Old").is_ok() && moving("imaps://a@x.org/old", "Old").is_ok());
        let known = Access { done: Done::Move("Old".to_owned()), ..Access::default() };
        assert!(parse("imaps://a@x.org/Old").unwrap().with(known.clone(), &(0..0)).is_err());
        assert!(parse("pop3s://a@x.org").unwrap().with(known, &(0..0)).is_ok());
    }

    #[test]
    fn a_path_is_no_url() {
        assert!(Remote::is_url("imaps://a@b") && Remote::is_url("POP3://a@b"));
        assert!(
            !Remote::is_url("Maildir") && !Remote::is_url("/var/mail/a:b") && !Remote::is_url("mail.mbox")
        );
    }
}
