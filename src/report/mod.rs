//! One value, many readers. The only place that prints.

pub mod archive;
pub mod audit;
pub mod baseline;
pub mod bounces;
pub mod collected;
pub mod check;
pub mod checkup;
pub mod findings;
pub mod issue;
pub mod people;
pub mod problem;
pub mod plan;
pub mod progress;
pub mod sink;
pub mod status;
pub mod reconcile;
pub mod summary;
pub mod visitors;
pub mod watch;
pub mod words;

/// How results are written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Human,
    Json,
}
