//! Courant turns a Markdown issue into letters, sends them, and knows what happened to each.
//!
//! An issue (`model::issue`) is read from the workspace, rendered once into an edition with holes open
//! (`compose`), checked (`check`), frozen into the ledger together with its audience (`ledger`), and
//! carried by couriers over a transport (`dispatch`, `transport`), each letter pressed from the edition
//! and one subscriber's values. Every answer is judged (`policy`) and written down before it is counted; what logs and
//! mails tell later is read by `inbound`.
//!
//! The modules stand in reading order, which is the order of dependence: a module uses only modules
//! above it.
#![forbid(unsafe_code)]

pub mod model;
pub mod settings;
pub mod workspace;
pub mod images;
pub mod token;
pub mod subscribers;
pub mod compose;
pub mod policy;
pub mod links;
pub mod spam;
pub mod check;
pub mod ledger;
pub mod transport;
pub mod inbound;
pub mod dispatch;
pub mod sink;
pub mod archive;
pub mod report;
pub mod web;
pub mod commands;
