use std::sync::Arc;

use jiff::Timestamp;
use mail_parser::{MessageParser, MimeHeaders};
use serde_json::json;

use super::fill::Coding;
use super::*;
use crate::compose::dkim::key::{Algorithm, PrivateKey};
use crate::compose::merge::Marks;
use crate::model::address::{Address, AddressKey, Domain, Mailbox};
use crate::model::issue::IssueId;
use crate::model::letter::{Attachment, ContentHash, Context, Disposition, Hole, Tracking, Unsubscribe};
use crate::model::subscriber::{Fields, ListId};
use crate::token::{Purpose, Secret};

fn roots() -> serde_json::Value {
    json!({"issue": {"title": "Tea"}, "site": {"name": "Weekly"}, "theme": {}, "vars": {"tags": ["a", "b"]}})
}

fn pieces(text: &str, context: Context) -> Pieces {
    let source = Source::new("1.md", text);
    let mut marks = Marks::default();
    let left = marks.take_more(&source, 0..text.len(), text, &roots()).unwrap();
    match context {
        Context::Html => marks.html_pieces(&left, &source).unwrap(),
        _ => marks.pieces(&left, context),
    }
}

/// An edition with a hole in each place.
pub(crate) fn edition() -> Edition {
    let html = "<p>Dear {{ name | default(\"you\") }},</p>\n.dot\n<a href=\"https://x.example/?c={{ city }}\">\
                {{ city }}</a> <a href=\"{{ unsubscribe_url }}\">leave</a>";
    Edition {
        issue: IssueId("001-tea".into()),
        from: Mailbox::parse("Ana Éxample <ana@example.org>").unwrap(),
        reply_to: Some(Mailbox::parse("replies@example.org").unwrap()),
        subject: pieces("Tea for {{ name | default(\"you\") }} – at last", Context::Header),
        headers: vec![
            ("List-Id".into(), "The Wéekly <weekly.example.org>".into()),
            ("List-Archive".into(), "<https://news.example.org/>".into()),
            ("Precedence".into(), "bulk".into()),
        ],
        text: pieces(
            "Dear {{ name | default(\"you\") }},\n{{ city }} <https://x.example/?c={{ city }}>\n",
            Context::Plain,
        ),
        html: pieces(html, Context::Html),
        attachments: Vec::new(),
        roots: roots(),
        tracking: None,
        unsubscribe: Unsubscribe {
            base_url: Some("https://news.example.org".into()),
            mailto: Address::parse("ana+list@example.org").unwrap(),
            lists: Vec::new(),
            lang: None,
        },
    }
}

fn reader(name: Option<&str>, city: &str) -> Subscriber {
    Subscriber {
        address: Address::parse("ada@bücher.example").unwrap(),
        name: name.map(str::to_owned),
        fields: [("city".to_owned(), city.to_owned())].into(),
    }
}

fn tokens() -> filling::Tokens<'static> {
    filling::Tokens { leave: "tok", track: "trk" }
}

fn stamp() -> Stamp {
    let date = "2026-11-25T03:04:05Z".parse().unwrap();
    Stamp {
        message_id: "abc234@example.org".into(),
        date,
        token: "tok".into(),
        track: "trk".into(),
        proof: false,
        to: None,
    }
}

fn letter(edition: &Edition, to: &Subscriber, stamp: &Stamp) -> String {
    let mut out = Vec::new();
    Press::new(edition).unwrap().press(to, stamp, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A letter's wire rules, and that it says what it unfolds to.
fn check(edition: &Edition, to: &Subscriber) {
    let press = Press::new(edition).unwrap();
    let mut out = Vec::new();
    press.press(to, &stamp(), &mut out).unwrap();
    check_wire(&out);
    let unfolded = press.unfold(to, &stamp()).unwrap();
    let message = MessageParser::default().parse(&out).unwrap();
    assert_eq!(message.subject().unwrap(), unfolded.subject.trim());
    assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n"), unfolded.text);
    assert_eq!(message.body_html(0).unwrap().replace("\r\n", "\n"), unfolded.html);
}

fn check_wire(letter: &[u8]) {
    assert!(letter.ends_with(b"\r\n"));
    for line in letter[..letter.len() - 2].split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        assert!(!line.contains(&b'\r') && !line.starts_with(b"."));
        assert!(line.len() <= 78, "{}", String::from_utf8_lossy(line));
    }
    assert_eq!(
        letter.iter().filter(|b| **b == b'\r').count(),
        letter.iter().filter(|b| **b == b'\n').count()
    );
}

#[test]
fn a_letter_is_what_it_unfolds_to() {
    check(&edition(), &reader(Some("Ada"), "Minsk"));
    check(&edition(), &reader(None, "São Paulo & =\"<.>"));
}

#[test]
fn the_headers_are_those_of_a_mailing_to_one_person() {
    let letter = letter(&edition(), &reader(Some("Ada Žofie"), "Minsk"), &stamp());
    let (headers, _) = letter.split_once("\r\n\r\n").unwrap();
    insta::assert_snapshot!(headers.replace("\r\n", "\n"), @r#"
    From: =?utf-8?q?Ana_=C3=89xample?= <ana@example.org>
    To: =?utf-8?q?Ada_=C5=BDofie?= <ada@xn--bcher-kva.example>
    Reply-To: replies@example.org
    Subject: =?utf-8?q?Tea_for_Ada_=C5=BDofie_=E2=80=93_at_last?=
    Date: Wed, 25 Nov 2026 03:04:05 +0000
    Message-ID: <abc234@example.org>
    MIME-Version: 1.0
    List-Id: =?utf-8?q?The_W=C3=A9ekly?= <weekly.example.org>
    List-Archive: <https://news.example.org/>
    Precedence: bulk
    List-Unsubscribe: <https://news.example.org/u/tok>,
     <mailto:ana+list@example.org?subject=unsubscribe%20tok>
    List-Unsubscribe-Post: List-Unsubscribe=One-Click
    Content-Type: multipart/alternative;
     boundary="=_a_abc234"
    "#);
}

#[test]
fn a_proof_says_so_in_subject_and_header_and_nowhere_else() {
    let (one, proof) = (stamp(), Stamp { proof: true, ..stamp() });
    let to = reader(Some("Ada"), "Minsk");
    let lines = |stamp| letter(&edition(), &to, stamp).lines().map(str::to_owned).collect::<Vec<_>>();
    let (one, proof) = (lines(&one), lines(&proof));
    let new: Vec<_> = proof.iter().filter(|line| !one.contains(line)).collect();
    assert_eq!(
        new,
        ["Subject: =?utf-8?q?=5BProof=5D_Tea_for_Ada_=E2=80=93_at_last?=", "X-Courant-Proof: yes"]
    );
    assert_eq!(proof.len(), one.len() + 1);
}

/// The names of the fields before the first empty line, in order.
fn names(letter: &str) -> Vec<&str> {
    let lines = letter.split("\r\n").take_while(|line| !line.is_empty());
    lines.filter(|line| !line.starts_with(' ')).map(|line| line.split(':').next().unwrap()).collect()
}

#[test]
fn the_fields_that_are_signed_are_those_that_a_letter_has() {
    let mut without = edition();
    (without.reply_to, without.unsubscribe.base_url) = (None, None);
    for edition in [edition(), without] {
        let letter = letter(&edition, &reader(None, "x"), &stamp());
        let mut known: Vec<_> = frame::fields(&edition).collect();
        let mut written = names(&letter);
        known.sort_unstable();
        written.sort_unstable();
        assert_eq!(known, written);
    }
}

fn signer(domain: &str, key: &PrivateKey) -> Signer {
    let key = Arc::new(PrivateKey::parse(&key.to_pem()).unwrap());
    Signer { domain: Domain::parse(domain).unwrap(), selector: "s1".into(), key }
}

#[test]
fn a_signed_letter_is_the_same_letter_below_its_signatures_and_the_same_on_a_retry() {
    let keys = [Algorithm::Rsa, Algorithm::Ed25519].map(|kind| PrivateKey::generate(kind).unwrap());
    let signers = || keys.iter().map(|key| signer("example.org", key)).collect();
    let (edition, to) = (edition(), reader(Some("Ada"), "Minsk"));
    let signed = || {
        let mut out = b"before".to_vec();
        Press::new(&edition).unwrap().signed_by(signers()).press(&to, &stamp(), &mut out).unwrap();
        check_wire(&out[6..]);
        String::from_utf8(out).unwrap()
    };
    let plain = letter(&edition, &to, &stamp());
    assert_eq!(signed(), signed());
    let press = Press::new(&edition).unwrap().signed_by(signers());
    assert_eq!(press.measure(&to, &stamp(), &mut Vec::new()).unwrap() + 6, signed().len());
    let signatures = signed().strip_suffix(&plain).unwrap().strip_prefix("before").unwrap().to_owned();
    assert_eq!(names(&format!("{signatures}\r\n")), ["DKIM-Signature"; 2]);
    assert!(signatures.contains("t=1795575845;"), "{signatures}");
}

#[test]
fn a_letter_that_cannot_be_filled_in_leaves_no_signature_behind() {
    let press = Press::new(&edition()).unwrap();
    let key = PrivateKey::generate(Algorithm::Ed25519).unwrap();
    let press = press.signed_by(vec![signer("example.org", &key)]);
    let nobody = Subscriber { fields: Fields::new(), ..reader(None, "x") };
    let mut out = b"before".to_vec();
    assert!(press.press(&nobody, &stamp(), &mut out).is_err());
    assert_eq!(out, b"before");
}

#[test]
fn the_ways_out_name_the_lists_that_they_lead_out_of() {
    let mut edition = edition();
    edition.unsubscribe.lists = ["weekly", "d 1"].map(|list| ListId(list.to_owned())).to_vec();
    let letter = letter(&edition, &reader(None, "x"), &stamp()).replace("\r\n ", " ");
    let expected = "List-Unsubscribe: <https://news.example.org/u/tok?l=weekly&l=d%201>, \
                    <mailto:ana+list@example.org?subject=unsubscribe%20tok%20l%3Dweekly%20l%3Dd%25201>\r\n";
    assert!(letter.contains(expected), "{letter}");
}

#[test]
fn without_a_site_one_leaves_by_mail_and_there_is_no_one_click() {
    let mut edition = edition();
    edition.unsubscribe.base_url = None;
    let letter = letter(&edition, &reader(None, "x"), &stamp());
    assert!(letter.contains("List-Unsubscribe: <mailto:ana+list@example.org?subject=unsubscribe%20tok>\r\n"));
    assert!(!letter.contains("List-Unsubscribe-Post"));
    let press = Press::new(&edition).unwrap();
    let html = press.unfold(&reader(None, "x"), &stamp()).unwrap().html;
    assert!(html.contains("href=\"mailto:ana+list@example.org?subject=unsubscribe%20tok\""), "{html}");
}

#[test]
fn an_address_that_is_not_ascii_stays_as_it_is_in_its_own_header() {
    let mut to = reader(Some("Ю"), "x");
    to.address = Address::parse("юля@example.org").unwrap();
    let letter = letter(&edition(), &to, &stamp());
    assert!(
        letter.contains("To: =?utf-8?b?0K4=?= <юля@example.org>\r\n")
            || letter.contains("<юля@example.org>\r\n")
    );
    assert_eq!(letter.lines().filter(|line| !line.is_ascii()).count(), 1);
}

#[test]
fn what_has_no_value_is_an_error_that_names_it_and_leaves_nothing_behind() {
    let press = Press::new(&edition()).unwrap();
    let mut out = b"before".to_vec();
    let error = press.press(&reader(None, ""), &stamp(), &mut out).unwrap_err();
    assert!(matches!(&error, MergeError::Missing { field, .. } if field == "city"));
    assert_eq!(out, b"before");
    // Twice in the text part, twice in the HTML part.
    assert_eq!(press.missing(&reader(None, "")).len(), 4);
    assert!(press.missing(&reader(None, "x")).is_empty());
    assert_eq!(press.fields(), ["city", "name"]);
}

#[test]
fn a_value_that_is_linked_whole_must_be_a_web_or_mail_address() {
    let mut edition = edition();
    edition.html = pieces("<a href=\"{{ city }}\">x</a>", Context::Html);
    let press = Press::new(&edition).unwrap();
    let html = |city| press.unfold(&reader(None, city), &stamp()).map(|unfolded| unfolded.html);
    assert_eq!(html("https://x/?a=1&b=\"").unwrap(), "<a href=\"https://x/?a=1&amp;b=%22\">x</a>\n");
    for bad in ["javascript:alert(1)", "data:text/html,x", "x", " jAvascript:x"] {
        assert!(html(bad).unwrap_err().to_string().contains("must begin with"), "{bad}");
        assert_eq!(press.missing(&reader(None, bad)).len(), 1);
    }
}

#[test]
fn statements_are_followed_and_values_in_them_are_escaped() {
    let mut edition = edition();
    edition.html = pieces(
        "{% if city %}<b>{{ city }}</b>{% else %}nowhere{% endif %}\
         {% for tag in vars.tags %}.{{ tag ~ city }} {{ loop.index }}{% endfor %}\n{{ site.name }}",
        Context::Html,
    );
    let press = Press::new(&edition).unwrap();
    let html = press.unfold(&reader(None, "<é>"), &stamp()).unwrap().html;
    assert_eq!(html, "<b>&lt;é&gt;</b>.a&lt;é&gt; 1.b&lt;é&gt; 2\nWeekly\n");
    check(&edition, &reader(None, "<é>"));
    assert_eq!(press.fields(), ["city", "name"]);
}

#[test]
fn every_error_in_a_script_is_found_with_its_place() {
    let mut edition = edition();
    let text = "{% if name %}{{ a }} {{ b | upper }}{% endif %}{{ c }}{{ name }}{{ d if d }}";
    (edition.html, edition.text) = (pieces(text, Context::Html), Pieces::literal("x"));
    let press = Press::new(&edition).unwrap();
    let found: Vec<_> = press
        .missing(&reader(Some("Ada"), "x"))
        .into_iter()
        .map(|error| match error {
            MergeError::Missing { field, span } => (field, text[span].to_owned()),
            MergeError::Failed { message, .. } => (message, String::new()),
        })
        .collect();
    let expected = [("a", "{{ a }}"), ("b", "{{ b | upper }}"), ("c", "{{ c }}")];
    assert_eq!(found, expected.map(|(field, at)| (field.to_owned(), at.to_owned())));
    assert_eq!(press.fields(), ["a", "b", "c", "d", "name"]);
}

#[test]
fn a_loop_without_end_is_stopped() {
    let mut edition = edition();
    edition.html = pieces(
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ city }}{% endfor %}{% endfor %}",
        Context::Html,
    );
    let error =
        Press::new(&edition).unwrap().press(&reader(None, "x"), &stamp(), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
}

#[test]
fn a_part_goes_as_base64_where_that_is_smaller() {
    let mut edition = edition();
    edition.text = pieces(&"Добрый день, {{ name | default('друг') }}. ".repeat(50), Context::Plain);
    let to = reader(None, "Мінск");
    assert_eq!(letter(&edition, &to, &stamp()).matches("Content-Transfer-Encoding: base64").count(), 1);
    check(&edition, &to);
}

#[test]
fn images_and_attachments_make_layers() {
    let file = |name: &str, disposition, content_id: Option<&str>| Attachment {
        file_name: name.into(),
        content_type: "image/png".into(),
        content_id: content_id.map(str::to_owned),
        disposition,
        bytes: vec![7; 100],
    };
    let mut edition = edition();
    edition.attachments = vec![
        file("Меню.pdf", Disposition::Attachment, None),
        file("logo.png", Disposition::Inline, Some("logo@example.org")),
    ];
    let letter = letter(&edition, &reader(None, "x"), &stamp());
    check_wire(letter.as_bytes());
    let kinds: Vec<_> = letter.lines().filter(|line| line.contains("Content-Type:")).collect();
    assert_eq!(
        kinds,
        [
            "Content-Type: multipart/mixed;",
            "Content-Type: multipart/related;",
            "Content-Type: multipart/alternative;",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8",
            "Content-Type: image/png",
            "Content-Type: image/png",
        ]
    );
    let message = MessageParser::default().parse(letter.as_bytes()).unwrap();
    let names: Vec<_> = message.parts.iter().filter_map(|part| part.attachment_name()).collect();
    assert_eq!(names, ["logo.png", "Меню.pdf"]);
    assert_eq!(message.parts.last().unwrap().contents(), [7; 100]);
    check(&edition, &reader(None, "x"));
}

#[test]
fn a_stamp_is_the_same_for_every_retry_and_apart_for_proofs() {
    let tracking = Tracking {
        opens: true,
        clicks: true,
        consent: None,
        base_url: "https://x".into(),
        preferences_url: None,
    };
    let edition = Edition { tracking: Some(tracking), ..edition() };
    let secret = || Secret::from_text(&"ab".repeat(32)).unwrap();
    let stamper = |purpose| Stamper::new(secret(), &edition, ContentHash("e".into()), purpose);
    let key = AddressKey::from_ledger("ada@example.org".into());
    let stamp = |purpose, again| stamper(purpose).stamp(&key, again, Timestamp::UNIX_EPOCH);
    let one = stamp(Purpose::Unsubscribe, 0);
    assert_eq!(one, stamp(Purpose::Unsubscribe, 0));
    assert_ne!(one.message_id, stamp(Purpose::Unsubscribe, 1).message_id);
    let proof = stamp(Purpose::Proof, 0);
    assert!(one.track != one.token && !one.track.is_empty() && proof.track == proof.token);
    assert!(proof.proof && proof.message_id != one.message_id && proof.token != one.token);
}

#[test]
fn frozen_values_come_back() {
    let to = reader(Some("Ada \"A\""), "São");
    let values = freeze_values(&to);
    assert_eq!(thaw_values(to.address.clone(), &values).unwrap(), to);
    let bare = Subscriber { address: to.address.clone(), name: None, fields: Fields::new() };
    assert_eq!(thaw_values(to.address, &freeze_values(&bare)).unwrap(), bare);
    assert!(thaw_values(Address::parse("a@example.org").unwrap(), "{\"name\":1}").is_err());
}

fn any_piece() -> impl proptest::strategy::Strategy<Value = Piece> {
    use proptest::prelude::*;
    let context = prop_oneof![Just(Context::Html), Just(Context::Attribute), Just(Context::Url)];
    let expression = prop_oneof![
        Just("name"),
        Just("city"),
        Just("name | default(\".x\")"),
        Just("city ~ '='"),
        Just("city | urlencode"),
    ];
    prop_oneof![
        "[ -~é.=\n]{0,90}".prop_map(|text| Piece::Literal(text.replace('"', "'"))),
        (expression, context).prop_map(|(expression, context)| {
            // Of a URL there is already something, so that any value fits.
            Piece::Hole(Hole { expression: expression.into(), context, span: 1..2 })
        }),
    ]
}

/// What the HTML part becomes for a reader.
fn html_of(pieces: Vec<Piece>, to: &Subscriber) -> String {
    let mut edition = edition();
    edition.html = Pieces::new(pieces);
    let press = Press::new(&edition).unwrap();
    Filling::new(&press, to, tokens()).text(&press.html).unwrap()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn a_loop_over_a_value_and_a_segment_are_what_would_be_written_out(
        pieces in proptest::collection::vec(any_piece(), 0..6), topics in "[a-z]{1,6}(; ?[a-zé<&]{1,6}){0,3}", is_in: bool
    ) {
        let mut to = reader(Some("Ada"), "Minsk");
        to.fields.insert("topics".into(), topics.clone());
        let logic = |statement: &str| Piece::Logic { statement: statement.into(), span: 0..0 };
        let topic = |expression: &str| Piece::Hole(Hole { expression: expression.into(), context: Context::Html, span: 1..2 });
        let (open, close) = (Piece::Literal("<a href=\"x".into()), Piece::Literal("end.".into()));
        let city = if is_in { "Minsk" } else { "Brest" };
        let mut scripted = vec![open.clone(), logic("for topic in topics"), topic("topic")];
        scripted.extend(pieces.iter().cloned());
        scripted.extend([logic("endfor"), logic(&format!("if segment(\"city = \\\"{city}\\\"\", city)"))]);
        scripted.extend(pieces.iter().cloned());
        scripted.extend([logic("endif"), close.clone()]);
        let mut spliced = vec![open];
        for item in topics.split(';') {
            spliced.push(topic(&format!("'{}'", item.trim())));
            spliced.extend(pieces.iter().cloned());
        }
        spliced.extend(pieces.iter().filter(|_| is_in).cloned());
        spliced.push(close);
        proptest::prop_assert_eq!(html_of(scripted, &to), html_of(spliced, &to));
    }

    #[test]
    fn whatever_the_values_a_letter_keeps_the_rules_of_the_wire(
        name in "[ -~é漢.=\r\n\u{0}]{0,60}", city in "[ -~é漢.=\r\n<>&\"']{1,60}", times in 1..200_usize
    ) {
        let name = name.repeat(times);
        let city = format!("x{city}");
        check(&edition(), &reader((!name.is_empty()).then_some(&name), &city));
    }

    #[test]
    fn a_splice_and_a_script_make_equal_bytes(
        pieces in proptest::collection::vec(any_piece(), 0..12), city in "[ -~é.=\r\n]{1,90}"
    ) {
        let pieces = [Piece::Literal("<a href=\"x".into())].into_iter().chain(pieces);
        let mut spliced = edition();
        spliced.html = Pieces::new(pieces);
        let mut scripted = spliced.clone();
        let logic = |statement: &str| Piece::Logic { statement: statement.into(), span: 0..0 };
        let inside = ended(&spliced.html);
        let wrapped = [logic("if true")].into_iter().chain(inside.iter().cloned());
        scripted.html = Pieces::new(wrapped.chain([logic("endif")]));
        let to = reader(Some("Ada"), &city);
        let body = |edition: &Edition| {
            let press = Press::new(edition).unwrap();
            let mut out = Vec::new();
            let mut filling = Filling::new(&press, &to, tokens());
            filling.part(&press.html, Coding::Quoted, &mut out).unwrap();
            let mut raw = filling.text(&press.html).unwrap();
            raw.truncate(raw.trim_end_matches('\n').len());
            (String::from_utf8(out).unwrap().trim_end_matches("\r\n").to_owned(), raw)
        };
        proptest::prop_assert_eq!(body(&spliced), body(&scripted));
    }
}
