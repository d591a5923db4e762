//! The receivers of mail, and how each likes to be written to: what is known of the big ones, and `[throttle]`.
//!
//! A receiver takes mail for one domain or many: who slows down letters to gmail.com slows down googlemail.com.

use std::collections::BTreeMap;
use std::time::Duration;

use super::limits::{self, Limits};
use super::values::{Zero, duration_of};
use crate::model::address::Domain;
use crate::model::issue::At;
use crate::model::tree::{Misfit, Node, Table, Value};

/// What is known of the big receivers.
const BUILT_IN: &str = include_str!("shaping.toml");

/// The name in `[throttle]` of everybody who is not named there.
const EACH: &str = "*";

/// Everybody whose letters have limits of their own.
#[derive(Debug, Clone, Default)]
pub struct Shaping {
    receivers: Vec<Receiver>,
    by_domain: BTreeMap<String, usize>,
    /// By what stands before `.*`, which is one label.
    by_beginning: BTreeMap<String, usize>,
    /// For each receiver that is not named.
    each: Limits,
}

/// Who takes mail for some domains.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// As people know it: a name of the built-in list, or the domain.
    pub name: String,
    pub limits: Limits,
    pub pauses: Vec<Pause>,
}

/// Words in an answer that ask for a longer wait.
#[derive(Debug, Clone)]
pub struct Pause {
    /// In lower case.
    pub says: String,
    pub wait: Duration,
}

impl Shaping {
    /// The big receivers, as they are known.
    pub fn built_in() -> Shaping {
        let table = Table::from_toml(BUILT_IN, 0).expect("the built-in list is TOML");
        let mut shaping = Shaping::default();
        for (name, node) in &table.entries {
            let Value::Table(table) = &node.value else { unreachable!("the built-in list holds tables") };
            shaping.add(name, table).expect("the built-in list is well formed");
        }
        shaping
    }

    /// Those that are named.
    pub fn receivers(&self) -> &[Receiver] {
        &self.receivers
    }

    /// Which of [`Shaping::receivers`] takes mail for `domain`, if one of them does.
    pub fn place(&self, domain: &str) -> Option<usize> {
        let by_beginning = || self.by_beginning.get(domain.rsplit_once('.')?.0);
        self.by_domain.get(domain).or_else(by_beginning).copied()
    }

    /// What holds for a receiver that is not named.
    pub fn each(&self) -> &Limits {
        &self.each
    }

    fn add(&mut self, name: &At<String>, table: &Table) -> Result<(), Misfit> {
        let place = self.receivers.len();
        self.take_domains(table, place)?;
        self.receivers.push(Receiver {
            name: name.value.clone(),
            limits: limits::read(table)?,
            pauses: pauses(table)?,
        });
        Ok(())
    }

    fn take_domains(&mut self, table: &Table, place: usize) -> Result<(), Misfit> {
        for at in table.texts("domains")? {
            match at.value.strip_suffix(".*") {
                Some(beginning) => self.by_beginning.insert(beginning.to_ascii_lowercase(), place),
                None => self.by_domain.insert(domain(&at)?, place),
            };
        }
        Ok(())
    }

    /// What the author says of one receiver goes before what is known of it.
    fn change(&mut self, name: &At<String>, table: &Table) -> Result<(), Misfit> {
        let said = limits::read(table)?;
        if name.value == EACH {
            self.each = said;
            return Ok(());
        }
        let domain = domain(name)?;
        match self.place(&domain) {
            Some(place) => {
                let known = &mut self.receivers[place];
                known.limits = said.or(std::mem::take(&mut known.limits));
                known.pauses.splice(0..0, pauses(table)?);
                self.take_domains(table, place)
            }
            None => {
                self.by_domain.insert(domain, self.receivers.len());
                self.add(name, table)
            }
        }
    }
}

/// Reads `[throttle]` on top of what is known.
pub fn read(root: &Table) -> Result<Shaping, Misfit> {
    let mut shaping = Shaping::built_in();
    for (name, table) in root.tables("throttle")? {
        table.only(&format!("`[throttle.\"{}\"]`", name.value), &KEYS)?;
        limits::refuse_contradiction(&limits::read(table)?, &[], &name.span)?;
        shaping.change(name, table)?;
    }
    Ok(shaping)
}

/// The keys of `[throttle."DOMAIN"]`.
const KEYS: [&str; 6] = {
    let [rate, windows, connections, messages] = limits::KEYS;
    [rate, windows, connections, messages, "domains", "pauses"]
};

fn domain(name: &At<String>) -> Result<String, Misfit> {
    let parsed = Domain::parse(&name.value).map(|domain| domain.as_str().to_owned());
    parsed.map_err(|_| {
        Misfit::new(format!("`{}` is no domain", name.value), name.span.clone())
            .help("write what stands behind the @, such as [throttle.\"gmail.com\"], or \"*\" for all others")
    })
}

fn pauses(table: &Table) -> Result<Vec<Pause>, Misfit> {
    let Some(node) = table.get("pauses") else { return Ok(Vec::new()) };
    let Value::List(items) = &node.value else { return Err(no_pause(node)) };
    items.iter().map(pause).collect()
}

fn pause(node: &Node) -> Result<Pause, Misfit> {
    let Value::Table(table) = &node.value else { return Err(no_pause(node)) };
    table.only("a pause", &["says", "wait"])?;
    let (says, wait) = (table.text("says")?, table.text("wait")?);
    let (Some(says), Some(wait)) = (says.filter(|says| !says.value.trim().is_empty()), wait) else {
        return Err(no_pause(node));
    };
    Ok(Pause { says: says.value.to_lowercase(), wait: duration_of("wait", &wait, Zero::Nonsense)? })
}

fn no_pause(node: &Node) -> Misfit {
    Misfit::new("a pause names the words of an answer and how long to wait", node.span.clone())
        .help("write pauses = [{ says = \"unusual rate\", wait = \"10 min\" }]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaping(toml: &str) -> Result<Shaping, Misfit> {
        read(&Table::from_toml(toml, 0).unwrap())
    }

    fn receiver<'a>(shaping: &'a Shaping, domain: &str) -> Option<&'a Receiver> {
        shaping.place(domain).map(|place| &shaping.receivers()[place])
    }

    fn name(shaping: &Shaping, domain: &str) -> String {
        receiver(shaping, domain).map_or_else(String::new, |receiver| receiver.name.clone())
    }

    #[test]
    fn the_domains_of_a_big_receiver_belong_together() {
        let shaping = Shaping::built_in();
        let names = ["gmail.com", "googlemail.com", "yahoo.co.uk", "yahoo.co.jp", "hotmail.fr", "web.de"]
            .map(|domain| name(&shaping, domain));
        assert_eq!(names, ["google", "google", "yahoo", "yahoo-japan", "microsoft", "gmx"]);
        for stranger in ["example.org", "notgmail.com", "yahoo", "com", "yahoo.example.org"] {
            assert_eq!(name(&shaping, stranger), "", "{stranger}");
        }
    }

    #[test]
    fn what_the_author_says_goes_before_what_is_known() {
        let shaping = shaping("[throttle.'gmail.com']\nrate = '2/s'\nconnections = 1").unwrap();
        let google = &receiver(&shaping, "googlemail.com").unwrap().limits;
        assert_eq!((google.rate.unwrap().letters.get(), google.connections.unwrap().get()), (2, 1));
        assert_eq!(google.messages_per_connection.unwrap().get(), 50, "the rest stays");
    }

    #[test]
    fn a_receiver_of_ones_own_may_have_several_domains() {
        let shaping = shaping(
            "[throttle.'Example.org']\nrate = '2/s'\ndomains = ['example.net']\n\
                               [throttle.'*']\nconnections = 2",
        )
        .unwrap();
        assert_eq!(name(&shaping, "example.org"), name(&shaping, "example.net"));
        assert_eq!(shaping.each().connections.unwrap().get(), 2);
    }

    #[test]
    fn nonsense_is_refused_at_its_place() {
        let refused = |toml| shaping(toml).unwrap_err();
        assert_eq!(refused("[throttle.'not a domain']").message, "`not a domain` is no domain");
        assert_eq!(refused("[throttle.'a.example']\nrat = '1/s'").help.unwrap(), "did you mean `rate`?");
        assert!(refused("[throttle.'a.example']\npauses = [{ says = 'x' }]").message.contains("how long"));
        assert!(refused("[throttle]\nrate = '1/s'").message.contains("must be a table"));
    }
}
