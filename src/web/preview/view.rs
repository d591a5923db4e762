//! What the page is told, as JSON. These are types of their own, so that renaming a field of ours breaks no page.
//!
//! Lines and columns count from 1, columns in characters; bytes are those before any encoding unless it says so.

use serde::Serialize;

/// The workspace as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Workspace {
    pub name: String,
    pub version: &'static str,
    pub transport: Transport,
    /// Whom a test goes to by default.
    pub preview_to: Vec<String>,
    /// Newest first.
    pub issues: Vec<IssueRow>,
    /// The issue that was asked for on the command line, else the newest.
    pub current: Option<String>,
    /// A file outside any workspace.
    pub lone: bool,
    pub boxes: Vec<BoxRow>,
}

/// Where a test goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transport {
    pub name: String,
    /// Whether letters reach people.
    pub live: bool,
    pub words: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueRow {
    /// Of one issue alone: its own id, or its file where another has that.
    pub id: String,
    pub file: String,
    pub title: String,
    pub number: Option<u64>,
    /// `draft`, `broken`, `ready`, `scheduled`, `sending`, `sent` or `unknown`.
    pub state: &'static str,
    pub state_words: String,
    /// `2027-05-31`.
    pub date: Option<String>,
}

/// A folder of letters that can be looked into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoxRow {
    pub name: String,
    pub words: String,
}

/// One issue as one person gets it, and everything that is known about it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct View {
    pub id: String,
    pub file: String,
    /// Grows with every change of any issue.
    pub revision: u64,
    /// What cannot be read or rendered.
    pub error: Option<Trouble>,
    /// Whether the rest is the last that could be rendered.
    pub stale: bool,
    /// Whether the findings are not yet all: those that need the whole audience are still to come.
    pub checking: bool,
    pub envelope: Envelope,
    /// Name and value, unfolded, in the order of the letter.
    pub headers: Vec<(String, String)>,
    pub tree: Option<Part>,
    pub sizes: Sizes,
    pub text: String,
    pub html: String,
    pub mjml: String,
    /// The letter; what is not UTF-8 in it is replaced.
    pub eml: String,
    /// The file's text.
    pub markdown: String,
    /// What the merge fields of this person hold.
    pub values: Vec<(String, Option<String>)>,
    pub people: People,
    pub findings: Vec<Found>,
    pub skipped: Vec<Skip>,
    pub counts: Counts,
    pub blocks: Vec<Block>,
    pub links: Vec<Link>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    pub message: String,
    pub help: Option<String>,
    pub place: Option<Place>,
    /// The lines around the place.
    pub excerpt: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    pub file: String,
    pub line: usize,
    pub column: usize,
    /// One behind the last character, in the same line.
    pub end_column: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    pub line: usize,
    pub text: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Envelope {
    pub from_name: Option<String>,
    pub from_address: String,
    pub to_name: Option<String>,
    pub to_address: String,
    pub reply_to: Option<String>,
    pub subject: String,
    pub preheader: Option<String>,
    /// RFC 3339.
    pub date: String,
}

/// A MIME part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    #[serde(rename = "type")]
    pub kind: String,
    pub name: Option<String>,
    /// Decoded; of a multipart all it holds, as it travels.
    pub bytes: usize,
    pub children: Vec<Part>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// As it travels.
    pub letter: usize,
    pub html: usize,
    pub text: usize,
    /// Of the HTML part: Gmail cuts off what is longer.
    pub limit: usize,
    pub sections: Vec<Section>,
    pub images: Vec<Weight>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    pub name: String,
    pub bytes: usize,
    /// Where its heading stands in the issue.
    pub line: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Weight {
    pub name: String,
    pub bytes: usize,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct People {
    /// Whom the issue is for; `None` until they are counted.
    pub total: Option<u64>,
    pub chosen: Option<Person>,
    /// What is to be said of them, where they are on none of the lists.
    pub note: Option<String>,
    /// The first of them.
    pub some: Vec<Person>,
    pub personas: Vec<Persona>,
    pub branches: Vec<Branch>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    pub address: String,
    pub name: Option<String>,
}

/// Somebody made up, for what real lists rarely show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Persona {
    pub id: &'static str,
    pub words: &'static str,
}

/// One way through a condition of the issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branch {
    pub words: String,
    pub line: Option<usize>,
    pub count: u64,
    /// The first who takes it.
    pub address: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    pub rule: String,
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    pub message: String,
    pub help: Option<String>,
    pub file: Option<String>,
    pub line: Option<usize>,
    pub column: Option<usize>,
    pub end_line: Option<usize>,
    pub end_column: Option<usize>,
    /// Whether `courant check --fix` mends it.
    pub fixable: bool,
    /// The block of the message that it is about.
    pub selector: Option<String>,
}

/// A rule that could not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skip {
    pub rule: String,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub error: usize,
    pub warning: usize,
    pub info: usize,
}

/// Where a block of the Markdown is in the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Block {
    pub line: usize,
    pub end_line: usize,
    pub selector: String,
}

/// A link and what is known of where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    pub url: String,
    /// `None` if it comes from the template.
    pub line: Option<usize>,
    pub text: String,
    /// Whether the letter shows it.
    pub image: bool,
    #[serde(flatten)]
    pub verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// `waiting`, or what we think of it: `alive`, `moved`, `dead`, `walled`, `slow`, `insecure`, `changed`, `skipped`.
    pub state: &'static str,
    pub words: String,
    /// The redirects that were followed.
    pub chain: Vec<Hop>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hop {
    pub status: u16,
    pub to: String,
}

/// Some of the subscribers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Some {
    pub some: Vec<Person>,
}

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tested {
    pub outcome: String,
    pub words: String,
    /// Whether every letter was accepted.
    pub ok: bool,
}

/// Letters of a box, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letters {
    pub letters: Vec<LetterRow>,
    /// How many there are, or how many fit what is searched for.
    pub total: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LetterRow {
    pub id: String,
    pub from: String,
    pub to: String,
    pub subject: String,
    /// RFC 3339.
    pub date: Option<String>,
    /// As it travels.
    pub bytes: usize,
    pub proof: bool,
}

/// A letter of a box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    pub headers: Vec<(String, String)>,
    pub text: String,
    /// Whether it has an HTML part.
    pub html: bool,
    pub tree: Option<Part>,
    pub sizes: Sizes,
    pub eml: String,
}
