//! Is this issue fit to send?
