//! One verb per file: its flags, its help text, its story.
