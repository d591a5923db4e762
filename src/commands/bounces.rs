//! `courant bounces`: what mails that came back mean, and what follows from it.

pub mod collect;
mod claims;
mod finder;
mod remote;
mod source;
pub mod watch;

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::commands::desk::write_out;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::inbound::{mailbox, notice};
use crate::report::Format;
use crate::report::bounces::{self as words, Reading};

/// Read mails that came back: bounces, complaints, requests to unsubscribe
///
/// Delivery reports, complaints, requests to unsubscribe, answers of machines and of people are told apart, and each
/// address that failed gets a verdict with the reason for it. docs/bounces.md explains the words.
#[derive(Debug, Args)]
pub struct Bounces {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read mails and say what they mean; nothing is written down, moved or marked
    ///
    /// It needs no workspace. A token is shown as it stands in the mail, and is not verified.
    #[command(after_help = "Examples:\n  courant bounces parse returned.eml       one mail\n  \
        courant bounces parse Maildir/ --json    every mail of a Maildir, for a program\n  \
        courant bounces parse - < inbox.mbox     every mail of an mbox, from standard input")]
    Parse(Parse),
    /// Write down what came back by mail, and leave in peace whom it says to
    ///
    /// Each mail is joined to its letter by the token of its return path or by the Message-ID. What proves nothing (a
    /// bounce that only names an address, somebody who asks in words to be unsubscribed) is listed, and on a terminal
    /// asked for. A mail counts once, however often it is read. Mails that were understood are marked as read, in a
    /// Maildir or by IMAP, or as `done` of [mailbox] says; all else stays as it is. docs/bounces.md says what follows from what.
    #[command(
        after_help = "Examples:\n  courant bounces collect                   the mailbox of the settings\n  \
        courant bounces collect --again           the same from its beginning, after a better version\n  \
        courant bounces collect Maildir/ old.mbox\n  \
        courant bounces collect - < returned.eml  as a mail server pipes it"
    )]
    Collect(collect::Collect),
}

#[derive(Debug, Args)]
struct Parse {
    /// A mail, an mbox, a Maildir or a folder of mails; - is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

impl Bounces {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match &self.action {
            Action::Parse(parse) => parse.run(global.format()),
            Action::Collect(collect) => collect.run(global).await,
        }
    }
}

impl Parse {
    fn run(&self, format: Format) -> Result<Exit, Failure> {
        let mut readings = Vec::new();
        for file in &self.files {
            let before = readings.len();
            read(file, &mut readings).map_err(|error| unreadable(file, &error))?;
            if readings.len() == before {
                return Err(no_mail(file).into());
            }
        }
        let text = match format {
            Format::Human => words::human(&readings),
            Format::Json => words::json(&readings).to_string(),
        };
        write_out(format!("{text}\n").as_bytes())?;
        Ok(Exit::Done)
    }
}

fn read(file: &Path, readings: &mut Vec<Reading>) -> io::Result<()> {
    let mut take = |mail: mailbox::Mail| {
        readings.push(Reading { notice: notice::read(&mail.bytes), place: mail.place });
        Ok(())
    };
    match file == Path::new("-") {
        true => mailbox::each_in(&shown(file), BufReader::new(io::stdin().lock()), &mut take),
        false => mailbox::each_mail(file, &mut take),
    }
}

fn shown(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

fn unreadable(file: &Path, error: &io::Error) -> Plain {
    Plain::new(
        format!("{} cannot be read: {error}", shown(file)),
        "name a mail, an mbox or a folder of mails that is there and that you may read",
    )
}

fn no_mail(file: &Path) -> Plain {
    Plain::new(
        format!("{} holds no mail", shown(file)),
        "name a mail as it came, an mbox, or a Maildir; hidden files and tmp/ are left out",
    )
}
