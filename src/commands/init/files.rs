//! The files of a new workspace.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

use crate::commands::Plain;
use crate::model::address::Mailbox;

/// What the author said.
pub struct Answers {
    pub name: String,
    pub from: Option<Mailbox>,
    pub postal_address: Option<String>,
}

pub struct File {
    /// From the root of the workspace.
    pub path: &'static str,
    content: Content,
}

enum Content {
    Config,
    Text(&'static str),
}

/// In the order they are written: `courant.toml` comes last, so that an interrupted `init` can be run again.
pub const FILES: [File; 6] = [
    File { path: ".gitignore", content: Content::Text(GITIGNORE) },
    File { path: ".env.example", content: Content::Text(include_str!("../../../.env.example")) },
    File { path: "templates/README.md", content: Content::Text(TEMPLATES) },
    File {
        path: "subscribers/example.csv",
        content: Content::Text(include_str!("../../../subscribers/example.csv")),
    },
    File {
        path: "issues/001-welcome.md",
        content: Content::Text(include_str!("../../../issues/001-welcome.md")),
    },
    File { path: "courant.toml", content: Content::Config },
];

const GITIGNORE: &str = "\
# Secrets, what was sent to whom, rehearsals, and the addresses of your readers.
.env
.courant/
/outbox/
subscribers/*
!subscribers/example*.csv
";

const TEMPLATES: &str = "\
# Templates

A file NAME.mjml here is used by issues that say `template: NAME` in their front matter, by lists that name it in
`[lists.…]`, and by every other issue if courant.toml says `template = \"NAME\"`. It is MJML with placeholders. A file
letter.mjml takes the place of the built-in template. `courant template list` shows those there are, and
`courant template eject essay` copies one to change.
";

impl File {
    pub fn text(&self, answers: &Answers) -> Result<String, Plain> {
        match self.content {
            Content::Text(text) => Ok(text.to_owned()),
            Content::Config => Ok(config(&new_id()?, answers)),
        }
    }

    /// What to look after in a file that was there before.
    pub fn advice(&self) -> &'static str {
        match self.path {
            ".gitignore" => " See that it names .env, .courant/, outbox/ and subscribers/.",
            _ => "",
        }
    }
}

/// `w-` and 64 random bits.
fn new_id() -> Result<String, Plain> {
    let mut bytes = [0; 8];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Plain::new("the system gives no random numbers", "run the same command again"))?;
    Ok(format!("w-{}", data_encoding::HEXLOWER.encode(&bytes)))
}

fn config(id: &str, answers: &Answers) -> String {
    format!(
        r##"# Every key has a default; an unknown one is an error that says what was meant. Secrets belong into .env
# (see .env.example); `${{NAME}}` in a text reads a value from there.

# Who this workspace is. Leave it as it is.
id = {id}

name = {name}
lang = "en"
timezone = "UTC"

# Who the letters are from, and where you can be reached by post. FROM and POSTAL_ADDRESS in .env win.
{from}
{postal}

# Where answers go, if not to the sender, and who gets the proof of `courant test`.
# reply_to = "Ada Example <ada@example.org>"
# preview_to = ["ada@example.org"]

# Where the pages of the newsletter live. With it, letters carry a one-click unsubscribe link to that site;
# without it, unsubscribing is a mail to you.
# base_url = "https://news.example.org"

# Where an issue can be read on the web. With it, letters lead there, and `::: fold` works.
# web_version = "https://news.example.org/{{id}}"

# The frame around issues that name none: letter, essay, digest, announcement, or templates/NAME.mjml.
# template = "letter"

# The lists of an issue that names none. Each file in subscribers/ is a list; the only one needs no naming.
# default_lists = ["example"]

# Letters go to SMTP_URL of .env, and without it into outbox/. A transport can also be named here:
# transport = "relay"
#
# [transports.relay]
# url = "${{SMTP_URL}}"
# connections = 4
# rate = "10/s"

# Letters can be signed (DKIM): `courant dkim keygen` makes a key, and says what DNS and this file need.

[lists.example]
title = {name}

[links]
# Links that `courant check` does not visit. Those of the sample issue lead to a host for examples.
skip = ["https://example.org"]

# [theme]
# width = 600
# link = {{ light = "#0b57d0", dark = "#8ab4ff" }}

# [archive]               # the issues that were sent as pages on the web: `courant archive build`
# description = "Letters from the estuary, every other Thursday"

# [subscribe]             # a form of `courant serve`, for lists that have public = true
# lists = ["example"]

# [images]
# embed = "link"          # read from base_url, in place of travelling in every letter
# max_bytes = 1000000     # of one image

# [send]
# on_uncertain = "hold"   # or "resend": rather twice than not at all
# retry_for = "24h"
# delay = "10 s"
"##,
        id = quoted(id),
        name = quoted(&answers.name),
        from = from_line(answers),
        postal = line(
            "postal_address",
            answers.postal_address.as_deref(),
            "Ada Example, 1 Example Street, Exampleton"
        ),
    )
}

/// The sender, or one at a domain for examples: it does for a rehearsal, and nothing real is sent from there.
fn from_line(answers: &Answers) -> String {
    let plain_name = answers.name.replace(|c: char| c.is_control() || "<>\"\\@,".contains(c), "");
    match &answers.from {
        Some(from) => format!("from = {}", quoted(&from.to_string())),
        None => {
            let example = format!("{} <newsletter@example.org>", plain_name.trim());
            format!("from = {}   # an example: write your own", quoted(example.trim()))
        }
    }
}

/// `key = "value"`, or an example of it behind a `#`.
fn line(key: &str, value: Option<&str>, example: &str) -> String {
    match value {
        Some(value) => format!("{key} = {}", quoted(value)),
        None => format!("# {key} = {}", quoted(example)),
    }
}

/// A TOML string on one line. A `${` of the author's is meant as it is.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.replace("${", "$${").chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\n' => out.push_str("\\n"),
            char if char.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            char => out.push(char),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::tree::Table;

    #[test]
    fn the_settings_without_any_answer_are_well_formed_with_and_without_the_comments() {
        let answers = Answers { name: "News".to_owned(), from: None, postal_address: None };
        let text = config("w-1", &answers);
        crate::settings::file::check_keys(&Table::from_toml(&text, 0).unwrap()).unwrap();
        assert!(text.contains("from = \"News <newsletter@example.org>\"   # an example"));
        let examples: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.starts_with('[') || (line.contains(" = ") && !line.contains("reads")))
            .collect();
        let top = examples.iter().take_while(|line| !line.starts_with('[')).count();
        assert!(top > 5 && examples.len() > top + 5, "{examples:?}");
        crate::settings::file::check_keys(&Table::from_toml(&examples.join("\n"), 0).unwrap()).unwrap();
    }

    #[test]
    fn git_never_sees_secrets_or_readers() {
        for line in [".env", ".courant/", "/outbox/", "subscribers/*", "!subscribers/example*.csv"] {
            assert!(GITIGNORE.lines().any(|there| there == line), "{line}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_author_answers_is_a_text_of_toml(text in "[\\PC\n\t\u{1}]*") {
            let table = Table::from_toml(&format!("k = {}", quoted(&text)), 0).unwrap();
            prop_assert_eq!(table.text("k").unwrap().unwrap().value, text.replace("${", "$${"));
        }
    }
}
