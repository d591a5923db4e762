//! `courant simulate`: every profile ends with nobody lost and nobody twice, and nothing of it is known to a send.

use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::harness::scratch::Scratch;
use crate::json::{documented, keys};

/// What a simulation of the weekly prints as JSON; the audit holds, or the test fails.
#[track_caller]
fn simulated(scratch: &Scratch, args: &str, code: i32) -> Value {
    let run = scratch.run(&format!("simulate 1 --json {args}")).expect_code(code);
    let it = run.json();
    let number = |group: &str| it["audit"][group]["letters"].as_u64();
    assert_eq!((number("lost"), number("twice")), (Some(0), Some(0)), "{it:#}");
    assert_eq!(it["audit"]["holds"], true, "{it:#}");
    it
}

#[track_caller]
fn holds(profile: &str) -> Value {
    let it = simulated(&Scratch::weekly(), &format!("--subscribers 400 --faults {profile}"), 0);
    let count = |state: &str| it["counts"][state].as_u64().expect("counts are numbers");
    let settled = count("accepted") + count("refused") + count("uncertain") + count("expired");
    assert_eq!(settled, 400, "{it:#}");
    assert_eq!(
        it["sink"]["letters"],
        it["audit"]["reached"].as_u64().unwrap() + it["audit"]["uncertain"]["taken"].as_u64().unwrap()
    );
    it
}

#[test]
fn on_a_calm_day_everybody_is_reached() {
    assert_eq!(holds("calm")["audit"]["reached"], 400);
}

#[test]
fn on_a_busy_day_everybody_is_reached_in_the_end() {
    let it = holds("busy");
    assert_eq!(it["audit"]["reached"], 400, "{it:#}");
    assert!(it["sink"]["deferred"].as_u64() > Some(10), "{it:#}");
}

#[test]
fn greylisting_is_waited_out() {
    let it = holds("greylist");
    assert_eq!(it["audit"]["reached"], 400, "{it:#}");
    assert!(it["sink"]["deferred"].as_u64() > Some(150), "{it:#}");
}

#[test]
fn refusals_are_final_and_a_bar_that_ends_is_not() {
    let it = holds("refusals");
    assert_eq!(
        it["counts"]["refused"],
        it["sink"]["by_fault"][0]["hits"].as_u64().unwrap()
            + it["sink"]["by_fault"][1]["hits"].as_u64().unwrap()
            + it["sink"]["by_fault"][2]["hits"].as_u64().unwrap()
    );
}

#[test]
fn connections_that_end_at_any_step_lose_nobody() {
    let it = holds("flaky");
    assert!(it["sink"]["broken_off"].as_u64() > Some(5), "{it:#}");
}

#[test]
fn everything_together_loses_nobody() {
    holds("hostile");
}

#[test]
fn the_page_on_json_shows_what_it_prints() {
    let scratch = Scratch::weekly().file("some.toml", "[[fault]]\nwhat = \"refuse\"\nshare = 0.02\n");
    let printed = simulated(&scratch, "--subscribers 300 --faults ./some.toml", 0);
    assert_eq!(keys(&documented("simulate ISSUE")), keys(&printed), "{printed:#}");
}

#[test]
fn the_same_seed_meets_the_same_people_and_another_seed_others() {
    let faults = "[[fault]]\nwhat = \"refuse\"\nshare = 0.03\n[[fault]]\nwhat = \"drop\"\nat = \"answer\"\nshare = 0.03\n";
    let scratch = Scratch::weekly().file("some.toml", faults);
    let counts = |seed: u32| {
        simulated(&scratch, &format!("--subscribers 500 --faults ./some.toml --seed {seed}"), 0)["counts"]
            .clone()
    };
    let first = counts(7);
    assert_eq!(first, counts(7));
    assert_ne!(first, counts(8));
}

#[test]
fn nothing_of_it_is_known_to_the_workspace() {
    let scratch = Scratch::weekly();
    scratch.run("send 1 --yes --offline").ok();
    let before =
        (scratch.run("status 1 --json").ok().stdout, scratch.files("outbox"), scratch.files(".courant"));
    simulated(&scratch, "--subscribers 200 --faults calm", 0);
    let after =
        (scratch.run("status 1 --json").ok().stdout, scratch.files("outbox"), scratch.files(".courant"));
    assert_eq!(before, after);
    let fresh = Scratch::weekly();
    simulated(&fresh, "--subscribers 10 --faults calm", 0);
    assert_eq!(fresh.files(".courant"), Vec::<String>::new());
}

#[test]
fn a_ledger_that_is_kept_is_named_and_stays() {
    let scratch = Scratch::weekly();
    let it = simulated(&scratch, "--subscribers 20 --faults calm --keep", 0);
    let kept = it["ledger"].as_str().expect("its path is told").to_owned();
    simulated(&scratch, "--subscribers 20 --faults calm", 0);
    assert!(std::path::Path::new(&kept).exists(), "{kept}");
}

#[test]
fn made_up_people_have_what_the_issue_asks_for() {
    let issue = "---\ntitle: News from {{ city }}\nsegment: 'plan = \"paid\"'\n---\n# Hi\n\nDear {{ name }} in {{ city }}.\n";
    let list = "email,name,city,plan\nada@example.org,Ada,Minsk,paid\nbob@example.org,Bob,,free\n";
    let scratch = Scratch::weekly().issue("001-hello", issue).list("weekly", list);
    assert_eq!(simulated(&scratch, "--subscribers 50 --faults calm", 0)["audit"]["reached"], 50);
    let nobody = scratch.list("weekly", "email,name,city,plan\nbob@example.org,Bob,,free\n");
    assert_eq!(simulated(&nobody, "--subscribers 50 --faults calm", 0)["audit"]["reached"], 50);
}

#[test]
fn an_issue_with_errors_is_not_simulated() {
    let scratch = Scratch::weekly().issue("001-hello", "---\ntitle: Hello\n---\n# Hi\n\nDear {{ nmae }}.\n");
    let run = scratch.run("simulate 1 --subscribers 10").expect_code(2);
    run.says("`nmae`").says("Nothing was simulated");
    assert_eq!((run.stdout.as_str(), scratch.files(".courant")), ("", Vec::new()));
}

#[test]
fn a_server_that_speaks_no_smtp_is_given_up_and_nobody_is_marked() {
    let scratch = Scratch::weekly().file("web.toml", "[[fault]]\nwhat = \"babble\"\n");
    let it = simulated(&scratch, "--subscribers 20 --faults ./web.toml", 3);
    assert_eq!(
        (&it["counts"]["planned"], it["stops"].as_array().map(Vec::len)),
        (&20.into(), Some(3)),
        "{it:#}"
    );
}

#[test]
fn an_interrupted_simulation_is_audited_all_the_same() {
    let slow = "[[fault]]\nwhat = \"delay\"\nat = \"answer\"\nby = \"40 ms\"\n";
    let scratch = Scratch::weekly().file("slow.toml", slow);
    let args = ["simulate", "1", "--subscribers", "3000", "--faults", "./slow.toml", "--connections", "2"];
    let running = scratch.courant(args).start();
    sleep(Duration::from_secs(5));
    running.signal("INT");
    let run = running.finish().expect_code(75);
    run.prints("The audit holds: 0 lost, 0 twice").prints("not sent yet");
}

#[test]
fn a_sender_that_dies_again_and_again_loses_nobody() {
    let args = "--subscribers 1500 --faults calm --kill 6 --connections 4";
    let it = simulated(&Scratch::weekly(), args, 0);
    assert_eq!(it["kills"], 6, "{it:#}");
    let uncertain = it["counts"]["uncertain"].as_u64().expect("counts are numbers");
    assert!((1..=24).contains(&uncertain), "{it:#}");
    assert_eq!(it["counts"]["accepted"], 1500 - uncertain, "{it:#}");
}
