//! Issue → Edition → Letter: text in, text out. No clock, no network, no disk.
