//! Whatever happens in whatever order, the store agrees with a machine of a few lines, and nobody gets a
//! letter twice.

use proptest::prelude::*;

use super::turns::suppress;
use super::*;
use crate::ledger::recorded::Recorded;
use crate::model::attempt::Scope;
use crate::model::event::{Fate, Said};
use crate::settings::OnUncertain;

const PEOPLE: [&str; 3] = ["ana", "bob", "cyd"];

#[derive(Debug, Clone, Copy)]
enum Ending {
    Accepted,
    Deferred,
    Expired,
    Refused,
    RunBarred,
    DomainBarred,
    Uncertain,
    NotSent,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Begin(usize),
    Settle(usize, Ending),
    TurnAway(usize, Ending),
    Crash(OnUncertain),
    Suppress(usize),
    Fence(bool),
    Retry(bool),
    StopForGood,
    Reconcile(usize, Fate),
}

fn ending() -> impl Strategy<Value = Ending> {
    use Ending::*;
    prop_oneof![
        4 => Just(Accepted),
        4 => Just(Deferred),
        1 => Just(Expired),
        1 => Just(Refused),
        2 => Just(RunBarred),
        2 => Just(DomainBarred),
        1 => Just(Uncertain),
        2 => Just(NotSent),
    ]
}

/// A refused envelope can neither be accepted nor leave a doubt.
fn early_ending() -> impl Strategy<Value = Ending> {
    ending().prop_filter("has no body", |ending| !matches!(ending, Ending::Accepted | Ending::Uncertain))
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..PEOPLE.len();
    prop_oneof![
        8 => who.clone().prop_map(Step::Begin),
        8 => (who.clone(), ending()).prop_map(|(who, ending)| Step::Settle(who, ending)),
        3 => (who.clone(), early_ending()).prop_map(|(who, ending)| Step::TurnAway(who, ending)),
        1 => prop_oneof![Just(OnUncertain::Hold), Just(OnUncertain::Resend)].prop_map(Step::Crash),
        1 => who.prop_map(Step::Suppress),
        2 => any::<bool>().prop_map(Step::Fence),
        1 => any::<bool>().prop_map(Step::Retry),
        1 => Just(Step::StopForGood),
        2 => (0..PEOPLE.len(), prop::sample::select(&Fate::ALL[..]))
            .prop_map(|(who, fate)| Step::Reconcile(who, fate)),
    ]
}

/// What the documents say of one letter.
#[derive(Debug, Clone, PartialEq)]
struct Letter {
    state: State,
    /// Where it goes back to.
    before: State,
    attempts: u32,
    suppressed: bool,
}

impl Letter {
    fn begin(&mut self, fenced: bool) -> &'static str {
        if fenced {
            return "stopped";
        }
        if !self.state.is_open() {
            return "not open";
        }
        if self.suppressed {
            self.state = State::Skipped;
            return "skipped";
        }
        (self.before, self.state) = (self.state, State::Sending);
        self.attempts += 1;
        "go"
    }

    fn end(&mut self, ending: Ending) {
        self.state = match ending {
            Ending::Accepted => State::Accepted,
            Ending::Deferred | Ending::DomainBarred => State::Deferred,
            Ending::Expired => State::Expired,
            Ending::Refused => State::Refused,
            Ending::Uncertain => State::Uncertain,
            Ending::RunBarred | Ending::NotSent => self.before,
        };
    }

    fn turn_away(&mut self, ending: Ending) {
        if self.state.is_open() {
            self.before = self.state;
            self.attempts += 1;
            self.end(ending);
        }
    }

    fn crash(&mut self, policy: OnUncertain) {
        if self.state == State::Sending {
            self.state = State::Uncertain;
        }
        if self.state == State::Uncertain && policy == OnUncertain::Resend {
            self.state = State::Planned;
        }
    }

    fn reconcile(&mut self, fate: Fate) -> u64 {
        let is_uncertain = self.state == State::Uncertain;
        if is_uncertain {
            self.state = fate.state();
        }
        u64::from(is_uncertain)
    }

    fn retry(&mut self, refused: bool) {
        if self.state == State::Expired || refused && self.state == State::Refused {
            self.state = State::Planned;
        }
    }
}

fn outcome(ending: Ending) -> (Outcome, Option<Timestamp>) {
    match ending {
        Ending::Accepted => (accepted(), None),
        Ending::Deferred => (Outcome::Deferred(busy()), Some(noon())),
        Ending::Expired => (Outcome::Deferred(busy()), None),
        Ending::Refused => (Outcome::Refused(no_such_user()), None),
        Ending::RunBarred => (Outcome::Barred(Scope::Run, no_such_user()), None),
        Ending::DomainBarred => (Outcome::Barred(Scope::Domain, no_such_user()), Some(noon())),
        Ending::Uncertain => (Outcome::Uncertain(Broken::cut(Phase::Answer, "cut")), None),
        Ending::NotSent => (Outcome::NotSent(Broken::cut(Phase::Body, "cut")), None),
    }
}

struct World {
    ledger: Ledger,
    edition: EditionId,
    deliveries: Vec<crate::ledger::recorded::DeliveryId>,
    on_the_wire: Vec<Option<Recorded>>,
    letters: Vec<Letter>,
    fenced: bool,
}

impl World {
    fn new() -> World {
        let (ledger, edition) = frozen(&PEOPLE);
        let waiting = waiting(&ledger, edition, noon());
        let of = |name| waiting.iter().find(|letter| letter.address == address(name)).unwrap().delivery;
        let letter = Letter { state: State::Planned, before: State::Planned, attempts: 0, suppressed: false };
        World {
            deliveries: PEOPLE.map(of).to_vec(),
            on_the_wire: PEOPLE.map(|_| None).into(),
            letters: vec![letter; PEOPLE.len()],
            ledger,
            edition,
            fenced: false,
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Begin(who) => self.begin(who).await,
            Step::Settle(who, ending) => {
                if let Some(recorded) = self.on_the_wire[who].take() {
                    self.letters[who].end(ending);
                    self.end(Settled::Begun(recorded), ending).await;
                }
            }
            Step::TurnAway(who, ending) => {
                self.letters[who].turn_away(ending);
                self.end(Settled::Unbegun(self.deliveries[who]), ending).await;
            }
            Step::Crash(policy) => {
                self.on_the_wire = PEOPLE.map(|_| None).into();
                self.letters.iter_mut().for_each(|letter| letter.crash(policy));
                let uncertain =
                    self.ledger.recover(self.edition, policy, &Choice::Everyone, "relay", noon()).unwrap();
                let expected = self.letters.iter().filter(|letter| letter.state == State::Uncertain).count();
                assert_eq!(uncertain.len(), expected);
            }
            Step::Suppress(who) => {
                self.letters[who].suppressed = true;
                suppress(&self.ledger, PEOPLE[who], None);
            }
            Step::Fence(true) => {
                self.fenced = true;
                self.ledger.raise_fence(None, noon()).unwrap();
            }
            Step::Fence(false) => {
                self.fenced = false;
                self.ledger.lift_fence(self.edition).unwrap();
            }
            Step::Retry(refused) => {
                self.letters.iter_mut().for_each(|letter| letter.retry(refused));
                self.ledger.make_due(self.edition, refused, noon()).unwrap();
            }
            Step::StopForGood => {
                let open = self.letters.iter_mut().filter(|letter| letter.state.is_open());
                open.for_each(|letter| letter.state = State::Stopped);
                self.ledger.stop_for_good(self.edition, noon()).unwrap();
            }
            Step::Reconcile(who, fate) => {
                let (delivery, said) = (self.deliveries[who], Said::default());
                let resolution = Resolution { delivery, fate, source: "by hand".to_owned(), said };
                let moved = self.ledger.settle_uncertain(&[resolution], noon()).unwrap();
                assert_eq!(moved, self.letters[who].reconcile(fate));
            }
        }
    }

    async fn begin(&mut self, who: usize) {
        let begun = begin(&self.ledger, self.deliveries[who], noon()).await;
        let said = match &begun {
            Begun::Go(_) => "go",
            Begun::Skipped => "skipped",
            Begun::Stopped => "stopped",
            Begun::NotOpen => "not open",
        };
        assert_eq!(said, self.letters[who].begin(self.fenced));
        if let Begun::Go(recorded) = begun {
            assert!(self.on_the_wire[who].is_none(), "the same letter twice on the wire");
            assert_eq!(recorded.attempt(), self.letters[who].attempts);
            self.on_the_wire[who] = Some(recorded);
        }
    }

    async fn end(&self, of: Settled, ending: Ending) {
        let (outcome, due) = outcome(ending);
        settle(&self.ledger, of, outcome, due, noon()).await;
    }

    fn compare(&self) {
        for (name, letter) in PEOPLE.iter().zip(&self.letters) {
            let story = self.ledger.story(self.edition, &address(name).key()).unwrap().remove(0);
            assert_eq!(story.state, letter.state, "{name}");
            assert_eq!(story.attempts.len() as u32, letter.attempts, "every attempt has its row");
        }
        assert_eq!(self.ledger.counts(self.edition).unwrap().total(), PEOPLE.len() as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_order_of_events_sends_twice_or_loses_a_letter(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new();
            for step in steps {
                world.take(step).await;
                world.compare();
            }
        });
    }
}
