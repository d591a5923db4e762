//! Decisions, with the time as an argument. Nothing here waits, reads or writes.
