//! How fast letters go: quotas, warm-up, receivers, and a few letters first.

use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;

fn weekly_by(transport: &str) -> Scratch {
    Scratch::weekly_for(12).settings("transport = \"relay\"").settings(transport)
}

fn relay(sink: &SmtpSink, lines: &str) -> Scratch {
    weekly_by(&format!("[transports.relay]\nurl = \"{}\"\n{lines}", sink.url()))
}

#[test]
fn a_quota_ends_a_send_with_the_time_when_there_is_more_and_the_plan_foresees_it() {
    let sink = SmtpSink::start(&[]);
    let scratch = relay(&sink, "windows = \"5/day\"");
    scratch.run("plan 1").ok().prints("at least, by the pace");
    let first = scratch.run("send 1 --yes").expect_code(75);
    first.prints("The quota of 5/day is used up; the next letter may leave");
    scratch.run("send 1 --yes").expect_code(75).prints("Sent 0 letters");
    assert_eq!(sink.messages().len(), 5);
    scratch.run("run").expect_code(75);
    assert_eq!(sink.messages().len(), 5, "cron keeps to the quota as well");
}

#[test]
fn a_proof_counts_for_the_quota() {
    let sink = SmtpSink::start(&[]);
    let scratch = relay(&sink, "windows = \"5/day\"");
    scratch.run("test 1 --to ada@example.org").ok();
    scratch.run("send 1 --yes").expect_code(75);
    assert_eq!(sink.messages().len(), 5);
}

#[test]
fn a_warm_up_lets_a_few_out_on_the_first_day() {
    let sink = SmtpSink::start(&[]);
    let scratch = relay(&sink, "warmup = [\"4/day\", \"8/day\"]");
    let first = scratch.run("send 1 --yes").expect_code(75);
    first.prints("Day 1 of the warm-up has had its 4 letters; the next letter may leave");
    assert_eq!(sink.messages().len(), 4);
}

#[test]
fn a_canary_that_goes_well_is_followed_and_one_that_is_refused_is_not() {
    let sink = SmtpSink::start(&[]);
    relay(&sink, "").run("send 1 --yes --canary 3").ok();
    assert_eq!(sink.messages().len(), 12);

    let refusing = SmtpSink::start(&["-f", "RCPT", "-B", "550 5.1.1 no such user"]);
    let scratch = relay(&refusing, "");
    let stopped = scratch.run("send 1 --yes --canary 3").expect_code(4);
    stopped
        .prints("of the 3 letters that went first, 3 did not go well")
        .prints("Nobody else was written to");
    let status = scratch.run("status 1 --json").json();
    assert_eq!((&status["counts"]["refused"], &status["counts"]["planned"]), (&3.into(), &9.into()));
}

#[test]
fn a_receiver_has_limits_of_its_own_and_holds_nobody_else() {
    let sink = SmtpSink::start(&[]);
    let people: String =
        (0..12).map(|n| format!("r{n}@{},R,X\n", ["gmail.com", "example.net"][n % 2])).collect();
    let scratch = relay(&sink, "[throttle.\"gmail.com\"]\nwindows = \"2/day\"")
        .list("weekly", &format!("email,name,city\n{people}"));
    scratch.run("send 1 --yes").expect_code(75).prints("waits by the limits that are set");
    let messages = sink.messages();
    let to = |domain: &str| messages.iter().filter(|message| message.recipients[0].ends_with(domain)).count();
    assert_eq!((to("gmail.com"), to("example.net")), (2, 6));
}

#[test]
fn a_server_that_is_asked_less_of_keeps_its_wait_from_run_to_run_and_status_says_so() {
    let busy = SmtpSink::start(&["-r", "RCPT", "-b", "451 4.7.0 too fast, try again in 30 minutes"]);
    let scratch = relay(&busy, "").settings("[send]\nwait = \"0s\"");
    scratch.run("send 1 --yes").expect_code(75);
    let status = scratch.run("status 1").ok();
    status.prints("wants nothing before").prints("451 4.7.0 too fast");
    let begun = busy.messages().len();
    scratch.run("send 1 --yes").expect_code(75);
    assert_eq!(busy.messages().len(), begun);
}

#[test]
fn limits_that_make_no_sense_are_refused_where_they_stand() {
    for (lines, said) in [
        ("rate = \"0/s\"", "`0/s` is no rate"),
        ("rate = \"fast\"", "`fast` is no rate"),
        ("windows = [\"5/day\", \"9/day\"]", "two quotas for the same time as 9/day"),
        ("windows = \"100000/day\"\nrate = \"1/s\"", "the quota of 100000/day can never be reached at 1/s"),
        ("warmup = [\"9/day\", \"5/day\"]", "the warm-up goes down at `5/day`"),
        ("warmup = \"9/day\"\nwindows = \"5/day\"", "the warm-up rises to 9/day, but the quota is 5/day"),
        ("connections = 0", "`connections`"),
        ("[throttle.\"no domain\"]\nrate = \"1/s\"", "`no domain` is no domain"),
        ("[throttle.\"gmail.com\"]\nrates = \"1/s\"", "`rates` is not a key of `[throttle.\"gmail.com\"]`"),
    ] {
        let scratch = weekly_by(&format!("[transports.relay]\nurl = \"smtp://127.0.0.1:9\"\n{lines}"));
        let refused = scratch.run("plan 1").expect_code(1);
        refused.says(said).says("courant.toml:");
    }
    Scratch::weekly().run("send 1 --rate 0/s").expect_code(1).says("0/s");
}

#[test]
fn a_second_server_takes_over_while_the_first_is_down() {
    let sink = SmtpSink::start(&[]);
    let scratch =
        weekly_by(&format!("[transports.relay]\nurl = [\"smtp://127.0.0.1:9\", \"{}\"]", sink.url()));
    scratch.run("send 1 --yes").ok();
    assert_eq!(sink.messages().len(), 12);
}
