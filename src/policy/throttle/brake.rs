//! Slower where the other side asks for it, and slowly faster again: additive increase, multiplicative
//! decrease (Chiu and Jain 1989).

use std::time::Duration;

/// Not slower than one letter a minute.
const LEAST: f64 = 1.0 / 60.0;
/// The first wait after a request to slow down; it doubles with each one that no letter got through between.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// So many seconds without another request give back the whole speed.
const RECOVERY: f64 = 60.0;
/// A brake this far above the speed at which it was needed is let go.
const LET_GO: f64 = 2.0;

/// Holds a lane back. Letters are spaced by the speed that is left.
#[derive(Debug, Clone)]
pub struct Brake {
    /// Letters a second.
    speed: f64,
    /// The speed at which it was needed.
    needed_at: f64,
    cut_at: Duration,
    /// Requests to slow down since a letter got through.
    in_a_row: u32,
    free_at: Duration,
}

impl Brake {
    /// The first request to slow down, at `speed` letters a second.
    pub fn new(speed: f64, now: Duration) -> Brake {
        let needed_at = speed.max(LEAST);
        let mut brake = Brake { speed: needed_at, needed_at, cut_at: now, in_a_row: 0, free_at: now };
        brake.cut(now, None);
        brake
    }

    /// A brake that an earlier run has left.
    pub fn left_at(speed: f64, needed_at: f64, now: Duration) -> Brake {
        Brake {
            speed: speed.max(LEAST),
            needed_at: needed_at.max(LEAST),
            cut_at: now,
            in_a_row: 0,
            free_at: now,
        }
    }

    /// Another request, about a letter that was given out at `given_out` while the lane ran at `speed`. What
    /// was on its way when the last one came asks for the same.
    pub fn again(&mut self, given_out: Duration, speed: f64, now: Duration) {
        if given_out >= self.cut_at {
            self.cut(now, Some(speed));
        }
    }

    fn cut(&mut self, now: Duration, measured: Option<f64>) {
        let speed = measured.filter(|measured| *measured > 0.0).map_or(self.speed, |it| it.min(self.speed));
        self.speed = (speed / 2.0).max(LEAST);
        self.cut_at = now;
        self.free_at = self.free_at.max(now + self.pause());
        self.in_a_row += 1;
    }

    fn pause(&self) -> Duration {
        FIRST_PAUSE.saturating_mul(1 << self.in_a_row.min(16)).min(LONGEST_PAUSE)
    }

    /// A letter got through. `true` if the brake is not needed any more.
    pub fn went_well(&mut self) -> bool {
        self.in_a_row = 0;
        self.speed += self.needed_at / RECOVERY / self.speed.max(1.0);
        self.speed >= LET_GO * self.needed_at
    }

    pub fn ask(&self, now: Duration) -> Result<(), Duration> {
        if now < self.free_at { Err(self.free_at) } else { Ok(()) }
    }

    pub fn take(&mut self, now: Duration) {
        self.free_at = now.max(self.free_at) + Duration::from_secs_f64(1.0 / self.speed);
    }

    /// Letters a second.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// The speed at which it was needed.
    pub fn needed_at(&self) -> f64 {
        self.needed_at
    }
}

/// How fast letters went lately.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    /// Letters a second, as if none had gone before the first that is counted.
    speed: f64,
    first: Option<Duration>,
    last: Option<Duration>,
}

impl Meter {
    /// Older letters count less and less: by this time, about a third.
    const MEMORY: f64 = 3.0;
    /// After such a silence it begins anew.
    const SILENCE: Duration = Duration::from_secs(9);
    /// What went in less than a second is taken for what goes in a second.
    const SHORTEST: f64 = 1.0;

    pub fn count(&mut self, now: Duration) {
        if self.last.is_none_or(|last| now.saturating_sub(last) > Meter::SILENCE) {
            *self = Meter { first: Some(now), ..Meter::default() };
        }
        self.speed = self.faded(now) + 1.0 / Meter::MEMORY;
        self.last = Some(now);
    }

    /// Letters a second at `now`; in the first seconds, of those seconds alone.
    pub fn speed(&self, now: Duration) -> f64 {
        let measured = self.first.map_or(Duration::ZERO, |first| now.saturating_sub(first)).as_secs_f64();
        self.faded(now) / (1.0 - (-measured.max(Meter::SHORTEST) / Meter::MEMORY).exp())
    }

    fn faded(&self, now: Duration) -> f64 {
        let since = self.last.map_or(Duration::ZERO, |last| now.saturating_sub(last));
        self.speed * (-since.as_secs_f64() / Meter::MEMORY).exp()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn second(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn a_request_halves_the_speed_and_what_was_on_its_way_does_not_halve_it_again() {
        let mut brake = Brake::new(100.0, second(10));
        assert_eq!((brake.speed(), brake.ask(second(10))), (50.0, Err(second(11))));
        brake.again(second(9), 100.0, second(11));
        assert_eq!(brake.speed(), 50.0);
        brake.again(second(11), 50.0, second(12));
        assert_eq!(brake.speed(), 25.0);
    }

    #[test]
    fn pauses_double_while_nothing_gets_through() {
        let mut brake = Brake::new(4.0, second(0));
        let mut pauses = Vec::new();
        for _ in 0..10 {
            let now = brake.ask(second(0)).unwrap_err();
            brake.again(now, 1.0, now);
            pauses.push((brake.ask(now).unwrap_err() - now).as_secs());
        }
        assert_eq!(pauses[..5], [2, 4, 8, 16, 32]);
        assert_eq!(pauses.last(), Some(&300));
        assert_eq!(brake.speed(), LEAST);
    }

    #[test]
    fn speed_comes_back_within_a_minute_or_two_and_then_the_brake_is_let_go() {
        for speed in [0.5, 2.0, 40.0, 1_000.0] {
            let mut brake = Brake::new(speed, second(0));
            let mut now = second(1);
            while !brake.went_well() {
                brake.take(now);
                now = brake.ask(now).unwrap_err();
            }
            assert!((second(20)..second(300)).contains(&now), "{speed} a second: {now:?}");
        }
    }

    #[test]
    fn the_meter_shows_an_even_speed() {
        let mut meter = Meter::default();
        for step in 0..2000 {
            meter.count(Duration::from_millis(step * 20));
        }
        let shown = meter.speed(second(40));
        assert!((40.0..60.0).contains(&shown), "{shown}");
        assert!(meter.speed(second(70)) < 0.1);
    }

    #[test]
    fn the_meter_shows_the_speed_from_the_first_second_on_also_after_a_silence() {
        let mut meter = Meter::default();
        for start in [0, 100] {
            for step in 0..=50 {
                meter.count(second(start) + Duration::from_millis(step * 20));
            }
            let shown = meter.speed(second(start + 1));
            assert!((40.0..60.0).contains(&shown), "{shown}");
        }
    }

    #[test]
    fn a_burst_is_no_speed_that_lasts() {
        let mut meter = Meter::default();
        (0..50).for_each(|step| meter.count(Duration::from_millis(step)));
        let shown = meter.speed(Duration::from_millis(50));
        assert!((30.0..70.0).contains(&shown), "{shown}");
    }

    proptest! {
        #[test]
        fn it_never_stands_still_for_good(events in proptest::collection::vec(any::<bool>(), 0..200)) {
            let mut brake = Brake::new(10.0, second(0));
            let mut now = second(0);
            for is_good in events {
                now += second(1);
                match is_good {
                    true => { brake.went_well(); }
                    false => brake.again(now, brake.speed(), now),
                }
                prop_assert!(brake.speed() >= LEAST);
                prop_assert!(brake.ask(now + LONGEST_PAUSE).is_ok());
            }
        }
    }
}
