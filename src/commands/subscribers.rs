//! `courant subscribers`: who is on the lists, and who must not be written to.

mod exchange;
mod export;
mod forget;
mod form;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::commands::desk::{Desk, say_always};
use crate::commands::roll::{self, named};
use crate::commands::sending::secret;
use crate::commands::{Exit, Failure, Global, Plain};
use crate::ledger::Ledger;
use crate::ledger::rows::{ListRow, Person, Suppression};
use crate::model::address::{Address, AddressError};
use crate::model::finding::Explain;
use crate::model::source::Place;
use crate::model::subscriber::{ListId, Subscriber};
use crate::report::people::{self, Listed};
use crate::report::words::moment;
use crate::report::{findings, problem, status};
use crate::settings::lists::List;

/// Read, show and suppress subscribers
///
/// The lists are CSV files in subscribers/, one list a file, with a column `email`. They are yours: courant
/// reads them into its ledger before every send and never writes to them. A suppressed address gets nothing,
/// whatever a file says.
#[derive(Debug, Args)]
pub struct Subscribers {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read the files in subscribers/ into the ledger, and say what changed
    ///
    /// Rows that cannot be read are shown and left out; the others count. Ends with 2 if there are any.
    Sync {
        /// Only these lists
        #[arg(value_name = "LIST")]
        lists: Vec<String>,
        /// Remove even more than a fifth of a list without asking
        #[arg(short, long)]
        yes: bool,
    },
    /// Show the lists, or everybody on one of them
    List {
        /// Everybody on this list
        #[arg(value_name = "LIST")]
        list: Option<String>,
        /// Everybody on all lists
        #[arg(long, conflicts_with = "list")]
        all: bool,
    },
    /// Show what is known of an address, or which fields the lists have
    Show {
        /// Lists, attributes, suppressions and letters of this address
        #[arg(value_name = "ADDRESS", required_unless_present = "fields")]
        address: Option<String>,
        /// The fields of a list, or of all, and how many subscribers have a value
        #[arg(long, value_name = "LIST", num_args = 0..=1, conflicts_with = "address")]
        fields: Option<Option<String>>,
    },
    /// Print a list as CSV: for a copy of your own, or to go elsewhere with
    ///
    /// With those who subscribed by the form, whom no file has, and without those who are suppressed. `sync` reads the
    /// same people from it. What begins like a formula gets a ' in front, so that no spreadsheet runs what strangers typed.
    #[command(after_help = "Examples:\n  courant subscribers export weekly > weekly.csv\n  \
        courant subscribers export --suppressed > suppressed.csv")]
    Export {
        /// The list; it may be left out where there is only one
        #[arg(value_name = "LIST")]
        list: Option<String>,
        /// Whom nothing is sent to, and why, instead
        #[arg(long, conflicts_with = "list")]
        suppressed: bool,
        /// Every cell as it is, for programs
        #[arg(long)]
        exact: bool,
    },
    /// Forget a person: what names them goes, that letters went to somebody stays
    ///
    /// Memberships, values, requests to subscribe, answers of servers and opens of theirs go for good, and letters that
    /// wait for them are not sent. Reports keep their counts. They get nothing any more, whatever a file says, unless they
    /// subscribe again by the form: for that a hash of the address is kept. `show` prints what is known, for who asks that.
    Forget {
        /// In any spelling: capitals and the form of the domain do not matter
        #[arg(value_name = "ADDRESS")]
        address: String,
        /// Without asking
        #[arg(short, long)]
        yes: bool,
    },
    /// Never write to an address again
    Suppress {
        /// In any spelling: capitals and the form of the domain do not matter
        #[arg(value_name = "ADDRESS")]
        address: String,
        /// Only for this list
        #[arg(long, value_name = "LIST")]
        list: Option<String>,
        /// Why, for those who ask later
        #[arg(long, value_name = "TEXT", default_value = "by hand")]
        reason: String,
    },
    /// Take over whom a provider does not write to, and tell it of ours
    ///
    /// Whoever bounced, complained or unsubscribed there is suppressed here, and the other way round where the
    /// provider's API allows it. It may be repeated: what is known already is left as it is.
    SyncSuppressions {
        /// The provider: a name from [transports.NAME], or a URL; else the transport of the settings
        #[arg(long, value_name = "TRANSPORT")]
        transport: Option<String>,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Lift a suppression
    ///
    /// Somebody who unsubscribed or complained should only be written to again if they asked for it.
    Unsuppress {
        /// In any spelling: capitals and the form of the domain do not matter
        #[arg(value_name = "ADDRESS")]
        address: String,
        /// Only the suppression for this list
        #[arg(long, value_name = "LIST")]
        list: Option<String>,
        /// Why, for those who ask later: kept in what `subscribers show` tells of the address
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Print the form to subscribe, as HTML to paste into any page
    ///
    /// It posts to `courant serve`, and offers the lists of [subscribe]. docs/subscribe.md goes through it.
    Form {
        /// The language of the form, and of the page and the mail that follow [default: `lang` of courant.toml]
        #[arg(long, value_name = "LANG")]
        lang: Option<String>,
    },
}

impl Subscribers {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let transport = match &self.action {
            Action::SyncSuppressions { transport, .. } => transport.as_deref(),
            Action::Sync { .. }
            | Action::List { .. }
            | Action::Show { .. }
            | Action::Export { .. }
            | Action::Forget { .. }
            | Action::Suppress { .. }
            | Action::Unsuppress { .. }
            | Action::Form { .. } => None,
        };
        let desk = Desk::open_workspace(global, transport)?;
        match &self.action {
            Action::SyncSuppressions { dry_run, .. } => exchange::exchange(&desk, *dry_run).await,
            Action::Sync { lists, yes } => sync(&desk, lists, *yes),
            Action::List { list: Some(name), .. } => members(&desk, Some(name)),
            Action::List { all: true, .. } => members(&desk, None),
            Action::List { .. } => lists(&desk),
            Action::Show { fields: Some(list), .. } => fields(&desk, list.as_deref()),
            Action::Show { address, .. } => show(&desk, address.as_deref().unwrap_or_default()),
            Action::Export { suppressed: true, exact, .. } => export::suppressed(&desk, *exact),
            Action::Export { list, exact, .. } => export::members(&desk, list.as_deref(), *exact),
            Action::Forget { address, yes } => forget::forget(&desk, address, *yes),
            Action::Suppress { address, list, reason } => suppress(&desk, address, list.as_deref(), reason),
            Action::Unsuppress { address, list, note } => {
                unsuppress(&desk, address, list.as_deref(), note.as_deref())
            }
            Action::Form { lang } => form::print(&desk, lang.as_deref()),
        }
    }
}

fn sync(desk: &Desk, names: &[String], yes: bool) -> Result<Exit, Failure> {
    let all = roll::all_lists(desk)?;
    let chosen: Vec<&List> = match names {
        [] => all.iter().collect(),
        names => names.iter().map(|name| named(&all, name)).collect::<Result<_, _>>()?,
    };
    if chosen.is_empty() {
        return Err(no_lists().into());
    }
    let ledger = roll::open_or_create(desk)?;
    let mut synced = Synced::default();
    for list in chosen {
        match roll::read_list(desk, &ledger, list, yes) {
            Ok(Some(read)) => synced.take(desk, list, &read)?,
            Ok(None) => {}
            Err(failure) => synced.fail(desk, &failure),
        }
    }
    if desk.json() {
        desk.print(Value::Array(synced.results).to_string())?;
    }
    Ok(synced.exit.unwrap_or(Exit::Done))
}

/// What reading several lists gave; one that cannot be read does not keep the others from it.
#[derive(Default)]
struct Synced {
    results: Vec<Value>,
    exit: Option<Exit>,
}

impl Synced {
    fn take(&mut self, desk: &Desk, list: &List, read: &roll::Read) -> Result<(), Failure> {
        if read.bad.count > 0 {
            self.exit.get_or_insert(Exit::Findings);
        }
        if desk.json() {
            let mut result = people::diff_json(&list.name, &read.diff, read.bad.count, read.forgotten);
            result["findings"] = findings::json(&read.bad.first);
            self.results.push(result);
            return Ok(());
        }
        roll::tell_left_out(desk, list, read);
        desk.print(people::diff(&list.name, &read.diff))
    }

    fn fail(&mut self, desk: &Desk, failure: &Failure) {
        say_always(problem::problem(&*failure.error, desk.colour_of_errors).trim_end());
        self.exit = Some(failure.exit);
    }
}

fn no_lists() -> Plain {
    Plain::new("there is no list yet", "put a CSV file with a column `email` into subscribers/")
}

fn lists(desk: &Desk) -> Result<Exit, Failure> {
    let lists = roll::all_lists(desk)?;
    let rows = roll::open(desk)?.map_or(Ok(Vec::new()), |ledger| ledger.lists())?;
    let listed = listed(desk, &lists, &rows);
    if desk.json() {
        desk.print(people::lists_json(&listed).to_string())?;
    } else if listed.is_empty() {
        return Err(no_lists().into());
    } else {
        desk.print(people::lists(&listed, &desk.settings.site.timezone))?;
        if listed.iter().any(|listed| listed.row.is_none()) {
            desk.say("`courant subscribers sync` reads the files; every send does, too.");
        }
    }
    Ok(Exit::Done)
}

/// The lists of the workspace, then those that only the ledger knows.
fn listed<'a>(desk: &Desk, lists: &'a [List], rows: &'a [ListRow]) -> Vec<Listed<'a>> {
    let root = desk.workspace.root();
    let known = lists.iter().map(|list| Listed {
        list: Some(list),
        row: rows.iter().find(|row| row.list == list.id),
        file: list.file.as_deref().map(|path| path.strip_prefix(root).unwrap_or(path).display().to_string()),
    });
    let others = rows.iter().filter(|row| !lists.iter().any(|list| list.id == row.list));
    known.chain(others.map(|row| Listed { list: None, row: Some(row), file: None })).collect()
}

fn members(desk: &Desk, name: Option<&String>) -> Result<Exit, Failure> {
    let lists = roll::all_lists(desk)?;
    let chosen: Vec<&List> = match name {
        Some(name) => vec![named(&lists, name)?],
        None => lists.iter().collect(),
    };
    let ledger = read_ledger(desk)?;
    let mut printer = Printer { desk, first: true, result: Ok(()) };
    printer.begin();
    for list in chosen {
        ledger.members(&list.id, &mut |member| printer.show(&list.name, &member.subscriber))?;
    }
    printer.end()?;
    Ok(Exit::Done)
}

/// Writes subscribers as they come, however many they are.
struct Printer<'a> {
    desk: &'a Desk,
    first: bool,
    result: Result<(), Failure>,
}

impl Printer<'_> {
    fn begin(&mut self) {
        if self.desk.json() {
            self.write("[");
        }
    }

    fn show(&mut self, list: &str, subscriber: &Subscriber) {
        if self.desk.json() {
            let mut value = people::subscriber_json(subscriber);
            value["list"] = list.into();
            let comma = if self.first { "\n" } else { ",\n" };
            self.write(&format!("{comma}{value}"));
        } else {
            self.write(&format!("{}\n", people::subscriber(subscriber)));
        }
        self.first = false;
    }

    fn end(mut self) -> Result<(), Failure> {
        if self.desk.json() {
            self.write("\n]\n");
        }
        self.result
    }

    fn write(&mut self, text: &str) {
        if self.result.is_ok() {
            self.result = self.desk.print_raw(text.as_bytes());
        }
    }
}

fn fields(desk: &Desk, name: Option<&str>) -> Result<Exit, Failure> {
    let lists = roll::all_lists(desk)?;
    let ids: Vec<ListId> = match name {
        Some(name) => vec![named(&lists, name)?.id.clone()],
        None => lists.iter().map(|list| list.id.clone()).collect(),
    };
    let fields = read_ledger(desk)?.field_names(&ids)?;
    let text = if desk.json() { people::fields_json(&fields).to_string() } else { people::fields(&fields) };
    desk.print(text)?;
    Ok(Exit::Done)
}

fn show(desk: &Desk, typed: &str) -> Result<Exit, Failure> {
    let address = parse_address(typed)?;
    let ledger = read_ledger(desk)?;
    let stories = status::stories_of(&ledger, &address.key())?;
    let (consents, lifted) = (ledger.consents(&address.key())?, ledger.lifted(&address.key())?);
    let known = ledger.person(&address.key())?;
    let asked = (!consents.is_empty() || !lifted.is_empty()).then(|| Person::nowhere(address.clone()));
    let Some(person) = known.or(asked) else { return Err(stranger(desk, &ledger, &address)?.into()) };
    let soft = ledger.soft_run(&address.key())?;
    let zone = &desk.settings.site.timezone;
    if desk.json() {
        let mut value = people::person_json(&person);
        value["lifted"] = lifted.iter().map(people::lifted_json).collect();
        value["consents"] = consents.iter().map(people::consent_json).collect();
        value["soft_bounces"] = soft.map_or(0, |run| run.issues).into();
        value["deliveries"] = stories.iter().map(|(row, story)| status::story_json(row, story)).collect();
        desk.print(value.to_string())?;
    } else {
        let deliveries = stories.iter().flat_map(|(row, story)| status::told_lines(row, story, zone));
        let soft = soft.iter().map(|run| people::soft_line(run, &desk.settings.soft, zone));
        let first = std::iter::once(people::person(&person, zone));
        let lifted = lifted.iter().map(|lifted| people::lifted_line(lifted, zone));
        let consents = consents.iter().map(|consent| people::consent_line(consent, zone));
        let lines: Vec<String> = first.chain(lifted).chain(consents).chain(soft).chain(deliveries).collect();
        desk.print(lines.join("\n"))?;
    }
    Ok(Exit::Done)
}

fn stranger(desk: &Desk, ledger: &Ledger, address: &Address) -> Result<Plain, Failure> {
    let person = secret::existing(desk)?.map(|secret| secret.person(&address.key()));
    let since = person.map(|person| ledger.forgotten_since(&person)).transpose()?.flatten();
    Ok(match since {
        Some(at) => Plain::new(
            format!("{address} was forgotten {}", moment(at, &desk.settings.site.timezone)),
            "they get nothing any more, unless they subscribe again by the form",
        ),
        None => unknown(address),
    })
}

fn unknown(address: &Address) -> Plain {
    Plain::new(
        format!("{address} is on no list and never was"),
        "if a file in subscribers/ has it, `courant subscribers sync` reads it",
    )
}

fn suppress(desk: &Desk, typed: &str, list: Option<&str>, reason: &str) -> Result<Exit, Failure> {
    let address = parse_address(typed)?;
    let scope = scope(desk, list)?;
    let suppression = Suppression {
        key: address.key(),
        scope,
        reason: one_line(reason),
        source: "courant subscribers suppress".to_owned(),
        at: desk.now(),
    };
    roll::open_or_create(desk)?.suppress(&suppression)?;
    desk.answer(
        || format!("{address} gets nothing any more{}.", for_list(list)),
        || people::suppressed_json(&address, list, true),
    )?;
    Ok(Exit::Done)
}

fn unsuppress(desk: &Desk, typed: &str, list: Option<&str>, note: Option<&str>) -> Result<Exit, Failure> {
    let address = parse_address(typed)?;
    let ledger = read_ledger(desk)?;
    let (scope, note) = (scope(desk, list)?, note.map(one_line));
    let by = ("courant subscribers unsuppress", note.as_deref());
    if !ledger.unsuppress(&address.key(), scope.as_ref(), by, desk.now())? {
        return Err(not_suppressed(desk, &ledger, &address, list)?.into());
    }
    desk.answer(
        || format!("{address} can be written to again{}.", for_list(list)),
        || people::suppressed_json(&address, list, false),
    )?;
    Ok(Exit::Done)
}

fn not_suppressed(
    desk: &Desk,
    ledger: &Ledger,
    address: &Address,
    list: Option<&str>,
) -> Result<Plain, Failure> {
    let others = ledger.person(&address.key())?.map(|person| person.suppressions).unwrap_or_default();
    let message = format!("{address} is not suppressed{}", for_list(list));
    let Some(other) = others.first() else {
        return Ok(Plain::new(message, format!("`courant subscribers show {address}` says what is known")));
    };
    let flag = other.scope.as_ref().map(|list| format!(" --list {list}")).unwrap_or_default();
    let words = people::suppression_words(other, &desk.settings.site.timezone);
    Ok(Plain::new(
        message,
        format!("it is {words}; `courant subscribers unsuppress {address}{flag}` lifts that"),
    ))
}

fn for_list(list: Option<&str>) -> String {
    list.map(|list| format!(" for `{list}`")).unwrap_or_default()
}

fn scope(desk: &Desk, list: Option<&str>) -> Result<Option<ListId>, Failure> {
    let Some(name) = list else { return Ok(None) };
    Ok(Some(named(&roll::all_lists(desk)?, name)?.id.clone()))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read_ledger(desk: &Desk) -> Result<Ledger, Failure> {
    let missing =
        || Plain::new("no list was read yet", "`courant subscribers sync` reads the files in subscribers/");
    Ok(roll::open(desk)?.ok_or_else(missing)?)
}

/// Reads an address of the command line.
pub fn parse_address(typed: &str) -> Result<Address, Failure> {
    Ok(Address::parse(typed.trim()).map_err(|error| Mistyped { error, typed: typed.trim().to_owned() })?)
}

/// An address on the command line that is none, shown with a caret.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
struct Mistyped {
    error: AddressError,
    typed: String,
}

impl Explain for Mistyped {
    fn place(&self) -> Option<Place> {
        Some(self.error.place_in("ADDRESS", &self.typed))
    }

    fn help(&self) -> Option<String> {
        self.error.help()
    }
}
