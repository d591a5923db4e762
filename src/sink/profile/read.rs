//! TOML → profile.

use std::path::Path;
use std::time::Duration;

use super::{BUILT_IN, EXTENSIONS, Fault, Kind, Pattern, Per, Profile, ProfileError, Server, Step};
use crate::model::issue::At;
use crate::model::source::Source;
use crate::model::tree::{Misfit, Node, Plain, Table, Value};
use crate::settings::values::{Zero, choice, duration_at, line_at, rate_at};

impl Profile {
    /// A built-in profile by its name, or a TOML file by its path.
    pub fn load(name: &str) -> Result<Profile, ProfileError> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Profile::parse(name, text);
        }
        let path = Path::new(name);
        if !path.exists() && !name.contains(['/', '\\']) && !name.ends_with(".toml") {
            return Err(ProfileError::Unknown { name: name.to_owned() });
        }
        let unreadable =
            |why: std::io::Error| ProfileError::Unreadable { path: path.to_owned(), why: why.to_string() };
        Profile::parse(name, &std::fs::read_to_string(path).map_err(unreadable)?)
    }

    /// `name` is the file's, for people.
    pub fn parse(name: &str, text: &str) -> Result<Profile, ProfileError> {
        let invalid = |misfit: Misfit| ProfileError::Invalid {
            message: misfit.message,
            place: Box::new(Source::new(name, text).at(misfit.span)),
            help: misfit.help,
        };
        let table = Table::from_toml(text, 0).map_err(invalid)?;
        profile(name, &table).map_err(invalid)
    }
}

fn profile(name: &str, root: &Table) -> Result<Profile, Misfit> {
    root.only("a profile", &["about", "seed", "server", "fault"])?;
    Ok(Profile {
        name: name.to_owned(),
        about: line_at(root, "about")?.unwrap_or_default(),
        seed: root.whole("seed", 0..=u64::MAX)?.map_or(0, |at| at.value),
        server: root.table("server")?.map_or(Ok(Server::default()), server)?,
        faults: faults(root)?,
    })
}

fn server(table: &Table) -> Result<Server, Misfit> {
    table.only("`[server]`", &["without", "mail_max", "connections", "size"])?;
    let default = Server::default();
    Ok(Server {
        without: table.texts("without")?.into_iter().map(extension).collect::<Result<_, _>>()?,
        mail_max: small(table, "mail_max")?,
        connections: small(table, "connections")?,
        size: table.whole("size", 1..=u64::MAX)?.map_or(default.size, |at| at.value),
    })
}

fn extension(at: At<String>) -> Result<String, Misfit> {
    let name = at.value.to_ascii_uppercase();
    match EXTENSIONS.contains(&name.as_str()) {
        true => Ok(name),
        false => Err(Misfit::unknown("an extension that the sink offers", &at.value, &EXTENSIONS, at.span)),
    }
}

fn small(table: &Table, key: &str) -> Result<Option<u32>, Misfit> {
    let most = u64::from(u32::MAX);
    Ok(table.whole(key, 1..=most)?.map(|at| u32::try_from(at.value).unwrap_or(u32::MAX)))
}

fn faults(root: &Table) -> Result<Vec<Fault>, Misfit> {
    let Some(node) = root.get("fault") else { return Ok(Vec::new()) };
    let wrong = || {
        Misfit::new("`fault` must be a list of tables", node.span.clone())
            .help("write `[[fault]]` on a line of its own, and below it `what = \"defer\"`")
    };
    let Value::List(items) = &node.value else { return Err(wrong()) };
    let mut faults = Vec::new();
    for item in items {
        let Value::Table(table) = &item.value else { return Err(wrong()) };
        faults.extend(fault(table, item)?);
    }
    Ok(faults)
}

/// The keys that every fault may have.
const EVERYWHERE: [&str; 6] = ["what", "at", "share", "times", "most", "to"];

/// One for each step that is named.
fn fault(table: &Table, node: &Node) -> Result<Vec<Fault>, Misfit> {
    let words: Vec<&str> = FORMS.iter().map(|form| form.what).collect();
    let missing = || {
        Misfit::new("the fault does not say `what` it is", node.span.clone())
            .help(format!("there are: {}", words.join(", ")))
    };
    let what = table.text("what")?.ok_or_else(missing)?;
    let form = FORMS.iter().find(|form| form.what == what.value);
    let form = form.ok_or_else(|| Misfit::unknown("a fault", &what.value, &words, what.span.clone()))?;
    let known: Vec<&str> = EVERYWHERE.iter().chain(form.keys).copied().collect();
    table.only(&format!("the fault `{}`", form.what), &known)?;
    let kind = (form.read)(&Reading { table, node, form })?;
    let (share, times, to) = (share(table)?, times(table, form)?, patterns(table)?);
    let most = table.whole("most", 1..=u64::MAX)?.map(|at| at.value);
    let at = steps(table, node, form)?;
    if let (Some(step), Some(to)) = (at.iter().find(|step| **step < Step::Recipient), table.get("to")) {
        let message = format!("at `{}` the recipient is not known yet, so `to` means nothing", step.name());
        return Err(Misfit::new(message, to.span.clone()).help("leave `to` out, or let it happen later"));
    }
    Ok(at
        .into_iter()
        .map(|at| Fault { kind: kind.clone(), at, share, times, most, to: to.clone() })
        .collect())
}

/// What one kind of fault looks like in a file.
struct Form {
    what: &'static str,
    keys: &'static [&'static str],
    /// Where it can happen.
    steps: &'static [Step],
    /// Where it happens if nothing is said.
    default: Option<Step>,
    /// How many attempts of a letter it meets if nothing is said; 0 is all.
    times: u32,
    read: fn(&Reading<'_>) -> Result<Kind, Misfit>,
}

struct Reading<'a> {
    table: &'a Table,
    node: &'a Node,
    form: &'a Form,
}

const ALL: &[Step] =
    &[Step::Connect, Step::Hello, Step::Sender, Step::Recipient, Step::Data, Step::Body, Step::Answer];
/// Those at which a reply is due.
const REPLIES: &[Step] =
    &[Step::Connect, Step::Hello, Step::Sender, Step::Recipient, Step::Data, Step::Answer];
/// Those at which the recipient is known, and a reply is due.
const NAMED: &[Step] = &[Step::Recipient, Step::Data, Step::Answer];
const RECIPIENT: Option<Step> = Some(Step::Recipient);

const FORMS: &[Form] = &[
    Form {
        what: "defer",
        keys: &["reply"],
        steps: REPLIES,
        default: RECIPIENT,
        times: 1,
        read: |it| {
            Ok(Kind::Defer { reply: it.reply('4', "450 4.2.1 the mailbox is busy, try again later")? })
        },
    },
    Form {
        what: "refuse",
        keys: &["reply"],
        steps: REPLIES,
        default: RECIPIENT,
        times: 0,
        read: |it| Ok(Kind::Refuse { reply: it.reply('5', "550 5.1.1 no such user here")? }),
    },
    Form {
        what: "bar",
        keys: &["reply", "lasts"],
        steps: NAMED,
        default: RECIPIENT,
        times: 0,
        read: |it| {
            let reply = it.reply('5', "550 5.7.1 we take no mail from you, by policy")?;
            Ok(Kind::Bar { reply, lasts: it.time("lasts")? })
        },
    },
    Form {
        what: "greylist",
        keys: &["reply", "after"],
        steps: NAMED,
        default: RECIPIENT,
        times: 0,
        read: |it| {
            let reply = it.reply('4', "451 4.7.1 greylisted, try again later")?;
            Ok(Kind::Greylist { reply, after: it.time("after")?.unwrap_or(Duration::from_secs(300)) })
        },
    },
    Form {
        what: "throttle",
        keys: &["reply", "rate", "per"],
        steps: &[Step::Sender, Step::Recipient, Step::Data, Step::Answer],
        default: RECIPIENT,
        times: 0,
        read: throttle,
    },
    Form {
        what: "limit",
        keys: &["reply", "letters"],
        steps: &[Step::Sender],
        default: Some(Step::Sender),
        times: 0,
        read: |it| {
            let reply = it.reply('4', "421 4.7.0 too many letters on this connection")?;
            Ok(Kind::Limit { reply, letters: it.required(small(it.table, "letters")?, "letters = 50")? })
        },
    },
    Form {
        what: "hang-up",
        keys: &["reply", "bytes"],
        steps: ALL,
        default: None,
        times: 1,
        read: |it| {
            let reply = it.reply('4', "421 4.3.2 the system goes down")?;
            Ok(Kind::HangUp { reply, bytes: it.bytes(0)? })
        },
    },
    Form {
        what: "drop",
        keys: &["kept", "bytes"],
        steps: ALL,
        default: None,
        times: 1,
        read: |it| {
            let kept = it.table.truth("kept")?.is_none_or(|at| at.value);
            Ok(Kind::Drop { kept, bytes: it.bytes(0)? })
        },
    },
    Form { what: "cut", keys: &[], steps: REPLIES, default: None, times: 1, read: |_| Ok(Kind::Cut) },
    Form {
        what: "delay",
        keys: &["by"],
        steps: REPLIES,
        default: None,
        times: 1,
        read: |it| Ok(Kind::Delay { by: it.required(it.time("by")?, "by = \"2 s\"")? }),
    },
    Form { what: "split", keys: &[], steps: REPLIES, default: None, times: 1, read: |_| Ok(Kind::Split) },
    Form {
        what: "flood",
        keys: &["bytes"],
        steps: REPLIES,
        default: None,
        times: 1,
        read: |it| Ok(Kind::Flood { bytes: it.bytes(1024 * 1024)? }),
    },
    Form {
        what: "babble",
        keys: &[],
        steps: REPLIES,
        default: Some(Step::Connect),
        times: 1,
        read: |_| Ok(Kind::Babble),
    },
    Form {
        what: "go-on",
        keys: &[],
        steps: &[Step::Data],
        default: Some(Step::Data),
        times: 0,
        read: |_| Ok(Kind::GoOn),
    },
];

fn throttle(it: &Reading<'_>) -> Result<Kind, Misfit> {
    let per = choice(it.table, "per", &[("domain", Per::Domain), ("server", Per::Server)])?;
    let per = per.unwrap_or(Per::Domain);
    let usual = match per {
        Per::Domain => "450 4.7.0 rate limited, slow down",
        Per::Server => "454 4.7.0 Throttling failure: Maximum sending rate exceeded",
    };
    let rate = it.required(rate_at(it.table, "rate")?, "rate = \"50/s\"")?;
    Ok(Kind::Throttle { reply: it.reply('4', usual)?, rate, per })
}

impl Reading<'_> {
    /// `450 4.2.1 words`, of the class that the fault stands for.
    fn reply(&self, class: char, usual: &str) -> Result<String, Misfit> {
        let Some(at) = self.table.text("reply")? else { return Ok(usual.to_owned()) };
        let code = at.value.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()));
        let is_reply = code.is_some_and(|code| code.starts_with(class))
            && at.value[3..].starts_with(' ')
            && at.value.len() < 500
            && !at.value.chars().any(char::is_control);
        match is_reply {
            true => Ok(at.value),
            false => Err(Misfit::new(format!("`{}` is no reply of `{}`", at.value, self.form.what), at.span)
                .help(format!(
                    "write a code that begins with {class}, a space and words: reply = \"{usual}\""
                ))),
        }
    }

    fn time(&self, key: &str) -> Result<Option<Duration>, Misfit> {
        let time = duration_at(self.table, key, Zero::Nonsense, Duration::ZERO)?;
        Ok(Some(time).filter(|time| !time.is_zero()))
    }

    fn bytes(&self, usual: u64) -> Result<u64, Misfit> {
        Ok(self.table.whole("bytes", 0..=1 << 30)?.map_or(usual, |at| at.value))
    }

    fn required<T>(&self, value: Option<T>, example: &str) -> Result<T, Misfit> {
        let key = example.split(' ').next().unwrap_or_default();
        value.ok_or_else(|| {
            Misfit::new(format!("the fault `{}` needs `{key}`", self.form.what), self.node.span.clone())
                .help(format!("add a line such as {example}"))
        })
    }
}

fn share(table: &Table) -> Result<f64, Misfit> {
    let Some(node) = table.get("share") else { return Ok(1.0) };
    let number = match &node.value {
        Value::Plain { is: Plain::Whole(number), .. } => Some(*number as f64),
        Value::Plain { is: Plain::Fraction(number), .. } => Some(*number),
        _ => None,
    };
    let written = node.text_as_written("share")?.value;
    number.filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| {
        Misfit::new(format!("`share` must be a number from 0 to 1, not {written}"), node.span.clone())
            .help("0.05 is one letter of twenty")
    })
}

fn times(table: &Table, form: &Form) -> Result<Option<u32>, Misfit> {
    let usual = Some(form.times).filter(|times| *times > 0);
    Ok(small(table, "times")?.or(usual))
}

fn patterns(table: &Table) -> Result<Vec<Pattern>, Misfit> {
    table.texts("to")?.into_iter().map(pattern).collect()
}

fn pattern(at: At<String>) -> Result<Pattern, Misfit> {
    match at.value.is_empty() || at.value.contains(|c: char| c.is_whitespace() || c.is_control()) {
        true => Err(Misfit::new(format!("`{}` fits no address", at.value), at.span)
            .help("write a domain (\"*.example\") or an address (\"bounce-*@*\")")),
        false => Ok(Pattern::new(&at.value)),
    }
}

fn steps(table: &Table, node: &Node, form: &Form) -> Result<Vec<Step>, Misfit> {
    let named = table.texts("at")?;
    if named.is_empty() {
        let known: Vec<&str> = form.steps.iter().map(|step| step.name()).collect();
        return form.default.map(|step| vec![step]).ok_or_else(|| {
            Misfit::new(format!("the fault `{}` does not say where it happens", form.what), node.span.clone())
                .help(format!("add `at`: one or several of {}", known.join(", ")))
        });
    }
    named.into_iter().map(|at| step(at, form)).collect()
}

fn step(at: At<String>, form: &Form) -> Result<Step, Misfit> {
    let known: Vec<&str> = form.steps.iter().map(|step| step.name()).collect();
    let found = form.steps.iter().find(|step| step.name() == at.value);
    found.copied().ok_or_else(|| {
        Misfit::unknown(&format!("a step at which `{}` can happen", form.what), &at.value, &known, at.span)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Explain;

    #[track_caller]
    fn wrong(text: &str) -> (String, String, String) {
        let error = Profile::parse("mine.toml", text).expect_err(text);
        let place = error.place().map(|place| place.to_string()).unwrap_or_default();
        (error.to_string(), place, error.help().unwrap_or_default())
    }

    #[test]
    fn a_profile_is_read_with_its_defaults() {
        let text = "[server]\nwithout = [\"pipelining\"]\n[[fault]]\nwhat = \"defer\"\nshare = 0.5\n\
                    [[fault]]\nwhat = \"drop\"\nat = [\"data\", \"answer\"]\nto = \"*.example\"\n";
        let profile = Profile::parse("mine.toml", text).unwrap();
        assert_eq!(profile.server.without, ["PIPELINING"]);
        let steps: Vec<Step> = profile.faults.iter().map(|fault| fault.at).collect();
        assert_eq!(steps, [Step::Recipient, Step::Data, Step::Answer]);
        assert_eq!((profile.faults[0].share, profile.faults[0].times), (0.5, Some(1)));
        assert!(profile.faults[2].to[0].fits("a@b.example"));
    }

    #[test]
    fn what_cannot_be_meant_is_one_sentence_with_its_line() {
        for (text, message, place, help) in [
            (
                "[[fault]]\nwhat = \"defer\"\nshare = 2.0",
                "`share` must be a number from 0 to 1, not 2.0",
                "3:9",
                "twenty",
            ),
            (
                "[[fault]]\nwhat = \"defer\"\nshrae = 0.1",
                "`shrae` is not a key of the fault `defer`",
                "3:1",
                "`share`",
            ),
            (
                "[[fault]]\nwhat = \"delay\"\nat = \"data\"\nby = \"-1 s\"",
                "`-1 s` is no length of time",
                "4:6",
                "90 s",
            ),
            ("[[fault]]\nwhat = \"defre\"", "`defre` is not a fault", "2:8", "`defer`"),
            ("[[fault]]\nwhat = \"drop\"", "does not say where", "1:1", "at"),
            ("[[fault]]\nwhat = \"limit\"", "needs `letters`", "1:1", "letters = 50"),
            ("[[fault]]\nwhat = \"limit\"\nletters = 0", "from 1 to", "3:11", ""),
            (
                "[[fault]]\nwhat = \"cut\"\nat = \"body\"",
                "`body` is not a step at which `cut`",
                "3:6",
                "answer",
            ),
            (
                "[[fault]]\nwhat = \"refuse\"\nreply = \"450 no\"",
                "`450 no` is no reply of `refuse`",
                "3:9",
                "begins with 5",
            ),
            ("[[fault]]\nwhat = \"throttle\"\nrate = \"0/s\"", "`0/s` is no rate", "3:8", "50/s"),
            (
                "[[fault]]\nwhat = \"drop\"\nat = \"sender\"\nto = \"x.example\"",
                "at `sender` the recipient is not known",
                "4:6",
                "later",
            ),
            ("fault = 3", "`fault` must be a list of tables", "1:9", "[[fault]]"),
            ("colour = 1", "`colour` is not a key of a profile", "1:1", "about"),
            ("[server]\nwithout = \"CHUNKING\"", "`CHUNKING` is not an extension", "2:11", "PIPELINING"),
        ] {
            let told = wrong(text);
            assert!(told.0.contains(message), "{text}: {told:?}");
            assert_eq!(told.1, format!("mine.toml:{place}"), "{text}");
            assert!(told.2.contains(help), "{text}: {told:?}");
        }
    }

    #[test]
    fn a_name_that_is_no_profile_is_told_from_a_file_that_is_not_there() {
        let told = |name| Profile::load(name).unwrap_err();
        assert!(told("buzy").help().unwrap().contains("`busy`"));
        assert!(matches!(told("./buzy.toml"), ProfileError::Unreadable { .. }));
    }
}
