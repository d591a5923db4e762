//! Who is on the list.

pub mod csv;
pub mod diff;
pub mod segment;
