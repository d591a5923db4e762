//! Lines of the form `Name: value`, as in headers and in the parts of reports.

/// Fields in their order, the names in lower case, folded lines joined by a space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

/// More are not read.
const MOST: usize = 1000;

impl Fields {
    /// The fields at the start of `lines`, up to the first empty line. What is no field is left out.
    pub(super) fn parse<'a>(lines: impl Iterator<Item = &'a str>) -> Fields {
        let mut fields = Fields::default();
        lines.take_while(|line| !line.trim().is_empty()).take(MOST).for_each(|line| fields.take(line));
        fields
    }

    /// Groups of fields with empty lines between them.
    pub(super) fn groups(text: &str) -> Vec<Fields> {
        let mut groups = vec![Fields::default()];
        for line in text.lines().take(MOST) {
            let last = groups.last_mut().expect("there is one from the start");
            match (line.trim().is_empty(), last.0.is_empty()) {
                (true, true) => {}
                (true, false) => groups.push(Fields::default()),
                (false, _) => last.take(line),
            }
        }
        groups
    }

    fn take(&mut self, line: &str) {
        if line.starts_with([' ', '\t'])
            && let Some((_, value)) = self.0.last_mut()
        {
            value.push(' ');
            value.push_str(line.trim());
        } else if let Some(field) = field(line) {
            self.0.push(field);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A name has no white space within (RFC 5322 2.2), though some servers put some before the colon.
fn field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    is_name.then(|| (name.to_ascii_lowercase(), value.trim().to_owned()))
}

/// Whether a line could be the first of a header.
pub(super) fn is_field(line: &str) -> bool {
    field(line).is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}
