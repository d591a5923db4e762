//! Letters made within the test itself: quicker than the binary where there are many, and the same otherwise.

use courant::compose::edition::{Sender, bind};
use courant::compose::front_matter::parse_issue;
use courant::compose::press::{Press, Stamp};
use courant::compose::template::own_theme;
use courant::compose::{Look, Medium, Rendered, SiteWords, render};
use courant::model::address::{Address, Mailbox};
use courant::model::finding::{Explain, Finding};
use courant::model::image::Images;
use courant::model::issue::Issue;
use courant::model::letter::Unsubscribe;
use courant::model::source::{Place, Source};
use courant::model::subscriber::Subscriber;
use courant::model::theme::Theme;
use courant::settings::MarkdownSettings;
use courant::workspace::Workspace;

use super::mail::Received;

/// A letter to Ada, with everything in it that differs from day to day fixed.
pub struct Letter {
    pub received: Received,
    pub findings: Vec<Finding>,
}

/// What is wrong, and where: `issues/x.md:3:1: message`.
#[derive(Debug)]
pub struct Refused(pub String);

impl Refused {
    fn of(error: &impl Explain) -> Refused {
        Refused(format!("{}{error}", error.place().as_ref().map(shown).unwrap_or_default()))
    }
}

/// A finding in one line: `issues/x.md:3:1: rule: message`.
pub fn said(finding: &Finding) -> String {
    let place = finding.place.as_ref().map(shown).unwrap_or_default();
    format!("{place}{}: {}", finding.rule, finding.message)
}

fn shown(place: &Place) -> String {
    let position = place.position();
    format!("{}:{}:{}: ", place.source.path().display(), position.line, position.column)
}

/// The issue `issues/NAME.md` as the reader of one letter gets it.
pub fn letter(name: &str, text: impl Into<String>) -> Result<Letter, Refused> {
    let source = Source::new(format!("issues/{name}.md"), text);
    let issue = parse_issue(source).map_err(|error| Refused::of(&error))?;
    let rendered = rendered(&issue)?;
    let findings = rendered.findings.clone();
    let edition = bind(&issue, rendered, sender());
    let within = |error: courant::compose::press::MergeError| Refused::of(&error.within(&issue.source));
    let mut raw = Vec::new();
    Press::new(&edition).and_then(|press| press.press(&ada(), &stamp(), &mut raw)).map_err(within)?;
    let received =
        Received { sender: "wendy@weekly.example".into(), recipients: vec!["ada@example.org".into()], raw };
    Ok(Letter { received, findings })
}

fn rendered(issue: &Issue) -> Result<Rendered, Refused> {
    let name = issue.front.template.as_ref().map_or("letter", |name| name.value.as_str());
    let template = Workspace::new("/nowhere").template(name).map_err(|error| Refused(error.to_string()))?;
    let own = own_theme(&template).map_err(|error| Refused::of(&error))?;
    let theme = [&own, &issue.front.theme].into_iter().fold(Theme::default(), Theme::with);
    let lang = issue.front.lang.as_ref().map_or("en-GB", |lang| &lang.value);
    let look = Look {
        template: &template,
        theme: &theme.for_language(lang),
        site: SiteWords {
            name: "The Weekly",
            base_url: Some("https://weekly.example"),
            postal_address: Some("1 Test Street, Testville"),
            preferences_url: None,
        },
        list_title: "The Weekly",
        footer: None,
        lang: "en-GB",
        images: &Images::default(),
        medium: Medium::Mail { web: issue.front.web_version.as_ref().map(|url| url.value.as_str()) },
        markdown: MarkdownSettings::default(),
    };
    render(issue, &look).map_err(|error| Refused::of(&error))
}

fn sender() -> Sender {
    let from = Mailbox::parse("Wendy Weekly <wendy@weekly.example>").expect("it is a mailbox");
    let mailto = Address::parse("wendy@weekly.example").expect("it is an address");
    Sender {
        tracking: None,
        unsubscribe: Unsubscribe {
            base_url: Some("https://weekly.example".into()),
            mailto,
            lists: Vec::new(),
            lang: None,
        },
        from,
        reply_to: None,
        list_id: "The Weekly <weekly.weekly.example>".into(),
        archive: None,
        attachments: Vec::new(),
    }
}

/// Somebody with the fields that the fixtures ask for.
fn ada() -> Subscriber {
    let fields = [("city", "Zürich & Umgebung"), ("plan", "paid"), ("topics", "tea, ink; boats")];
    Subscriber {
        address: Address::parse("ada@example.org").expect("it is an address"),
        name: Some("Ada Lovell".into()),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    }
}

fn stamp() -> Stamp {
    Stamp {
        message_id: "message@weekly.example".into(),
        date: "2026-11-25T03:04:05Z".parse().expect("it is a moment"),
        token: "token".into(),
        track: "track".into(),
        proof: false,
        to: None,
    }
}
