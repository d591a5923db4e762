//! Arguments in, exit code out; nobody else ends the process.

fn main() {}
