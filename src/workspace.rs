//! Where things are: issues, templates, lists, assets. Reads files; knows nothing of what they mean.
