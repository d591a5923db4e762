//! All that is answered, and the threads that write it down.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::Listener;
use super::archive::Archive;
use super::below::Below;
use super::books::Open;
use super::desk::Door;
use super::dress::Dress;
use super::join::Joining;
use super::keeper::Keeper;
use super::metrics::Metrics;
use super::readers::Readers;
use super::routes::Hooks;
use super::track::Tracker;
use crate::inbound::webhook::sns::Sns;
use crate::model::provider::Provider;
use crate::settings::mailbox::SoftRule;
use crate::settings::tracking::TrackingSettings;
use crate::settings::webhooks::Hook;

/// What a site is made of.
pub struct Parts {
    /// The providers whose webhooks are taken.
    pub hooks: BTreeMap<Provider, Hook>,
    pub sns: Sns,
    pub dress: Arc<Dress>,
    pub below: Below,
    pub joining: Joining,
    pub tracking: TrackingSettings,
    pub metrics: Metrics,
    /// How many soft bounces are too many.
    pub soft: SoftRule,
    /// The archive, where there is one.
    pub archive: Option<Archive>,
}

/// All that is answered.
pub struct Site {
    pub(super) hooks: Hooks,
    pub(super) readers: Readers,
    pub(super) metrics: Metrics,
    pub(super) archive: Option<Archive>,
    pub(super) tracker: Tracker,
}

/// The threads of a site. They end once the site is dropped, with everything written.
pub struct Threads(Vec<JoinHandle<()>>);

impl Site {
    /// Starts the threads; each opens the ledger for itself by what `open` makes.
    pub fn start(
        parts: Parts,
        open: impl Fn() -> Open,
        listener: &Listener,
    ) -> std::io::Result<(Site, Threads)> {
        let Parts { hooks, sns, dress, below, joining, tracking, metrics, soft, archive } = parts;
        let (keeper, events) = Keeper::start(open(), soft, Arc::clone(listener))?;
        let (door, visits) = Door::start(open(), Arc::clone(listener))?;
        let (tracker, [leading, writing]) = Tracker::start([open(), open()], tracking, listener)?;
        let hooks = Hooks { hooks, sns, keeper, listener: Arc::clone(listener) };
        let readers = Readers { door, dress, below, joining };
        let site = Site { hooks, readers, metrics, archive, tracker };
        Ok((site, Threads(vec![events, visits, leading, writing])))
    }

    /// Whether what comes can be written down.
    pub(super) fn is_well(&self) -> bool {
        self.hooks.keeper.is_well() && self.readers.door.is_well() && self.tracker.is_well()
    }

    /// Waits until one of the threads is gone, which it only is before its time where it broke.
    pub(super) async fn gone(&self) {
        tokio::select! {
            () = self.hooks.keeper.gone() => {}
            () = self.readers.door.gone() => {}
            () = self.tracker.gone() => {}
        }
    }
}

impl Threads {
    /// Waits for all of them, after the site was dropped. Whether none broke.
    pub async fn join(self) -> bool {
        let broken = || self.0.into_iter().filter_map(|thread| thread.join().err()).count();
        tokio::task::spawn_blocking(broken).await.is_ok_and(|number| number == 0)
    }
}
