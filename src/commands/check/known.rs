//! `--baseline` and `--write-baseline`.

use std::path::Path;

use crate::commands::desk::Desk;
use crate::commands::{Failure, Plain};
use crate::model::finding::Finding;
use crate::report::baseline::{Baseline, Entry};
use crate::report::check::Report;
use crate::report::words::counted;

/// Moves what the baseline knows out of the findings. Without a name it is that of the settings, if there is one.
pub fn leave_out(desk: &Desk, named: Option<&Path>, reports: &mut [Report]) -> Result<(), Failure> {
    let from_settings = || desk.settings.check.baseline.as_ref().map(|path| desk.workspace.root().join(path));
    let Some(path) = named.map(Path::to_owned).or_else(from_settings) else { return Ok(()) };
    let mut baseline = Baseline::read(&path.display().to_string(), &read(&path)?)?;
    for report in reports {
        let found = std::mem::take(&mut report.checked.findings);
        let (known, new) = found.into_iter().partition(|found| baseline.take(&entry(desk, report, found)));
        (report.known, report.checked.findings) = (known, new);
    }
    if baseline.left() > 0 {
        let gone = counted(baseline.left() as u64, "finding", "findings");
        desk.detail(format!("{gone} of {} not found any more", path.display()));
    }
    Ok(())
}

/// Writes all findings as known.
pub fn write(desk: &Desk, path: &Path, reports: &mut [Report]) -> Result<(), Failure> {
    let entries = |report| -> Vec<Entry> {
        let Report { checked, .. }: &Report = report;
        checked.findings.iter().map(|found| entry(desk, report, found)).collect()
    };
    let found: Vec<Entry> = reports.iter().flat_map(entries).collect();
    let count = counted(found.len() as u64, "finding", "findings");
    let baseline = Baseline::of(found);
    std::fs::write(path, baseline.text()).map_err(|error| {
        let message = format!("the baseline {} could not be written: {error}", path.display());
        Plain::new(message, "name a file in a folder that is there and that you may write to")
    })?;
    for report in reports {
        report.known = std::mem::take(&mut report.checked.findings);
    }
    desk.say(format!("{count} written to {} as known", path.display()));
    Ok(())
}

fn entry(desk: &Desk, report: &Report, finding: &Finding) -> Entry {
    Entry::of(finding, &report.file, &|path| desk.workspace.name_in_repository(path))
}

fn read(path: &Path) -> Result<String, Plain> {
    std::fs::read_to_string(path).map_err(|error| {
        let message = format!("the baseline {} cannot be read: {error}", path.display());
        Plain::new(message, format!("make it: `courant check --write-baseline {}`", path.display()))
    })
}
