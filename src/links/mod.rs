//! Does it still lead somewhere?
