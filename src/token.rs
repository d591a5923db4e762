//! The secret, and the signed tokens and ids made from it.
