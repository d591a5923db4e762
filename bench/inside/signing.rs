//! What a signature adds to a letter, and how much more two cores sign than one.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use courant::compose::dkim::Signer;
use courant::compose::dkim::key::{Algorithm, PrivateKey};
use courant::compose::press::{Press, Stamper};
use courant::model::address::Domain;
use courant::model::letter::Edition;
use courant::model::subscriber::Subscriber;

use super::{Failure, people, stamper};

/// Letters of one round: a round of each case follows the other, so that a busy moment is a moment for all.
const LETTERS: usize = 100;
/// How long the cores sign.
const SPAN: Duration = Duration::from_secs(2);

struct Case {
    name: &'static str,
    press: Press,
    times: Vec<f64>,
}

/// One line of JSON: medians in microseconds a letter, without a signature and with each kind, and letters a second that
/// one core and two sign with RSA.
pub fn measure(edition: &Edition, rounds: usize) -> Result<String, Failure> {
    let (stamper, people) = (stamper(edition)?, people(LETTERS)?);
    let mut cases = cases(edition)?;
    for _ in 0..2 * rounds {
        for case in &mut cases {
            let time = round(&case.press, &stamper, &people)?;
            case.times.push(time / LETTERS as f64);
        }
    }
    let mut found: Vec<String> = cases.iter_mut().map(|case| case.told(rounds)).collect();
    let rsa = cases.into_iter().find(|case| case.name == "rsa").ok_or("there is a case for RSA")?.press;
    for cores in [1, 2] {
        found.push(format!(r#""letters_per_s_{cores}": {:.0}"#, rate(&rsa, &stamper, &people, cores)));
    }
    Ok(format!("{{{}}}", found.join(", ")))
}

fn cases(edition: &Edition) -> Result<Vec<Case>, Failure> {
    let (rsa, ed25519) = (signer("s1", Algorithm::Rsa)?, signer("s2", Algorithm::Ed25519)?);
    let case = |name, signers: Vec<Signer>| -> Result<Case, Failure> {
        Ok(Case { name, press: Press::new(edition)?.signed_by(signers), times: Vec::new() })
    };
    Ok(vec![
        case("plain", Vec::new())?,
        case("rsa", vec![rsa.clone()])?,
        case("ed25519", vec![ed25519.clone()])?,
        case("both", vec![rsa, ed25519])?,
    ])
}

fn signer(selector: &str, algorithm: Algorithm) -> Result<Signer, Failure> {
    let key = PrivateKey::generate(algorithm).ok_or("the system gives no random bytes")?;
    Ok(Signer { domain: Domain::parse("example.org")?, selector: selector.to_owned(), key: Arc::new(key) })
}

impl Case {
    /// The first rounds were to warm up.
    fn told(&mut self, rounds: usize) -> String {
        let times = &mut self.times[rounds..];
        times.sort_by(f64::total_cmp);
        format!(r#""{}_us": {:.2}"#, self.name, times[times.len() / 2])
    }
}

/// In microseconds.
fn round(press: &Press, stamper: &Stamper, people: &[Subscriber]) -> Result<f64, Failure> {
    let mut letter = Vec::new();
    let began = Instant::now();
    for to in people {
        letter.clear();
        press.press(to, &stamper.stamp(&to.address.key(), 0, jiff::Timestamp::UNIX_EPOCH), &mut letter)?;
        black_box(&letter);
    }
    Ok(began.elapsed().as_secs_f64() * 1e6)
}

/// Letters a second over so many threads.
fn rate(press: &Press, stamper: &Stamper, people: &[Subscriber], cores: usize) -> f64 {
    let work = || {
        let (began, mut done) = (Instant::now(), 0);
        while began.elapsed() < SPAN {
            done += round(press, stamper, people).map_or(0, |_| people.len());
        }
        done as f64 / began.elapsed().as_secs_f64()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_default()).sum()
    })
}
