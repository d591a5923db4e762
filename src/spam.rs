//! What SpamAssassin thinks of a letter: asked at its daemon's socket, or by its command. Only local tests are asked for,
//! nothing is learnt and nothing is written.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::process::Command;
use tokio::time::timeout;

use crate::settings::spam::SpamSettings;

/// For everything together.
const PATIENCE: Duration = Duration::from_secs(20);
/// For a daemon that may not be there.
const KNOCK: Duration = Duration::from_secs(1);
/// Mail servers do not look at larger letters either.
const LARGEST: usize = 2_000_000;
/// Where the daemon of a machine listens.
const DAEMON: &str = "127.0.0.1:783";

/// How many points a letter got, and for what.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Score {
    pub points: f64,
    /// From so many points on SpamAssassin calls it spam.
    pub threshold: f64,
    /// Each rule of SpamAssassin that gave or took points, the most first.
    pub hits: Vec<Hit>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Less than nothing for what speaks for the letter.
    pub points: f64,
    /// `HTML_FONT_LOW_CONTRAST`.
    pub rule: String,
    pub words: String,
}

/// Why there is no score.
#[derive(Debug, thiserror::Error)]
pub enum Silence {
    #[error("`[check] spamassassin` is off")]
    Off,
    #[error("SpamAssassin is not installed")]
    NotInstalled,
    #[error("the letter has more than 2 MB, which no spam filter reads")]
    TooLarge,
    #[error("SpamAssassin cannot be reached at {place}: {why}")]
    Unreachable { place: String, why: io::Error },
    #[error("SpamAssassin did not answer within 20 seconds")]
    TimedOut,
    #[error("SpamAssassin broke off: {0}")]
    Broken(#[from] io::Error),
    #[error("the answer of SpamAssassin cannot be read")]
    Unreadable,
}

/// Asks whom the settings name. If it is dropped, a command that was started ends.
pub async fn ask(whom: &SpamSettings, letter: &[u8]) -> Result<Score, Silence> {
    if letter.len() > LARGEST && *whom != SpamSettings::Off {
        return Err(Silence::TooLarge);
    }
    timeout(PATIENCE, report(whom, letter)).await.unwrap_or(Err(Silence::TimedOut))
}

async fn report(whom: &SpamSettings, letter: &[u8]) -> Result<Score, Silence> {
    let report = match whom {
        SpamSettings::Off => return Err(Silence::Off),
        SpamSettings::Tcp(host) => daemon(reach(host).await?, letter).await?,
        SpamSettings::Socket(path) => of_socket(path, letter).await?,
        SpamSettings::Auto => match timeout(KNOCK, TcpStream::connect(DAEMON)).await {
            Ok(Ok(stream)) => daemon(stream, letter).await?,
            _ => command(letter).await?,
        },
    };
    read(&report).ok_or(Silence::Unreadable)
}

async fn reach(host: &str) -> Result<TcpStream, Silence> {
    let unreachable = |why| Silence::Unreachable { place: host.to_owned(), why };
    TcpStream::connect(host).await.map_err(unreachable)
}

#[cfg(unix)]
async fn of_socket(path: &PathBuf, letter: &[u8]) -> Result<String, Silence> {
    let place = path.display().to_string();
    let stream = UnixStream::connect(path).await.map_err(|why| Silence::Unreachable { place, why })?;
    daemon(stream, letter).await
}

#[cfg(not(unix))]
async fn of_socket(path: &PathBuf, _letter: &[u8]) -> Result<String, Silence> {
    let why = io::Error::from(io::ErrorKind::Unsupported);
    Err(Silence::Unreachable { place: path.display().to_string(), why })
}

/// One request of spamd's protocol, 1.5, and the report in its answer.
async fn daemon(mut stream: impl AsyncRead + AsyncWrite + Unpin, letter: &[u8]) -> Result<String, Silence> {
    let request = format!("REPORT SPAMC/1.5\r\nContent-length: {}\r\n\r\n", letter.len());
    stream.write_all(request.as_bytes()).await?;
    stream.write_all(letter).await?;
    stream.shutdown().await?;
    let mut answer = Vec::new();
    stream.take(1 << 20).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    if !answer.starts_with("SPAMD/") || !answer.lines().next().is_some_and(|line| line.contains("EX_OK")) {
        return Err(Silence::Unreadable);
    }
    Ok(answer)
}

async fn command(letter: &[u8]) -> Result<String, Silence> {
    let path = installed().ok_or(Silence::NotInstalled)?;
    let mut child = Command::new(path)
        .args(["--local", "--test-mode", "--nocreate-prefs", "--cf=use_bayes 0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = child.stdin.take().expect("its input was asked for");
    let writing = async {
        input.write_all(letter).await?;
        drop(input);
        Ok::<_, io::Error>(())
    };
    let (_, output) = tokio::join!(writing, child.wait_with_output());
    Ok(String::from_utf8_lossy(&output?.stdout).into_owned())
}

/// The command, where `PATH` leads to one.
fn installed() -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join("spamassassin")).find(|path| path.is_file())
}

/// The last report in an answer, of the daemon or the command; `None` if there is none.
fn read(answer: &str) -> Option<Score> {
    let (_, report) = answer.rsplit_once("Content analysis details:")?;
    let mut lines = report.lines();
    // `   (1.2 points, 5.0 required)`
    let mut numbers = lines.next()?.trim().trim_matches(['(', ')']).split(", ");
    let points = numbers.next()?.strip_suffix(" points")?.trim().parse().ok()?;
    let threshold = numbers.next()?.strip_suffix(" required")?.trim().parse().ok()?;
    let mut hits = Vec::new();
    for line in lines.skip_while(|line| !line.starts_with("----")).skip(1) {
        match (hit(line), hits.last_mut()) {
            (Some(hit), _) => hits.push(hit),
            (None, Some(last)) if line.starts_with("     ") => continued(last, line),
            (None, _) => break,
        }
    }
    hits.retain(|hit: &Hit| hit.points.abs() >= 0.05);
    hits.sort_by(|one, other| other.points.total_cmp(&one.points));
    Some(Score { points, threshold, hits })
}

fn continued(hit: &mut Hit, line: &str) {
    hit.words.push(' ');
    hit.words.push_str(line.trim());
}

/// ` 0.7 HTML_FONT_LOW_CONTRAST BODY: HTML font color similar or identical to`
fn hit(line: &str) -> Option<Hit> {
    let (points, rest) = line.trim_start().split_once(' ')?;
    let points = points.parse().ok()?;
    let (rule, words) = rest.trim_start().split_once(' ').unwrap_or((rest.trim_start(), ""));
    Some(Hit { points, rule: rule.to_owned(), words: words.trim().trim_start_matches("BODY: ").to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "Content analysis details:   (3.5 points, 5.0 required)\n\n \
        pts rule name              description\n\
        ---- ---------------------- --------------------------------------------------\n\
        -0.0 NO_RELAYS              Informational: message was not relayed via SMTP\n \
        0.7 HTML_FONT_LOW_CONTRAST BODY: HTML font color similar or identical to\n                            \
        background\n \
        2.8 URGENT                 Asks for money\n\
        -1.0 MAILING_LIST_MULTI     Multiple indicators imply a widely-seen list\n                            \
        manager\n\n";

    #[test]
    fn a_report_is_read_with_its_points() {
        let score = read(&format!("a letter\n{REPORT}")).unwrap();
        assert_eq!((score.points, score.threshold), (3.5, 5.0));
        let rules: Vec<&str> = score.hits.iter().map(|hit| hit.rule.as_str()).collect();
        assert_eq!(rules, ["URGENT", "HTML_FONT_LOW_CONTRAST", "MAILING_LIST_MULTI"]);
        assert_eq!(score.hits[1].words, "HTML font color similar or identical to background");
        assert_eq!(read("no report"), None);
    }

    #[tokio::test]
    async fn a_daemon_that_is_not_there_is_named() {
        let nobody = SpamSettings::Socket("/nowhere/spamd.sock".into());
        let silence = ask(&nobody, b"Subject: x\r\n\r\nx\r\n").await.unwrap_err();
        assert!(silence.to_string().starts_with("SpamAssassin cannot be reached at /nowhere"), "{silence}");
        assert!(matches!(ask(&SpamSettings::Off, b"").await, Err(Silence::Off)));
        assert!(matches!(ask(&SpamSettings::Auto, &vec![0; LARGEST + 1]).await, Err(Silence::TooLarge)));
    }

    #[tokio::test]
    async fn what_answers_and_is_no_spamd_is_told() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let answering = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            stream.read_to_end(&mut request).await.unwrap();
            stream.write_all(b"SPAMD/1.0 76 Bad header line\r\n").await.unwrap();
            request
        };
        let whom = SpamSettings::Tcp(host);
        let (request, answer) = tokio::join!(answering, ask(&whom, b"Subject: x\r\n\r\nx\r\n"));
        assert!(request.starts_with(b"REPORT SPAMC/1.5\r\nContent-length: 17\r\n\r\nSubject"));
        assert!(matches!(answer, Err(Silence::Unreadable)), "{answer:?}");
    }
}
