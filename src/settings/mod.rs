//! File, environment and flags become one [`Settings`], finished once and read-only after.

pub mod transport;
