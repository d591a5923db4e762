//! A real mail server, counted by its own log.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use crate::harness::postfix::Postfix;
use crate::harness::scratch::Scratch;

const SUBSCRIBERS: usize = 300;
const CONNECTIONS: u64 = 8;

fn workspace(postfix: &Postfix) -> Scratch {
    let transport = format!(
        "[transports.relay]\nurl = \"{}\"\nconnections = {CONNECTIONS}\nmessages_per_connection = 7",
        postfix.url()
    );
    Scratch::weekly_for(SUBSCRIBERS)
        .settings("transport = \"relay\"")
        .settings(&transport)
        .settings("[send]\nwait = \"0 s\"\nretry_after = [\"1 s\"]")
}

/// How often Postfix took each letter into its queue.
fn taken(postfix: &Postfix) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for line in postfix.log().lines().filter(|line| line.contains("/cleanup[")) {
        if let Some((_, id)) = line.split_once("message-id=") {
            *times.entry(id.trim().to_owned()).or_default() += 1;
        }
    }
    times
}

#[test]
fn killed_between_and_with_some_refused_and_some_put_off_its_log_has_every_letter_once() {
    let postfix = Postfix::start(&[
        "smtpd_recipient_restrictions = check_recipient_access inline:{{user5@example5.org = 550 5.1.1 gone}, \
         {user9@example9.org = 450 4.2.1 busy}}, permit_mynetworks, reject",
        "virtual_transport = discard:",
    ]);
    let scratch = workspace(&postfix);
    let mut running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    while taken(&postfix).len() < 60 && !running.is_over() {
        sleep(Duration::from_millis(5));
    }
    running.kill();
    let resumed = scratch.run("send 1 --yes --offline");
    assert!(matches!(resumed.code, Some(4 | 75)), "{resumed}");

    let status = scratch.run("status 1 --json").json();
    let count = |name: &str| status["counts"][name].as_u64().expect("a count is a number");
    assert_eq!((count("refused"), count("deferred")), (1, 1), "{status}");
    assert!(count("uncertain") <= CONNECTIONS, "{status}");
    assert_eq!(count("accepted") + count("uncertain") + 2, SUBSCRIBERS as u64, "{status}");
    let taken = taken(&postfix);
    assert!(taken.values().all(|times| *times == 1), "one is twice in the log");
    let number = taken.len() as u64;
    assert!(
        count("accepted") <= number && number <= count("accepted") + count("uncertain"),
        "{number}: {status}"
    );
    scratch.run("status 1 --why user9@example9.org").ok().prints("450 4.2.1").prints("busy");
}
