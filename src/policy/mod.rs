//! Decisions, with the time as an argument. Nothing here waits, reads or writes.

pub mod fold;
pub mod bounce;
pub mod judge;
pub mod retry;
pub mod slow;
pub mod soft;
pub mod throttle;
pub mod visitor;
