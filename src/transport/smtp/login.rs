//! AUTH (RFC 4954): PLAIN, LOGIN and XOAUTH2. lettre asks in and answers the questions that it knows; here is
//! how a way is chosen, what the unusual questions are answered, and what of a refusal may be shown.

use data_encoding::BASE64;
use lettre::transport::smtp::authentication::{Credentials, Mechanism as Way};
use secrecy::ExposeSecret;

use super::offers::Offers;
use crate::model::attempt::{Broken, Phase, Reply};
use crate::settings::transport::{Login, Mechanism};

/// The shortest piece of what was sent that is hidden; base64 comes in pieces of four.
const SHORTEST: usize = 4;

/// How we log in.
pub struct Answers {
    pub way: Way,
    pub credentials: Credentials,
    /// For the questions that lettre does not understand: one for each 334, encoded.
    pub steps: Vec<String>,
}

impl Answers {
    /// Fails if the server offers no way to log in that we know, unless one is set.
    pub fn new(login: &Login, offers: &Offers) -> Result<Answers, Broken> {
        let credentials = credentials(login);
        let way = login.mechanism.map_or_else(|| choose(offers), |set| Ok(named(set)))?;
        let steps = match way {
            // A server may pass over the answer that came with AUTH and ask for it again; LOGIN's questions
            // differ in their wording, but the name is always asked for first.
            Way::Plain | Way::Login => wording(way, &credentials),
            // The 334 of a refused token carries details and wants an empty line before the refusal.
            Way::Xoauth2 => vec![String::new()],
        };
        Ok(Answers { way, credentials, steps })
    }
}

fn named(mechanism: Mechanism) -> Way {
    match mechanism {
        Mechanism::Plain => Way::Plain,
        Mechanism::Login => Way::Login,
        Mechanism::Xoauth2 => Way::Xoauth2,
    }
}

fn credentials(login: &Login) -> Credentials {
    Credentials::new(login.user.clone(), login.secret.expose_secret().to_owned())
}

/// Everything that is said of the credentials in one way, as it travels.
fn wording(way: Way, credentials: &Credentials) -> Vec<String> {
    let questions: &[_] = match way {
        Way::Plain | Way::Xoauth2 => &[None],
        Way::Login => &[Some("Username"), Some("Password")],
    };
    let answers = questions.iter().map(|question| way.response(credentials, *question));
    answers.map(|answer| BASE64.encode(answer.expect("each is asked what it knows").as_bytes())).collect()
}

fn choose(offers: &Offers) -> Result<Way, Broken> {
    let known = [("PLAIN", Way::Plain), ("LOGIN", Way::Login)];
    let found = known.into_iter().find(|(name, _)| offers.offers_login(name));
    found.map(|(_, way)| way).ok_or_else(|| match offers.mechanisms.as_slice() {
        [] => no_login(),
        names => {
            let cause = format!("the server takes no password: it offers {}", names.join(", "));
            Broken::hopeless(Phase::Login, cause)
        }
    })
}

pub fn no_login() -> Broken {
    Broken::hopeless(Phase::Login, "the server offers no login (AUTH)")
}

/// What broke a login, without anything of the secret that the server may have repeated.
pub fn without_secret(broken: Broken, login: &Login) -> Broken {
    let sent = sent(login);
    let secret = login.secret.expose_secret();
    let hide = |text: &String| match secret.is_empty() {
        true => text.clone(),
        false => hide_sent(&text.replace(secret, "…"), &sent),
    };
    let reply = broken
        .reply
        .as_ref()
        .map(|Reply { code, lines }| Reply { code: *code, lines: lines.iter().map(hide).collect() });
    Broken { reply, cause: hide(&broken.cause), ..broken }
}

/// What may have gone to the server, in the form in which it went.
fn sent(login: &Login) -> Vec<String> {
    let credentials = credentials(login);
    [Way::Plain, Way::Login, Way::Xoauth2].map(|way| wording(way, &credentials)).concat()
}

/// Hides what was `sent`, and each word that is a piece of it: what a server repeats may be cut short.
fn hide_sent(text: &str, sent: &[String]) -> String {
    let whole = sent.iter().filter(|sent| sent.len() >= SHORTEST);
    let text = whole.fold(text.to_owned(), |text, sent| text.replace(sent, "…"));
    let hide = |word: &str| {
        let inside = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && !"+/=".contains(c));
        let is_sent = inside.len() >= SHORTEST && sent.iter().any(|sent| sent.contains(inside));
        if is_sent { word.replace(inside, "…") } else { word.to_owned() }
    };
    text.split(' ').map(hide).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(mechanism: Option<Mechanism>) -> Login {
        Login { user: "ada".to_owned(), secret: "open sesame".to_owned().into(), mechanism }
    }

    fn offering(names: &[&str]) -> Offers {
        Offers { mechanisms: names.iter().map(|name| (*name).to_owned()).collect(), ..Offers::default() }
    }

    #[test]
    fn the_best_way_offered_is_taken_unless_one_is_set() {
        let way = |mechanism, offered: &[&str]| {
            Answers::new(&login(mechanism), &offering(offered)).map(|answers| answers.way)
        };
        assert_eq!(way(None, &["LOGIN", "PLAIN"]).unwrap(), Way::Plain);
        assert_eq!(way(None, &["LOGIN"]).unwrap(), Way::Login);
        assert_eq!(way(Some(Mechanism::Xoauth2), &["PLAIN"]).unwrap(), Way::Xoauth2);
        let broken = way(None, &["GSSAPI", "XOAUTH2"]).unwrap_err();
        assert_eq!(broken.to_string(), "the server takes no password: it offers GSSAPI, XOAUTH2");
        assert!(!broken.may_pass);
        assert_eq!(way(None, &[]).unwrap_err().to_string(), "the server offers no login (AUTH)");
    }

    #[test]
    fn login_gives_the_name_and_then_the_password() {
        let answers = Answers::new(&login(Some(Mechanism::Login)), &Offers::default()).unwrap();
        assert_eq!(answers.steps, ["YWRh", "b3BlbiBzZXNhbWU="]);
    }

    #[test]
    fn a_refusal_that_repeats_the_secret_is_kept_without_it() {
        let lines = "5.7.8 AGFkYQBvcGVuIHNlc2FtZQ== is wrong\n5.7.8 `open sesame`: Username and password not accepted";
        let refused = Broken::replied(Phase::Login, Reply::new(535, lines));
        let broken = without_secret(refused, &login(None));
        assert_eq!(broken.to_string(), "535 5.7.8 … is wrong 5.7.8 `…`: Username and password not accepted");
    }

    #[test]
    fn neither_is_it_in_words_that_are_no_reply() {
        let said = "the server does not speak SMTP: it said \"AUTH PLAIN AGFkYQBvcGVuIHNlc2FtZQ==\"";
        let broken = without_secret(Broken::hopeless(Phase::Login, said), &login(None));
        assert_eq!(broken.cause, "the server does not speak SMTP: it said \"AUTH PLAIN …\"");
        let said = "it said \"echo=AGFkYQBvcGVuIHNlc2FtZQ==, AGFkYQBvcGVuI\"";
        let broken = without_secret(Broken::hopeless(Phase::Login, said), &login(None));
        assert_eq!(broken.cause, "it said \"echo=…, …\"");
    }
}
