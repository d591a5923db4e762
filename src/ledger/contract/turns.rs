//! Beginning and settling letters.

use super::*;
use crate::ledger::recorded::Recorded;
use crate::model::attempt::Scope;
use crate::settings::OnUncertain;

async fn begun(ledger: &Ledger, edition: EditionId, now: Timestamp) -> Recorded {
    let next = waiting(ledger, edition, now).remove(0);
    match begin(ledger, next.delivery, now).await {
        Begun::Go(recorded) => recorded,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn to_resend_to_one_leaves_the_others_uncertain() {
    let (ledger, edition) = frozen(&["ana", "bob"]);
    for _ in 0..2 {
        let _on_the_wire = begun(&ledger, edition, noon()).await;
    }
    let only = Choice::Only(address("ana").key());
    let uncertain = ledger.recover(edition, OnUncertain::Resend, &only, "relay", minutes(1)).unwrap();
    assert_eq!(
        uncertain.iter().map(|story| story.address.to_string()).collect::<Vec<_>>(),
        [address("bob").to_string()]
    );
    assert_eq!(state_of(&ledger, edition, "ana"), State::Planned);
    assert_eq!(state_of(&ledger, edition, "bob"), State::Uncertain);
}

#[tokio::test]
async fn an_accepted_letter_is_never_begun_again() {
    let (ledger, edition) = frozen(&["ana"]);
    let recorded = begun(&ledger, edition, noon()).await;
    let delivery = recorded.delivery();
    assert_eq!(state_of(&ledger, edition, "ana"), State::Sending);
    assert!(matches!(begin(&ledger, delivery, noon()).await, Begun::NotOpen));
    settle(&ledger, Settled::Begun(recorded), accepted(), None, minutes(1)).await;
    assert_eq!(ledger.counts(edition).unwrap().get(State::Accepted), 1);
    assert!(matches!(begin(&ledger, delivery, minutes(2)).await, Begun::NotOpen));
    assert!(waiting(&ledger, edition, minutes(9)).is_empty());
}

#[tokio::test]
async fn an_attempt_is_kept_whole() {
    let (ledger, edition) = frozen(&["ana"]);
    let recorded = begun(&ledger, edition, noon()).await;
    assert_eq!(recorded.attempt(), 1);
    settle(&ledger, Settled::Begun(recorded), accepted(), None, minutes(1)).await;
    let story = ledger.story(edition, &address("ana").key()).unwrap().remove(0);
    let attempt = &story.attempts[0];
    assert_eq!((attempt.number, attempt.transport.as_str()), (1, "relay"));
    assert_eq!((attempt.begun_at, attempt.ended_at), (Some(noon()), Some(minutes(1))));
    assert_eq!(attempt.outcome.as_deref(), Some("accepted"));
    assert_eq!((attempt.phase, attempt.code), (Some(Phase::Answer), Some(250)));
    assert_eq!(attempt.enhanced.as_deref(), Some("2.0.0"));
    assert_eq!(attempt.reply, ["2.0.0 queued as 4F", "thank you"]);
}

#[tokio::test]
async fn a_letter_under_way_already_tells_its_attempt() {
    let (ledger, edition) = frozen(&["ana"]);
    let _recorded = begun(&ledger, edition, noon()).await;
    let story = ledger.story(edition, &address("ana").key()).unwrap().remove(0);
    assert_eq!(story.attempts.len(), 1);
    assert_eq!((story.attempts[0].begun_at, &story.attempts[0].outcome), (Some(noon()), &None));
}

#[tokio::test]
async fn settling_one_letter_and_beginning_the_next_is_one_call() {
    let (ledger, edition) = frozen(&["ana", "bob"]);
    let letters = waiting(&ledger, edition, noon());
    let Begun::Go(first) = begin(&ledger, letters[0].delivery, noon()).await else { panic!() };
    let settlement = Settlement { of: Settled::Begun(first), outcome: accepted(), due: None };
    let next = ledger.turn(vec![settlement], Some(letters[1].delivery), &transport(), noon()).await.unwrap();
    assert!(matches!(next, Some(Begun::Go(_))));
    let counts = ledger.counts(edition).unwrap();
    assert_eq!((counts.get(State::Accepted), counts.get(State::Sending)), (1, 1));
}

#[tokio::test]
async fn a_deferred_letter_waits_until_it_is_due_and_keeps_its_first_date() {
    let (ledger, edition) = frozen(&["ana"]);
    let recorded = begun(&ledger, edition, noon()).await;
    settle(&ledger, Settled::Begun(recorded), Outcome::Deferred(busy()), Some(minutes(5)), noon()).await;
    assert_eq!(ledger.next_due(edition, &Choice::Everyone, noon()).unwrap(), Some(minutes(5)));
    assert!(waiting(&ledger, edition, minutes(4)).is_empty());
    let again = waiting(&ledger, edition, minutes(5)).remove(0);
    assert_eq!((again.state, again.attempts, again.first_begun), (State::Deferred, 1, Some(noon())));
    let recorded = begun(&ledger, edition, minutes(5)).await;
    assert_eq!(recorded.attempt(), 2);
    settle(&ledger, Settled::Begun(recorded), Outcome::Deferred(busy()), None, minutes(6)).await;
    assert_eq!(state_of(&ledger, edition, "ana"), State::Expired);
}

#[tokio::test]
async fn a_bar_of_the_run_leaves_every_letter_where_it_was() {
    let (ledger, edition) = frozen(&["ana"]);
    let bar = || Outcome::Barred(Scope::Run, Broken::cut(Phase::Sender, "relay access denied"));
    let recorded = begun(&ledger, edition, noon()).await;
    settle(&ledger, Settled::Begun(recorded), bar(), None, noon()).await;
    assert_eq!(state_of(&ledger, edition, "ana"), State::Planned);
    let recorded = begun(&ledger, edition, noon()).await;
    settle(&ledger, Settled::Begun(recorded), Outcome::Deferred(busy()), Some(minutes(5)), noon()).await;
    let recorded = begun(&ledger, edition, minutes(6)).await;
    settle(&ledger, Settled::Begun(recorded), bar(), None, minutes(6)).await;
    assert_eq!(state_of(&ledger, edition, "ana"), State::Deferred);
    assert_eq!(ledger.next_due(edition, &Choice::Everyone, noon()).unwrap(), Some(minutes(5)));
}

#[tokio::test]
async fn a_barred_domain_waits_and_a_letter_not_sent_does_not() {
    let (ledger, edition) = frozen(&["ana"]);
    let recorded = begun(&ledger, edition, noon()).await;
    let bar = Outcome::Barred(Scope::Domain, no_such_user());
    settle(&ledger, Settled::Begun(recorded), bar, Some(minutes(30)), noon()).await;
    assert_eq!(ledger.next_due(edition, &Choice::Everyone, noon()).unwrap(), Some(minutes(30)));
    let recorded = begun(&ledger, edition, minutes(30)).await;
    let broken = Outcome::NotSent(Broken::cut(Phase::Body, "the connection was reset"));
    settle(&ledger, Settled::Begun(recorded), broken, None, minutes(30)).await;
    assert_eq!(waiting(&ledger, edition, minutes(30)).len(), 1);
}

#[tokio::test]
async fn an_envelope_that_was_refused_before_its_letter_counts_as_an_attempt() {
    let (ledger, edition) = frozen(&["ana", "bob"]);
    let letters = waiting(&ledger, edition, noon());
    let (first, second) = (&letters[0], &letters[1]);
    settle(&ledger, Settled::Unbegun(first.delivery), Outcome::Refused(no_such_user()), None, noon()).await;
    settle(&ledger, Settled::Unbegun(second.delivery), Outcome::Deferred(busy()), Some(minutes(1)), noon())
        .await;
    let refused = ledger.in_state(edition, State::Refused, 9).unwrap().remove(0);
    assert_eq!(refused.address, first.address);
    assert_eq!((refused.attempts[0].number, refused.attempts[0].begun_at), (1, None));
    assert_eq!(refused.attempts[0].enhanced.as_deref(), Some("5.1.1"));
    let deferred = waiting(&ledger, edition, minutes(1)).remove(0);
    assert_eq!((deferred.attempts, deferred.first_begun, deferred.first_tried), (1, None, Some(noon())));
}

#[tokio::test]
async fn after_a_crash_a_begun_letter_is_uncertain_and_named() {
    let (ledger, edition) = frozen(&["ana", "bob"]);
    let _never_settled = begun(&ledger, edition, noon()).await;
    let uncertain =
        ledger.recover(edition, OnUncertain::Hold, &Choice::Everyone, "relay", minutes(3)).unwrap();
    assert_eq!(uncertain.len(), 1);
    assert_eq!(uncertain[0].state, State::Uncertain);
    assert_eq!(uncertain[0].attempts[0].outcome.as_deref(), Some("uncertain"));
    assert_eq!(uncertain[0].attempts[0].begun_at, Some(noon()));
    assert_eq!(waiting(&ledger, edition, minutes(3)).len(), 1, "only the other letter is open");
    assert_eq!(
        ledger.recover(edition, OnUncertain::Hold, &Choice::Everyone, "relay", minutes(4)).unwrap().len(),
        1,
        "it stays named"
    );
}

#[tokio::test]
async fn resend_plans_uncertain_letters_again_with_the_date_they_had() {
    let (ledger, edition) = frozen(&["ana"]);
    let _never_settled = begun(&ledger, edition, noon()).await;
    assert_eq!(
        ledger.recover(edition, OnUncertain::Resend, &Choice::Everyone, "relay", minutes(3)).unwrap().len(),
        0
    );
    let again = waiting(&ledger, edition, minutes(3)).remove(0);
    assert_eq!((again.attempts, again.first_begun, again.again), (1, Some(noon()), 0));
}

#[tokio::test]
async fn a_suppression_between_plan_and_letter_wins() {
    let (ledger, edition) = frozen(&["ana", "bob", "cyd"]);
    suppress(&ledger, "ana", None);
    suppress(&ledger, "bob", Some("weekly"));
    suppress(&ledger, "cyd", Some("another"));
    for letter in waiting(&ledger, edition, noon()) {
        match begin(&ledger, letter.delivery, noon()).await {
            Begun::Go(_) => assert_eq!(letter.address, address("cyd")),
            Begun::Skipped => assert_ne!(letter.address, address("cyd")),
            other => panic!("{other:?}"),
        }
    }
    let story = ledger.story(edition, &address("ana").key()).unwrap().remove(0);
    assert_eq!((story.state, story.why.as_deref()), (State::Skipped, Some("unsubscribed")));
}

pub(super) fn suppress(ledger: &Ledger, name: &str, scope: Option<&str>) {
    let suppression = Suppression {
        key: address(name).key(),
        scope: scope.map(list),
        reason: "unsubscribed".to_owned(),
        source: "test".to_owned(),
        at: noon(),
    };
    ledger.suppress(&suppression).unwrap();
}

#[tokio::test]
async fn behind_a_fence_nothing_is_begun_and_what_is_on_the_wire_is_still_settled() {
    let (ledger, edition) = frozen(&["ana", "bob"]);
    let recorded = begun(&ledger, edition, noon()).await;
    ledger.raise_fence(Some(edition), minutes(1)).unwrap();
    ledger.raise_fence(Some(edition), minutes(2)).unwrap();
    let next = waiting(&ledger, edition, noon()).remove(0);
    let settlement = Settlement { of: Settled::Begun(recorded), outcome: accepted(), due: None };
    let stopped = ledger.turn(vec![settlement], Some(next.delivery), &transport(), noon()).await.unwrap();
    assert!(matches!(stopped, Some(Begun::Stopped)));
    let counts = ledger.counts(edition).unwrap();
    assert_eq!((counts.get(State::Accepted), counts.get(State::Planned)), (1, 1));
    assert_eq!(ledger.fence(edition).unwrap(), Some(minutes(1)));
    ledger.lift_fence(edition).unwrap();
    assert_eq!(ledger.fence(edition).unwrap(), None);
    assert!(matches!(begin(&ledger, next.delivery, noon()).await, Begun::Go(_)));
}

#[tokio::test]
async fn lifting_the_fence_around_all_for_one_edition_leaves_the_others_behind_it() {
    let (ledger, one) = frozen(&["ana"]);
    let two =
        freeze(&ledger, &Selection { issue: IssueId("two".to_owned()), ..selection(&["weekly"]) }).unwrap();
    ledger.raise_fence(None, minutes(1)).unwrap();
    ledger.lift_fence(one).unwrap();
    assert_eq!(ledger.fence(one).unwrap(), None);
    assert_eq!(ledger.fence(two).unwrap(), Some(minutes(1)));
    let three =
        freeze(&ledger, &Selection { issue: IssueId("three".to_owned()), ..selection(&["weekly"]) }).unwrap();
    assert_eq!(ledger.fence(three).unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_letters_by_32_couriers_each_go_once() {
    let names: Vec<String> = (0..1000).map(|number| format!("reader{number}")).collect();
    let (ledger, edition) = frozen(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let letters = Arc::new(waiting(&ledger, edition, noon()));
    let mut couriers = tokio::task::JoinSet::new();
    for courier in 0..32 {
        let (ledger, letters) = (ledger.clone(), Arc::clone(&letters));
        // Every courier tries every letter, from another start, so that they race for each.
        couriers.spawn(async move {
            let mut carried = 0;
            for step in 0..letters.len() {
                let letter = &letters[(step + courier * 31) % letters.len()];
                if let Begun::Go(recorded) = begin(&ledger, letter.delivery, noon()).await {
                    settle(&ledger, Settled::Begun(recorded), accepted(), None, noon()).await;
                    carried += 1;
                }
            }
            carried
        });
    }
    assert_eq!(couriers.join_all().await.into_iter().sum::<u64>(), 1000);
    assert_eq!(ledger.counts(edition).unwrap().get(State::Accepted), 1000);
}

#[tokio::test]
async fn a_proof_touches_no_delivery() {
    let (ledger, edition) = frozen(&["ana"]);
    let issue = IssueId("one".to_owned());
    let proof = ledger.begin_proof(&issue, &address("ada").key(), "relay", noon()).await.unwrap();
    assert!(proof.delivery().0 < 0);
    ledger.settle_proof(proof, &accepted(), noon()).await.unwrap();
    assert_eq!(ledger.counts(edition).unwrap().get(State::Planned), 1);
    assert!(ledger.story(edition, &address("ana").key()).unwrap()[0].attempts.is_empty());
}

#[tokio::test]
async fn an_attempt_that_was_about_us_does_not_let_the_letter_grow_old() {
    let (ledger, edition) = frozen(&["ana"]);
    let first_tried = |at| waiting(&ledger, edition, at)[0].first_tried;
    let recorded = begun(&ledger, edition, noon()).await;
    let barred = Outcome::Barred(Scope::Run, busy());
    settle(&ledger, Settled::Begun(recorded), barred, None, minutes(1)).await;
    assert_eq!(first_tried(minutes(2)), None);
    let recorded = begun(&ledger, edition, minutes(5)).await;
    let (deferred, due) = (Outcome::Deferred(busy()), Some(minutes(7)));
    settle(&ledger, Settled::Begun(recorded), deferred, due, minutes(6)).await;
    let recorded = begun(&ledger, edition, minutes(8)).await;
    settle(&ledger, Settled::Begun(recorded), Outcome::NotSent(busy()), None, minutes(9)).await;
    assert_eq!(first_tried(minutes(9)), Some(minutes(5)), "the first that was about the letter");
    assert_eq!(waiting(&ledger, edition, minutes(9))[0].first_begun, Some(noon()), "its Date stays");
}

#[tokio::test]
async fn a_run_whose_letters_were_given_up_behind_a_fence_hears_of_the_fence() {
    let (ledger, edition) = frozen(&["ana"]);
    let delivery = waiting(&ledger, edition, noon())[0].delivery;
    ledger.raise_fence(Some(edition), noon()).unwrap();
    ledger.stop_for_good(edition, noon()).unwrap();
    assert!(matches!(begin(&ledger, delivery, noon()).await, Begun::Stopped));
}
