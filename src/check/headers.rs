//! The header of a pressed letter, field by field.

/// A field of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    /// Unfolded.
    pub value: String,
    /// The longest of its lines, in octets, without the line end.
    pub longest: usize,
}

/// The fields in order; what is no field is left out.
pub fn fields(letter: &[u8]) -> Vec<Field> {
    let text = String::from_utf8_lossy(letter);
    let header = text.split("\r\n\r\n").next().unwrap_or_default();
    let mut fields: Vec<Field> = Vec::new();
    for line in header.split("\r\n") {
        match (line.starts_with([' ', '\t']), fields.last_mut()) {
            (true, Some(field)) => {
                field.value.push_str(line);
                field.longest = field.longest.max(line.len());
            }
            _ => fields.extend(line.split_once(':').map(|(name, value)| Field {
                name: name.to_owned(),
                value: value.trim().to_owned(),
                longest: line.len(),
            })),
        }
    }
    fields
}

/// The values of every field of this name, in whatever capitals.
pub fn values<'a>(fields: &'a [Field], name: &'a str) -> impl Iterator<Item = &'a str> {
    fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_fields_are_one() {
        let fields = fields(b"From: a\r\nSubject: one\r\n two\r\n\r\nTo: body\r\n");
        assert_eq!(fields.len(), 2);
        assert_eq!((fields[1].value.as_str(), fields[1].longest), ("one two", 12));
        assert_eq!(values(&fields, "from").collect::<Vec<_>>(), ["a"]);
    }
}
