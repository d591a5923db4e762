//! The mail clients that `[check] clients` may name, one by one or by family.

/// A mail client: its name in courant.toml, and how people call it. `tests/refresh-clients` has the same names.
pub const CLIENTS: [(&str, &str); 22] = [
    ("gmail-web", "Gmail (web)"),
    ("gmail-ios", "Gmail (iOS)"),
    ("gmail-android", "Gmail (Android)"),
    ("outlook-windows", "Outlook (Windows)"),
    ("outlook-web", "Outlook.com"),
    ("outlook-mac", "Outlook (Mac)"),
    ("outlook-ios", "Outlook (iOS)"),
    ("outlook-android", "Outlook (Android)"),
    ("apple-mail-mac", "Apple Mail (Mac)"),
    ("apple-mail-ios", "Apple Mail (iOS)"),
    ("yahoo-web", "Yahoo Mail (web)"),
    ("yahoo-ios", "Yahoo Mail (iOS)"),
    ("yahoo-android", "Yahoo Mail (Android)"),
    ("aol", "AOL Mail"),
    ("samsung", "Samsung Email"),
    ("thunderbird", "Thunderbird"),
    ("proton", "Proton Mail"),
    ("fastmail", "Fastmail"),
    ("hey", "HEY"),
    ("gmx", "GMX"),
    ("mail-ru", "Mail.ru"),
    ("orange", "Orange"),
];

/// Names for several clients at once: those whose names begin with it.
pub const FAMILIES: [&str; 4] = ["gmail", "outlook", "apple-mail", "yahoo"];

/// What `clients` is where nobody says: the clients that most readers have.
pub const DEFAULT: [&str; 6] = ["gmail", "outlook", "apple-mail", "yahoo", "samsung", "thunderbird"];

/// A client by its place in [`CLIENTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client(pub usize);

impl Client {
    /// As courant.toml names it.
    pub fn name(self) -> &'static str {
        CLIENTS[self.0].0
    }

    /// As people call it.
    pub fn words(self) -> &'static str {
        CLIENTS[self.0].1
    }
}

/// Everybody that `name` stands for; nobody if it stands for none.
pub fn named(name: &str) -> Vec<Client> {
    let is_meant = |client: &&str| {
        let rest = client.strip_prefix(name);
        rest == Some("") || (FAMILIES.contains(&name) && rest.is_some_and(|rest| rest.starts_with('-')))
    };
    let all = CLIENTS.iter().map(|(client, _)| *client).enumerate();
    all.filter(|(_, client)| is_meant(client)).map(|(place, _)| Client(place)).collect()
}

/// The clients of [`DEFAULT`], in the order of [`CLIENTS`].
pub fn usual() -> Vec<Client> {
    settled(DEFAULT.iter().flat_map(|name| named(name)))
}

/// Each once, in the order of [`CLIENTS`].
pub fn settled(clients: impl IntoIterator<Item = Client>) -> Vec<Client> {
    let mut clients: Vec<Client> = clients.into_iter().collect();
    clients.sort_unstable();
    clients.dedup();
    clients
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_stands_for_its_members_and_a_name_for_itself() {
        let names = |name| named(name).into_iter().map(Client::name).collect::<Vec<_>>();
        assert_eq!(names("gmail"), ["gmail-web", "gmail-ios", "gmail-android"]);
        assert_eq!(names("outlook-windows"), ["outlook-windows"]);
        assert_eq!(names("g"), [""; 0]);
        assert_eq!(usual().len(), 15);
    }
}
