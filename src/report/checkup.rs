//! What `doctor` found, for people and for programs.

use serde_json::{Value, json};

use crate::model::checkup::{Checkup, Health};

/// A line for each thing, and what to do below it.
pub fn human(transport: &str, found: &[Checkup]) -> String {
    let mut lines = vec![format!("Transport {transport}:")];
    for it in found {
        lines.push(format!("  {:<7}  {}: {}", it.health.name(), it.what, it.words));
        lines.extend(it.help.iter().map(|help| format!("           {help}")));
    }
    lines.join("\n")
}

/// Stable: documented in `docs/json.md`.
pub fn json(transport: &str, found: &[Checkup]) -> Value {
    let each = |it: &Checkup| json!({ "what": it.what, "health": it.health.name(), "message": it.words, "help": it.help });
    let worst = found.iter().map(|it| it.health).max().unwrap_or(Health::Ok);
    json!({ "transport": transport, "health": worst.name(), "checkups": found.iter().map(each).collect::<Vec<_>>() })
}
