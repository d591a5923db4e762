//! What is proven from outside: the real binary, against real servers on loopback.
//!
//! One test binary, one file per verb. `harness/` starts the servers and the binary; a tool that is missing
//! fails the test with the command that installs it, and no test is skipped.

mod bad_input;
mod check;
mod crash;
mod cron;
mod findings;
mod harness;
mod init;
mod json;
mod module_order;
mod new;
mod plan;
mod proof;
mod send;
mod settings;
mod status;
mod stop_retry;
mod subscribers;
mod way;
