//! Who is on the list.
