//! `[tracking]`: whether opens and clicks are counted, and of whom. Off unless somebody turns it on.

use super::values::line_at;
use crate::model::tree::{Misfit, Table};

/// What is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrackingSettings {
    /// By a picture that letters load.
    pub opens: bool,
    /// By links that lead over `courant serve`.
    pub clicks: bool,
    /// The field that says `yes` for those who agreed; without one everybody counts.
    pub consent: Option<String>,
}

impl TrackingSettings {
    pub fn is_on(&self) -> bool {
        self.opens || self.clicks
    }
}

pub fn read(root: &Table) -> Result<TrackingSettings, Misfit> {
    let Some(table) = root.table("tracking")? else { return Ok(TrackingSettings::default()) };
    table.only("`[tracking]`", &["opens", "clicks", "consent"])?;
    let truth = |key| Ok(table.truth(key)?.is_some_and(|at| at.value));
    let settings = TrackingSettings {
        opens: truth("opens")?,
        clicks: truth("clicks")?,
        consent: line_at(table, "consent")?,
    };
    match (settings.is_on(), root.text("base_url")?) {
        (true, None) => Err(homeless(table)),
        _ => Ok(settings),
    }
}

fn homeless(table: &Table) -> Misfit {
    let span = table.entries.first().map(|(key, _)| key.span.clone()).unwrap_or_default();
    Misfit::new("`[tracking]` needs a `base_url`, where `courant serve` answers", span)
        .help("set base_url = \"https://…\" above all tables: see docs/tracking.md")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Result<TrackingSettings, Misfit> {
        read(&Table::from_toml(text, 0).unwrap())
    }

    #[test]
    fn nothing_is_counted_unless_somebody_says_so_and_a_server_is_named() {
        assert!(!settings("").unwrap().is_on());
        assert!(!settings("[tracking]\nopens = false").unwrap().is_on());
        let on = settings("base_url = 'https://n.example'\n[tracking]\nclicks = true\nconsent = 'agreed'")
            .unwrap();
        assert_eq!(on, TrackingSettings { opens: false, clicks: true, consent: Some("agreed".to_owned()) });
        assert!(settings("[tracking]\nopens = true").unwrap_err().message.contains("base_url"));
        assert!(settings("[tracking]\nopen = true").unwrap_err().message.contains("`open`"));
    }
}
