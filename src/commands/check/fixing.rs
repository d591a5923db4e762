//! `--fix`: the changes that findings propose, written into the author's files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::check::mend::{compatible, mended};
use crate::commands::{Failure, Plain};
use crate::model::finding::{Finding, Fix};
use crate::report::check::Report;
use crate::workspace::put_whole;

/// What was mended, by the file of the issue that it was found for.
#[derive(Default)]
pub struct Fixed(BTreeMap<String, Vec<Finding>>);

impl Fixed {
    /// Makes every change that the reports propose, each file at once: it has all of its changes or none. Whether
    /// there was one.
    pub fn add(&mut self, reports: &[Report]) -> Result<bool, Failure> {
        let mut is_changed = false;
        for (path, findings) in by_file(reports)? {
            for (file, finding) in mend(&path, findings)? {
                self.0.entry(file).or_default().push(finding);
                is_changed = true;
            }
        }
        Ok(is_changed)
    }

    /// Tells each report what was mended for it.
    pub fn tell(mut self, reports: &mut [Report]) {
        for report in reports {
            report.fixed = self.0.remove(&report.file).unwrap_or_default();
        }
    }
}

/// A finding and the file of the issue that it was found for.
type Of = (String, Finding);

/// Findings with a change, by the file that it changes. Two issues may find the same in one template.
fn by_file(reports: &[Report]) -> Result<BTreeMap<PathBuf, Vec<Of>>, Failure> {
    let mut by_file: BTreeMap<PathBuf, Vec<Of>> = BTreeMap::new();
    for report in reports {
        for finding in &report.checked.findings {
            let Some(fix) = finding.fix.as_deref().filter(|fix| !changes_nothing(fix)) else { continue };
            let shown = fix.place.source.path();
            if !shown.is_file() {
                return Err(no_file(shown).into());
            }
            by_file.entry(shown.to_owned()).or_default().push((report.file.clone(), finding.clone()));
        }
    }
    Ok(by_file)
}

/// Whether what is proposed stands there already.
fn changes_nothing(fix: &Fix) -> bool {
    fix.place.source.text().get(fix.place.span.clone()) == Some(fix.text.as_str())
}

fn no_file(shown: &Path) -> Plain {
    let message = format!("`{}` is no file that could be mended", shown.display());
    Plain::new(message, "leave out --fix, or name an issue of the workspace")
}

/// The findings whose change was made.
fn mend(path: &Path, findings: Vec<Of>) -> Result<Vec<Of>, Failure> {
    let fixes = compatible(findings.iter().filter_map(|(_, finding)| finding.fix.as_deref()));
    let raw = std::fs::read_to_string(path).map_err(|error| unwritten(path, &error))?;
    let Some(text) = mended(&raw, &fixes) else {
        let message =
            format!("{} was changed while it was checked: nothing was written to it", path.display());
        return Err(Plain::new(message, "run it again").into());
    };
    replace(path, &text).map_err(|error| unwritten(path, &error))?;
    let made = |finding: &Finding| {
        fixes.iter().any(|made| finding.fix.as_deref().is_some_and(|fix| std::ptr::eq(fix, *made)))
    };
    Ok(findings.iter().filter(|(_, finding)| made(finding)).cloned().collect())
}

/// A link stays a link: what it leads to is replaced.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    put_whole(&path.canonicalize()?, text.as_bytes())
}

fn unwritten(path: &Path, error: &std::io::Error) -> Plain {
    let message = format!("{} could not be mended: {error}", path.display());
    Plain::new(message, "see to its permissions, or leave out --fix")
}
