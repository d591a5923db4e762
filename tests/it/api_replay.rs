//! Calls that a dead run wrote down: what a second death, a fence, or the word of a person does to them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::harness::api::{Family, Provider, Trouble};
use crate::harness::fault::{Call, Deed, Fault};
use crate::harness::scratch::Scratch;

const SUBSCRIBERS: usize = 10;
const BATCH: usize = 5;
const WORKERS: usize = 4;

fn workspace(provider: &Provider) -> Scratch {
    Scratch::weekly_for(SUBSCRIBERS)
        .settings("transport = \"api\"")
        .settings(&provider.settings(BATCH, "connections = 2"))
}

fn count(scratch: &Scratch, name: &str) -> usize {
    let status = scratch.run("status 1 --json").json();
    status["counts"][name].as_u64().expect("counts are numbers") as usize
}

fn nobody_twice(provider: &Provider, what: &str) {
    assert!(provider.taken().values().all(|times| *times == 1), "{what}: somebody has it twice");
}

fn all_have_it_once(provider: &Provider, scratch: &Scratch, what: &str) {
    nobody_twice(provider, what);
    assert_eq!(provider.taken().len(), SUBSCRIBERS, "{what}: somebody is lost");
    assert_eq!(count(scratch, "accepted"), SUBSCRIBERS, "{what}");
}

/// Two calls are silent; their run is killed, and so is the next one, while it asks again.
#[test]
fn a_kill_while_one_call_is_asked_for_sends_nothing_twice_of_another_that_is_too_old() {
    let silent = |number| (number <= 3).then_some(Trouble::Silence { taken: number <= 2 });
    let provider = Provider::start(Family::Resend, silent);
    let scratch = workspace(&provider);
    let running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    assert!(provider.wait_for_silent(2));
    running.kill();
    scratch.sqlite("UPDATE call SET until = 1 WHERE key = (SELECT min(key) FROM call)");
    let running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    assert!(provider.wait_for_silent(3));
    running.kill();
    scratch.run("send 1 --yes --offline").expect_code(4);
    nobody_twice(&provider, "killed twice");
    assert_eq!((count(&scratch, "accepted"), count(&scratch, "uncertain")), (BATCH, BATCH));
}

#[test]
fn a_call_is_not_made_behind_a_fence_by_cron_and_is_by_the_next_send() {
    let silent = |number| (number == 1).then_some(Trouble::Silence { taken: false });
    let provider = Provider::start(Family::Resend, silent);
    let scratch = workspace(&provider);
    let running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    assert!(provider.wait_for_silence());
    running.kill();
    let before = provider.calls();
    scratch.run("stop 1").ok();
    scratch.run("run").expect_code(4);
    assert_eq!(scratch.run("run").ok().stdout, "", "cron says it once");
    assert_eq!(provider.calls(), before, "a letter left from behind the fence");
    scratch.run("send 1 --yes --offline").ok();
    all_have_it_once(&provider, &scratch, "after the fence");
}

#[test]
fn a_letter_whose_call_can_be_asked_for_is_not_planned_on_a_persons_word() {
    let silent = |number| (number == 1).then_some(Trouble::Silence { taken: true });
    let provider = Provider::start(Family::Resend, silent);
    let scratch = workspace(&provider);
    let running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    assert!(provider.wait_for_silence());
    running.kill();
    let silent = provider.taken().into_keys().next().expect("it took letters");
    let who = silent.as_str();
    let told = scratch.courant(["reconcile", "1", "--not-arrived", who, "--yes"]).run();
    told.expect_code(1).says("can be asked until");
    scratch.run("send 1 --yes --offline").ok();
    all_have_it_once(&provider, &scratch, "after the word");
}

/// A call of all letters is not let in, which leaves them where they were; the run is killed at a sync, and gone on
/// with. Whether the sync was reached.
fn killed_at(at: usize) -> bool {
    let provider = Provider::start(Family::Resend, |number| {
        (number == 1).then_some(Trouble::Says(401, r#"{"name":"missing_api_key","message":"No key"}"#))
    });
    let scratch = Scratch::weekly_for(SUBSCRIBERS)
        .settings("transport = \"api\"")
        .settings(&provider.settings(SUBSCRIBERS, "connections = 1"));
    let fault = Fault { call: Call::Sync, at, deed: Deed::Kill };
    let send = || scratch.courant(["send", "1", "--yes", "--offline"]);
    let run = send().fault(fault, &scratch.path("seen")).run();
    let was_hit = scratch.path("seen").exists();
    assert_eq!(run.code.is_none(), was_hit, "{fault:?}: {run}");
    let is_done = (0..3).any(|_| send().run().code == Some(0));
    assert!(is_done, "{fault:?}: {}", scratch.run("status 1"));
    all_have_it_once(&provider, &scratch, &format!("{fault:?}"));
    was_hit
}

#[test]
fn a_kill_at_any_sync_while_letters_learn_that_their_call_took_nothing_reaches_nobody_twice() {
    let next = AtomicUsize::new(1);
    let work = || while killed_at(next.fetch_add(1, Ordering::SeqCst)) {};
    thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(work))));
    assert!(next.into_inner() > SUBSCRIBERS, "too few kills");
}

/// A key that is known says nothing where the call before was answered that it took nothing: the provider may have
/// kept the key all the same.
#[test]
fn a_known_key_behind_a_call_that_fell_over_reaches_nobody_for_sure_even_after_a_kill() {
    let known = r#"{"code":"duplicate_parameter","message":"The request was processed already"}"#;
    let provider = Provider::start(Family::Brevo, move |number| match number {
        1 => Some(Trouble::Broken),
        2 => Some(Trouble::Silence { taken: false }),
        _ => Some(Trouble::Says(400, known)),
    });
    let scratch = Scratch::weekly_for(1)
        .settings("transport = \"api\"")
        .settings(&provider.settings(1, "connections = 1"));
    let running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    assert!(provider.wait_for_silence());
    running.kill();
    scratch.run("send 1 --yes --offline").expect_code(4);
    assert_eq!((count(&scratch, "accepted"), count(&scratch, "uncertain")), (0, 1));
    let before = provider.calls();
    scratch.run("send 1 --yes --offline").expect_code(4);
    assert_eq!(provider.calls(), before, "nothing more can be learned from it");
}
