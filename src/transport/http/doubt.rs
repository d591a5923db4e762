//! Whether a call may have been taken by a provider that has not said so, and whether it may be made again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::api::Outcomes;
use crate::model::attempt::{Broken, Fault, Phase};

/// The pauses between the same call and itself, unless an answer asks for others.
pub const REPEATS: [Duration; 5] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(10),
    Duration::from_secs(20),
];
/// Whoever wants us to wait longer gets the letters another time.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A key is not trusted to the last minute: a call takes time, and clocks differ.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// While the provider knows a key. Held against the clock of the wall, too: the other may stand still while the
/// machine sleeps.
#[derive(Debug, Clone)]
pub struct Window {
    ends: Timestamp,
    closes: Instant,
}

impl Window {
    /// Of a call that is made now, where the provider remembers its key for so long.
    pub fn of(remembers: Duration) -> Window {
        let lasts = remembers.saturating_sub(MARGIN);
        let span = SignedDuration::try_from(lasts).unwrap_or(SignedDuration::MAX);
        let ends = Timestamp::now().checked_add(span).unwrap_or(Timestamp::MAX);
        Window { ends, closes: Instant::now() + lasts }
    }

    /// Of a call that was made before. A window that is left open for longer than any can be was written down by a
    /// clock that has been set back since: nobody knows how old its key is, so that it is shut.
    pub fn until(ends: Timestamp, remembers: Duration) -> Window {
        let left = Duration::try_from(ends.duration_since(Timestamp::now())).unwrap_or_default();
        let lasts = remembers.saturating_sub(MARGIN);
        let left = if left > lasts { Duration::ZERO } else { left };
        Window { ends, closes: Instant::now() + left }
    }

    pub fn ends_at(&self) -> Timestamp {
        self.ends
    }

    pub fn is_open(&self) -> bool {
        Timestamp::now() < self.ends && Instant::now() < self.closes
    }
}

/// Whether an earlier call with this key may have been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    No,
    Yes,
}

impl Doubt {
    /// After this answer, too. That a server fell over does not say that it fell before it took the letters; who has a
    /// key need not believe it.
    pub fn after(self, answered: &Result<Outcomes, Broken>, has_key: bool) -> Doubt {
        if is_open(answered) || has_key && is_fall(answered) { Doubt::Yes } else { self }
    }

    /// How long to wait before the same call is made again; `None` if that may not be, or helps nobody. What took
    /// nothing and wants us slower may be asked again without a key.
    pub fn pause(
        self,
        answered: &Result<Outcomes, Broken>,
        usual: Duration,
        has_key: bool,
    ) -> Option<Duration> {
        let is_possible = match fault(answered) {
            Some(Fault::Speed { wait }) => {
                return wait.map_or(Some(usual), |wait| (wait <= LONGEST_PAUSE).then_some(wait));
            }
            // The key is known with other letters behind it, and will be.
            Some(Fault::Unclear) => !is_another(answered),
            Some(Fault::Passing) => true,
            Some(Fault::Account | Fault::Recipient) => false,
            None => is_open(answered) || (self == Doubt::Yes && is_cut(answered)),
        };
        (has_key && is_possible).then_some(usual)
    }

    /// What is known in the end. Where a call may have been taken, only an answer about its letters counts: that the
    /// provider is busy now, or does not let us in, says nothing of what it did before.
    pub fn settle(self, answered: Result<Outcomes, Broken>) -> Result<Outcomes, Broken> {
        match (self, answered) {
            (_, Ok(Outcomes::Used(accepted))) => Ok(Outcomes::Each(vec![Ok(accepted)])),
            (Doubt::Yes, Ok(Outcomes::All(broken))) if broken.fault != Some(Fault::Recipient) => {
                Ok(Outcomes::All(Broken { fault: Some(Fault::Unclear), may_pass: true, ..broken }))
            }
            (Doubt::Yes, Err(broken)) => Err(Broken { phase: Phase::Answer, may_pass: true, ..broken }),
            (_, answered) => answered,
        }
    }
}

/// That the key is known says that a call with it was taken, unless one got an answer that said it was not: the
/// provider may have kept the key all the same.
pub fn is_void(earlier: &Result<Outcomes, Broken>) -> bool {
    matches!(fault(earlier), Some(Fault::Passing | Fault::Speed { .. } | Fault::Account))
}

/// Whom the answer to a whole call blames.
pub fn fault(answered: &Result<Outcomes, Broken>) -> Option<Fault> {
    match answered {
        Ok(Outcomes::All(broken)) | Err(broken) => broken.fault,
        Ok(Outcomes::Each(_) | Outcomes::Used(_) | Outcomes::Split(_) | Outcomes::Again) => None,
    }
}

/// Whether it is not known what the provider did.
pub fn is_open(answered: &Result<Outcomes, Broken>) -> bool {
    match answered {
        Ok(Outcomes::Again) => true,
        Ok(Outcomes::All(broken)) => broken.fault == Some(Fault::Unclear),
        Ok(Outcomes::Each(_) | Outcomes::Used(_) | Outcomes::Split(_)) => false,
        Err(broken) => broken.phase == Phase::Answer && broken.reply.is_none(),
    }
}

fn is_fall(answered: &Result<Outcomes, Broken>) -> bool {
    let Ok(Outcomes::All(broken)) = answered else { return false };
    broken.fault == Some(Fault::Passing) && broken.reply.as_ref().is_some_and(|reply| reply.code >= 500)
}

/// No call got there, which may pass.
fn is_cut(answered: &Result<Outcomes, Broken>) -> bool {
    answered.as_ref().is_err_and(|broken| broken.may_pass)
}

fn is_another(answered: &Result<Outcomes, Broken>) -> bool {
    matches!(answered, Ok(Outcomes::All(broken)) if broken.reply.as_ref().is_some_and(|reply| reply.code == 409))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::attempt::Reply;

    const USUAL: Duration = Duration::from_secs(1);

    fn all(fault: Fault, code: u16) -> Result<Outcomes, Broken> {
        Ok(Outcomes::All(Broken::faulted(fault, Reply::new(code, "x"))))
    }

    #[test]
    fn a_call_without_a_key_is_made_again_only_where_nothing_was_taken_for_its_speed() {
        let pause = |answered| Doubt::No.after(&answered, false).pause(&answered, USUAL, false);
        assert_eq!(pause(all(Fault::Speed { wait: None }, 429)), Some(USUAL));
        let wait = |seconds| Fault::Speed { wait: Some(Duration::from_secs(seconds)) };
        assert_eq!(pause(all(wait(7), 429)), Some(Duration::from_secs(7)));
        assert_eq!(pause(all(wait(3600), 429)), None);
        for fault in [Fault::Unclear, Fault::Passing, Fault::Account, Fault::Recipient] {
            assert_eq!(pause(all(fault, 500)), None, "{fault:?}");
        }
        assert_eq!(pause(Err(Broken::cut(Phase::Answer, "reset"))), None);
    }

    #[test]
    fn a_call_with_a_key_is_made_again_until_it_is_known_what_became_of_it() {
        let pause =
            |doubt: Doubt, answered| doubt.after(&answered, true).pause(&answered, USUAL, true).is_some();
        for open in [all(Fault::Unclear, 504), Ok(Outcomes::Again), Err(Broken::cut(Phase::Answer, "reset"))]
        {
            assert!(pause(Doubt::No, open));
        }
        assert!(pause(Doubt::No, all(Fault::Passing, 500)));
        assert!(!pause(Doubt::No, Err(Broken::cut(Phase::Connect, "down"))));
        assert!(pause(Doubt::Yes, Err(Broken::cut(Phase::Connect, "down"))));
        assert!(!pause(Doubt::Yes, all(Fault::Account, 401)));
        assert!(!pause(Doubt::Yes, all(Fault::Unclear, 409)), "other letters stand behind the key");
    }

    #[test]
    fn a_refusal_of_today_does_not_unsay_what_may_have_been_taken_before() {
        for fault in [Fault::Account, Fault::Speed { wait: None }, Fault::Passing] {
            let settled = Doubt::Yes.settle(all(fault, 429));
            assert_eq!(super::fault(&settled), Some(Fault::Unclear), "{fault:?}");
            assert_eq!(super::fault(&Doubt::No.settle(all(fault, 429))), Some(fault));
        }
        let settled = Doubt::Yes.settle(all(Fault::Recipient, 422));
        assert_eq!(super::fault(&settled), Some(Fault::Recipient));
        let cut = Doubt::Yes.settle(Err(Broken::cut(Phase::Connect, "down"))).unwrap_err();
        assert_eq!(cut.phase, Phase::Answer);
    }

    #[test]
    fn a_key_is_trusted_for_less_time_than_the_provider_keeps_it() {
        assert!(Window::of(Duration::from_secs(3600)).is_open());
        assert!(!Window::of(Duration::from_secs(60)).is_open());
        let until = |seconds| {
            let ends = Timestamp::now() + SignedDuration::from_secs(seconds);
            Window::until(ends, Duration::from_secs(3600)).is_open()
        };
        assert!(until(3000) && !until(-1));
        assert!(!until(3400), "more than the hour but its margin: the clock was set back");
    }

    #[test]
    fn a_server_that_fell_over_may_have_taken_a_call_which_its_key_can_tell() {
        for (code, has_key, is_open) in [(500, true, true), (500, false, false), (413, true, false)] {
            let answered = all(Fault::Passing, code);
            let settled = Doubt::No.after(&answered, has_key).settle(answered);
            assert_eq!(super::is_open(&settled), is_open, "{code}");
        }
    }
}
