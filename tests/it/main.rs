//! What is proven from outside: the real binary, against real servers on loopback.
//!
//! One test binary, one file per verb. `harness/` starts the servers and the binary; a tool that is missing
//! fails the test with the command that installs it, and no test is skipped.

mod bad_input;
mod check;
mod check_formats;
mod clients;
mod conformance;
mod consent;
mod containers;
mod crash;
mod crash_matrix;
mod cron;
mod db;
mod disk_full;
mod dkim;
mod dkim_keys;
mod docs;
mod equivalence;
mod extremes;
mod fault_matrix;
mod faults;
mod findings;
mod harness;
mod hostile;
mod images;
mod init;
mod json;
mod links;
mod module_order;
mod new;
mod outage;
mod pace;
mod part;
mod plan;
mod postfix;
mod preview;
mod preview_page;
mod proof;
mod reconcile;
mod render;
mod rendering;
mod rules;
mod sample;
mod send;
mod settings;
mod settings_page;
mod signals;
mod simulate;
mod sink;
mod spam;
mod status;
mod stop_retry;
mod subscribers;
mod template;
mod way;
