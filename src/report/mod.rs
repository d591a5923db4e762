//! One value, many readers. The only place that prints.
