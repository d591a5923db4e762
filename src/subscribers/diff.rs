//! What reading a list's file again would change; it cannot bring back the suppressed.

/// Counts of one `sync`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Diff {
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Memberships that the file made and no longer names.
    pub removed: u64,
    /// Rows whose address stood earlier in the same file (by case or IDN form).
    pub merged: u64,
    /// Of the rows read, those whose address is suppressed.
    pub suppressed: u64,
}

impl Diff {
    /// Whether so much would go that a person has to say yes: more than 20 % of what was there.
    pub fn needs_yes(&self) -> bool {
        let before = self.changed + self.unchanged + self.removed;
        self.removed * 5 > before
    }
}
