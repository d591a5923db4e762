//! What is proven from outside: the real binary, against real servers on loopback.
//!
//! One test binary, one file per verb. `harness/` starts the servers and the binary; a tool that is missing
//! fails the test with the command that installs it, and no test is skipped.

mod bad_input;
mod consent;
mod crash;
mod cron;
mod disk_full;
mod faults;
mod harness;
mod init;
mod module_order;
mod new;
mod outage;
mod part;
mod postfix;
mod proof;
mod send;
mod settings;
mod way;
