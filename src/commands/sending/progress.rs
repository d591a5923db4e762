//! The progress bar of a run: on a terminal only.

use std::fmt::Write;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::dispatch::Progress;
use crate::model::delivery::{Counts, State};

/// Shows how far a run is; silent where there is no terminal.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    pub fn new(counts: &Counts, visible: bool) -> Bar {
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(counts.total()), target);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {rate}  {eta} left  {msg}")
            .expect("the template is well-formed")
            .with_key("rate", |state: &ProgressState, to: &mut dyn Write| {
                write!(to, "{:.0}/s", state.per_sec()).expect("a line of the terminal takes all");
            });
        bar.set_style(style.progress_chars("━╸─"));
        bar.set_position(done(counts));
        bar.reset_eta();
        Bar { bar }
    }

    pub fn show(&self, progress: &Progress) {
        self.bar.set_position(done(&progress.counts));
        self.bar.set_message(words(progress));
    }

    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}

fn done(counts: &Counts) -> u64 {
    counts.total() - counts.open()
}

fn words(progress: &Progress) -> String {
    let shown = [State::Deferred, State::Refused, State::Uncertain];
    let mut words: Vec<String> = shown
        .into_iter()
        .filter(|state| progress.counts.get(*state) > 0)
        .map(|state| format!("{} {}", progress.counts.get(state), state.name()))
        .collect();
    if let Some(until) = progress.waiting_until {
        let left = until.duration_since(jiff::Timestamp::now()).as_secs().max(0);
        words.push(format!("next try in {}:{:02}", left / 60, left % 60));
    }
    words.join(", ")
}
