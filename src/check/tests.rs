//! Each rule with an issue that it lets pass and one that it does not.

use std::collections::BTreeMap;
use std::time::Duration;

mod ignoring;
mod images;
mod links;
mod people;
mod seen;
mod sheet;
mod words;

use super::merge::Tally;
use super::*;
use crate::links::visit::{End, NoAnswer};
use crate::model::address::Domain;
use crate::model::letter::{Piece, Pieces, Tracking};
use crate::model::tree::Table;
use crate::settings::dkim::{DkimSettings, KeySource};
use crate::settings::transport_url::{Naming, transport};
use sheet::{Sheet, answered, at, hole, mailbox};

#[test]
fn a_good_issue_has_no_findings_and_nothing_is_skipped() {
    let checked = Sheet::good().check();
    assert!(checked.findings.is_empty() && checked.skipped.is_empty(), "{checked:?}");
}

#[test]
fn subjects_are_looked_at() {
    assert_eq!(Sheet::good().subject(" ").says(), ["subject-missing error"]);
    assert_eq!(Sheet::good().subject(&"x".repeat(60)).says(), [""; 0]);
    assert_eq!(Sheet::good().subject(&"x".repeat(61)).says(), ["subject-length warning"]);
    assert_eq!(Sheet::good().subject(&"x".repeat(121)).says(), ["subject-length error"]);
    assert_eq!(Sheet::good().subject("sale \u{202e}elas").says(), ["subject-control error"]);
    assert_eq!(Sheet::good().subject("one\r\nBcc: all").says(), ["subject-control error"]);
}

#[test]
fn a_preheader_is_missed_and_a_repetition_noticed() {
    let mut sheet = Sheet::good();
    sheet.issue.front.preheader = None;
    assert_eq!(sheet.says(), ["preheader-missing warning"]);
    let mut sheet = Sheet::good();
    sheet.rendered.preheader = Some(Pieces::literal("What the sea brought"));
    assert_eq!(sheet.message("preheader-dup"), "the preheader only repeats the subject");
}

#[test]
fn a_letter_shows_the_way_out_in_both_parts() {
    let mut sheet = Sheet::good();
    sheet.edition.text = Pieces::literal("A letter of some length. 12 Sea Road Example Town");
    assert_eq!(sheet.says(), ["unsub-missing error"]);
    sheet.live = false;
    assert_eq!(sheet.says(), ["unsub-missing warning"], "a rehearsal only warns");
    let mut sheet = Sheet::good();
    sheet.edition.unsubscribe.base_url = None;
    assert_eq!(sheet.says(), ["unsub-header warning"]);
    sheet.edition.unsubscribe.base_url = Some("http://news.example.org".into());
    assert_eq!(sheet.says(), ["unsub-https error"]);
}

#[test]
fn a_letter_shows_who_is_behind_it() {
    let mut sheet = Sheet::good();
    sheet.settings.site.postal_address = None;
    assert_eq!(sheet.message("address-missing"), "there is no postal address");
    sheet.settings.site.postal_address = Some("1 Other Street".into());
    assert_eq!(sheet.says(), ["address-missing error"; 2]);
}

#[test]
fn senders_are_looked_at() {
    let mut sheet = Sheet::good();
    sheet.no_sender = Some("nobody is named as the sender".into());
    assert_eq!(sheet.says(), ["from-missing error"]);
    let mut sheet = Sheet::good();
    sheet.edition.from = mailbox("ada@gmail.com");
    assert_eq!(sheet.says(), ["from-free warning"]);
    let mut sheet = Sheet::good();
    sheet.edition.from = mailbox("no-reply@news.example.org");
    assert_eq!(sheet.says(), ["from-noreply warning"]);
    sheet.edition.reply_to = Some(mailbox("ada@news.example.org"));
    assert_eq!(sheet.says(), [""; 0]);
}

#[test]
fn what_should_have_been_replaced_is_found_but_not_in_code() {
    let sheet = Sheet::of("Dear [First Name], a letter.\n\n`TODO` and {{ name | default(\"TODO\") }}\n");
    assert_eq!(sheet.message("merge-leftover"), "`[First Name]` is left in the text");
    assert_eq!(sheet.says(), ["merge-leftover error"]);
    assert_eq!(sheet.check().findings[0].place.as_ref().unwrap().span, 5..17);
    let sheet = Sheet::good().html("<html lang=en><p>{{ left }}</p><code>{{ fine }}</code>");
    assert_eq!(sheet.says(), ["merge-leftover error"]);
}

#[test]
fn a_mark_without_a_partner_is_found_where_it_stands() {
    let sheet = Sheet::of("A letter of **some length.\n");
    assert_eq!(sheet.says(), ["mark-leftover warning"]);
    assert_eq!(sheet.check().findings[0].place.as_ref().unwrap().span, 12..14);
    assert_eq!(Sheet::of("A letter **of** ~~some~~ length.\n").says(), [""; 0]);
    assert_eq!(Sheet::of("A letter of \\*\\*some `**length`.\n").says(), [""; 0]);
}

#[test]
fn a_letter_that_gmail_cuts_is_measured_at_its_largest() {
    let mut sheet = Sheet::good();
    for (kilobytes, says) in [(89, None), (95, Some("size-clip warning")), (103, Some("size-clip error"))] {
        sheet.largest.as_mut().unwrap().sizes.html = kilobytes * 1024;
        assert_eq!(sheet.says(), says.into_iter().collect::<Vec<_>>(), "{kilobytes}");
    }
    sheet = Sheet::good().html(&format!("<html lang=en><p>{}</p>", "x".repeat(110 * 1024)));
    sheet.largest = None;
    assert_eq!(
        sheet.message("size-clip"),
        "the HTML part before any values has 110 KB: Gmail cuts it off at 102"
    );
}

#[test]
fn links_that_are_counted_weigh_what_they_will() {
    let mut sheet = Sheet::good().html(&"<a href=\"https://a.example/\">x</a>".repeat(2000));
    sheet.largest = None;
    let weighs = |sheet: &Sheet| sheet.says().iter().any(|said| said == "size-clip error");
    assert!(!weighs(&sheet));
    let base_url = "https://news.example.org".to_owned();
    let tracking = Tracking { opens: false, clicks: true, consent: None, base_url, preferences_url: None };
    sheet.edition.tracking = Some(tracking);
    assert!(weighs(&sheet));
}

#[test]
fn a_letter_that_providers_refuse_is_weighed_with_its_files() {
    let mut sheet = Sheet::good();
    for (megabytes, says) in [(10, None), (11, Some("size-letter warning")), (26, Some("size-letter error"))]
    {
        sheet.largest.as_mut().unwrap().sizes.letter = megabytes * 1_000_000;
        assert_eq!(sheet.says(), says.into_iter().collect::<Vec<_>>(), "{megabytes}");
    }
    let film = sizes::Weight { name: "film.mp4".into(), bytes: 19_000_000 };
    sheet.largest.as_mut().unwrap().sizes.attachments.push(film);
    assert!(sheet.check().findings[0].help.as_ref().unwrap().ends_with("files: `film.mp4` 19.0 MB"));
}

#[test]
fn fields_of_the_header_are_looked_at() {
    let with = |more: &str| {
        let mut sheet = Sheet::good();
        let pressed = sheet.largest.as_mut().unwrap();
        pressed.letter.splice(0..0, more.bytes());
        sheet
    };
    assert_eq!(with("List-Id: <a.example.org>\r\n").says(), [""; 0]);
    assert_eq!(
        with("Date: Wed, 25 Nov 2026 04:00:00 +0000\r\n").message("header-form"),
        "`Date` stands there twice"
    );
    assert_eq!(with("Reply-To: ä@example.org\r\n").says(), ["header-form warning"]);
    assert_eq!(with(&format!("X-Long: {}\r\n", "x".repeat(1000))).says(), ["header-form error"]);
    assert_eq!(with("List-Unsubscribe: <https://example.org/u/1>\r\n").says(), ["header-form error"]);
    let mut bare = Sheet::good();
    bare.largest.as_mut().unwrap().letter = b"From: a@example.org\r\n\r\n".to_vec();
    assert_eq!(bare.says(), ["header-form error"; 5], "To, Subject, Date, Message-ID and MIME-Version");
}

#[test]
fn a_list_is_known_by_a_name_in_the_domain_of_its_sender() {
    let says = |id: &str| {
        let mut sheet = Sheet::good();
        sheet.edition.headers = vec![("List-Id".into(), id.into())];
        sheet.says()
    };
    assert_eq!(says("Weekly <weekly.news.example.org>"), [""; 0]);
    assert_eq!(says("Weekly <weekly.example.org>"), [""; 0]);
    for wrong in
        ["weekly.example.org", "Weekly <weekly>", "<weekly.other.example>", "<two words.example.org>"]
    {
        assert_eq!(says(wrong), ["list-id warning"], "{wrong}");
    }
}

#[test]
fn answers_go_where_somebody_reads_them() {
    let says = |address: &str| {
        let mut sheet = Sheet::good();
        sheet.edition.reply_to = Some(mailbox(address));
        sheet.says()
    };
    assert_eq!(says("ada@example.org"), [""; 0]);
    assert_eq!(says("no-reply@example.org"), ["reply-to warning"]);
    assert_eq!(says("ada@gmail.com"), ["reply-to warning"]);
}

#[test]
fn fields_that_a_provider_does_not_keep_are_named_once() {
    let says = |url: &str| {
        let mut sheet = Sheet::good();
        let naming = Naming { name: None, root: std::path::Path::new("/w") };
        sheet.settings.transport.transport = transport(&at(url), &Table::default(), &naming).unwrap();
        sheet
    };
    assert_eq!(says("mailgun://key@mg.example.org").says(), [""; 0]);
    assert_eq!(says("ses://eu-central-1").says(), ["header-lost info"]);
    assert_eq!(says("brevo://key").says(), ["header-lost warning"]);
    let message = says("ses://eu-central-1").message("header-lost");
    assert_eq!(message, "Amazon SES does not keep Message-ID, Date of a letter as they are");
    let mut rehearsal = says("brevo://key");
    rehearsal.live = false;
    assert_eq!(rehearsal.says(), [""; 0]);
}

#[test]
fn letters_that_go_out_by_smtp_want_a_key() {
    let mut sheet = Sheet::good();
    let naming = Naming { name: None, root: std::path::Path::new("/w") };
    let url = at("smtp://127.0.0.1:2525");
    sheet.settings.transport.transport = transport(&url, &Table::default(), &naming).unwrap();
    assert_eq!(sheet.says(), ["dkim-missing warning"]);
    sheet.live = false;
    assert_eq!(sheet.says(), [""; 0]);
}

#[test]
fn what_spamassassin_says_is_told_with_its_points() {
    let says = |points: f64| {
        let mut sheet = Sheet::good();
        let hit = crate::spam::Hit { points, rule: "URGENT".into(), words: "Asks for money".into() };
        sheet.spam = Opinion::Given(Score { points, threshold: 5.0, hits: vec![hit] });
        sheet
    };
    assert_eq!(says(3.0).says(), [""; 0]);
    assert_eq!(says(3.1).says(), ["spam-score warning"]);
    assert_eq!(says(5.1).message("spam-score"), "SpamAssassin gives the letter 5.1 points; 5.0 are spam");
    assert!(says(5.1).check().findings[0].help.as_ref().unwrap().ends_with(": +5.1 URGENT (Asks for money)"));
    let mut sheet = Sheet::good();
    sheet.spam = Opinion::None("SpamAssassin is not installed".into());
    assert!(sheet.check().skipped.iter().any(|skip| skip.rule == "spam-score"));
}

#[test]
fn a_sender_for_whom_no_key_signs_is_found_where_others_sign() {
    let key = |domain: &str| DkimSettings {
        domain: Some(Domain::parse(domain).unwrap()),
        selector: "s1".into(),
        key: KeySource::File("dkim.pem".into()),
        place: None,
    };
    let mut sheet = Sheet::good();
    sheet.settings.dkim = vec![key("example.org"), key("other.example")];
    assert_eq!(sheet.says(), [""; 0]);
    sheet.settings.dkim = vec![key("other.example"), key("other.example")];
    assert_eq!(sheet.says(), ["from-mismatch error"]);
    assert_eq!(
        sheet.message("from-mismatch"),
        "letters from news.example.org are not signed: the DKIM keys are for other.example"
    );
}

#[test]
fn the_html_says_its_language() {
    assert_eq!(Sheet::good().html("<html><p>Hi</p>").says(), ["lang-missing error"]);
}

#[test]
fn images_have_words_in_their_place() {
    let enough = "A letter of some length. ".repeat(6);
    let says = |markdown: &str| Sheet::of(&format!("{enough} {markdown}\n")).says();
    assert_eq!(says("![two boats at dusk](a.jpg)"), [""; 0]);
    assert_eq!(says("![](a.jpg)"), ["img-alt warning"]);
    assert_eq!(says("![a.jpg](x/a.jpg)"), ["img-alt warning"]);
    assert_eq!(says("![image of a boat](a.jpg)"), ["img-alt warning"]);
    assert_eq!(says("![IMG_0042](photos/IMG_0042.jpg)"), ["img-alt warning"]);
    assert_eq!(says("![boats](boats.jpg)"), [""; 0]);
    assert_eq!(says("[![](boats.jpg)](https://boats.example)"), ["img-alt error"]);
    assert_eq!(says(&format!("![{}](a.jpg)", "long ".repeat(30))), ["img-alt warning"]);
    assert_eq!(Sheet::good().html("<html lang=en><img src=a.png>").says(), ["img-alt error"]);
    assert_eq!(Sheet::good().html("<html lang=en><img src=a.png alt=''>").says(), [""; 0]);
}

#[test]
fn targets_that_cannot_work_are_found_without_visiting_them() {
    for (target, says) in [
        ("", "link-empty error"),
        ("#", "link-placeholder error"),
        ("/about", "link-relative error"),
        ("https://exa mple.org", "link-malformed error"),
        ("mailto:ada", "link-malformed error"),
        ("tel:call-me", "link-malformed error"),
        ("http://localhost:3000/", "link-localhost error"),
        ("http://192.168.1.1/", "link-localhost error"),
        ("http://a.example/", "link-http warning"),
    ] {
        assert_eq!(Sheet::good().to(target).says(), [says], "{target}");
    }
    let fine = Sheet::good().to("https://a.example/").to("mailto:ada@example.org");
    assert_eq!(fine.says(), [""; 0]);
    assert_eq!(fine.to("#note").says(), ["anchor-only info"]);
}

#[test]
fn a_field_may_not_decide_where_a_link_leads() {
    let sheet = Sheet::good().link([Piece::Literal("https://".into()), hole("city")]);
    assert_eq!(sheet.message("merge-url"), "a field decides to which host `https://{{ city }}` leads");
}

#[test]
fn visited_links_are_judged() {
    let url = "https://a.example/x";
    assert_eq!(Sheet::good().visited(url, answered(200), &[]).says(), [""; 0]);
    let dead = Sheet::good().visited(url, answered(404), &[]);
    assert_eq!(dead.message("link-dead"), "`https://a.example/x` is dead: it answers 404 Not Found");
    assert_eq!(dead.says(), ["link-dead error"]);
    assert_eq!(Sheet::good().visited(url, answered(403), &[]).says(), ["link-blocked info"]);
    let silent = End::NoAnswer(NoAnswer::TimedOut(Duration::from_secs(20)));
    assert_eq!(Sheet::good().visited(url, silent, &[]).says(), ["link-slow warning"]);
    let moved = Sheet::good().visited(url, answered(200), &[(301, "https://a.example/y")]);
    assert_eq!(
        moved.message("link-redirect"),
        "`https://a.example/x` has moved for good to `https://a.example/y`"
    );
    assert_eq!(Sheet::good().visited(url, answered(200), &[(302, "https://a.example/y")]).says(), [""; 0]);
    let elsewhere = Sheet::good().visited(url, answered(200), &[(302, "https://b.example/")]);
    assert_eq!(elsewhere.says(), ["link-changed warning"]);
    let inside = End::Private("10.0.0.1".parse().unwrap());
    assert_eq!(Sheet::good().visited(url, inside, &[]).says(), ["link-private warning"]);
}

#[test]
fn a_link_that_could_be_encrypted_is_told_once_and_with_its_way() {
    let url = "http://a.example/x";
    let told = |sheet: &Sheet| sheet.message("link-http");
    let mut plain = Sheet::good().visited(url, answered(200), &[]);
    assert_eq!(plain.says(), ["link-http warning"]);
    assert_eq!(told(&plain), "`http://a.example/x` is not encrypted");
    let visit = plain.visits.as_mut().unwrap().first_entry().unwrap().into_mut();
    visit.secure = Some("https://a.example/x".parse().unwrap());
    let message = "`http://a.example/x` is not encrypted: https shows the same page: https://a.example/x";
    assert_eq!((told(&plain).as_str(), plain.says().len()), (message, 1));
    let up = Sheet::good().visited(url, answered(200), &[(301, "https://a.example/x")]);
    assert_eq!(up.says(), ["link-redirect warning"], "one finding is enough");
    let back = Sheet::good().visited("https://a.example/x", answered(200), &[(302, url)]);
    assert_eq!(told(&back), "`https://a.example/x` is not encrypted: it leads from https back to http");
    let help = back.check().findings[0].help.clone().unwrap();
    assert!(help.ends_with("the way there: 302 http://a.example/x"), "{help}");
}

#[test]
fn links_that_the_time_was_over_for_are_counted_and_not_passed() {
    let sheet = Sheet::good().visited("https://a.example/", End::OutOfTime, &[]).visited(
        "https://b.example/",
        answered(200),
        &[],
    );
    let skipped = sheet.check().skipped;
    let why = "the time for all links together was over (1 link)";
    assert_eq!(skipped, [Skipped { rule: "links", why: why.into() }]);
}

#[test]
fn offline_is_one_reason_and_not_a_hundred_dead_links() {
    let no_name = || End::NoAnswer(NoAnswer::Dns("no".into()));
    let sheet = Sheet::good().visited("https://a.example/", no_name(), &[]).visited(
        "https://b.example/",
        no_name(),
        &[],
    );
    let checked = sheet.check();
    assert!(checked.findings.is_empty(), "{checked:?}");
    assert!(checked.skipped.iter().all(|skip| skip.why == "offline"));
    assert!(checked.skipped.iter().any(|skip| skip.rule == "link-dead"));
}

#[test]
fn links_that_were_left_alone_are_counted() {
    let sheet =
        Sheet::good().link([hole("unsubscribe_url")]).visited("https://a.example/", answered(200), &[]);
    let skipped = sheet.check().skipped;
    assert_eq!(skipped, [Skipped { rule: "links", why: "made per subscriber (1 link)".into() }]);
}

#[test]
fn an_empty_letter_is_noticed() {
    let mut sheet = Sheet::good();
    sheet.edition.text = Pieces::new([hole("unsubscribe_url")]);
    let says = sheet.says();
    assert!(says.contains(&"text-missing error".to_owned()), "{says:?}");
    let mut sheet = Sheet::of("\n");
    assert_eq!(sheet.says(), ["text-short error"]);
    sheet.live = false;
    assert_eq!(sheet.says(), ["text-short warning"]);
}

#[test]
fn a_draft_is_called_one() {
    let mut sheet = Sheet::good();
    sheet.issue.front.draft = true;
    assert_eq!(sheet.says(), ["draft info"]);
}

#[test]
fn a_time_that_has_gone_by_is_told_in_its_own_zone() {
    let mut sheet = Sheet::good();
    let mut says = |text: &str, zone: &str| {
        sheet.settings.site.timezone = jiff::tz::TimeZone::get(zone).unwrap();
        sheet.issue.front.send_at = Some(at(text));
        sheet.says()
    };
    assert_eq!(says("2026-11-25T05:00:00Z", "UTC"), [""; 0]);
    assert_eq!(says("2026-11-25T03:00:00Z", "UTC"), [""; 0], "`run` may be two hours late");
    assert_eq!(says("2026-11-25T01:30:00Z", "UTC"), ["date-past warning"]);
    assert_eq!(says("2026-11-25 04:30", "UTC"), [""; 0]);
    assert_eq!(says("2026-11-25T08:00[Europe/Minsk]", "UTC"), [""; 0]);
    assert_eq!(says("2026-11-25 04:30", "Europe/Minsk"), ["date-past warning"]);
    assert_eq!(says("soon", "UTC"), ["date-past error"]);
}

#[test]
fn the_same_text_under_another_id_is_an_error() {
    let mut sheet = Sheet::good();
    sheet.earlier = Earlier::Sent(IssueId("011".into()));
    assert_eq!(sheet.message("duplicate-issue"), "`012` says the same as `011`, which was sent already");
}

#[test]
fn two_issues_with_one_number_are_named() {
    let mut sheet = Sheet::good();
    sheet.namesake = Some("issues/011.md");
    assert_eq!(sheet.says(), [""; 0], "this one has no number");
    sheet.issue.front.number = Some(At::new(12, 0..1));
    assert_eq!(sheet.message("duplicate-number"), "issues/011.md has the number 12, too");
}

#[test]
fn what_could_not_be_looked_at_is_skipped_and_not_passed() {
    let mut sheet = Sheet::good().to("https://a.example/");
    (sheet.tally, sheet.visits) = (None, None);
    sheet.earlier = Earlier::Unknown("there is no ledger");
    let skipped: Vec<&str> = sheet.check().skipped.iter().map(|skip| skip.rule).collect();
    for rule in ["merge-unknown", "audience-empty", "duplicate-issue", "link-dead", "link-redirect"] {
        assert!(skipped.contains(&rule), "{rule} is not in {skipped:?}");
    }
}

#[test]
fn severities_of_the_settings_win_and_unknown_rules_are_told() {
    let mut sheet = Sheet::good().subject(" ").to("#");
    sheet.settings.check.rules =
        [("subject-missing".to_owned(), None), ("link-placeholder".to_owned(), Some(Severity::Info))].into();
    assert_eq!(sheet.says(), ["link-placeholder info"]);
    sheet.settings.check.rules = [("link-ded".to_owned(), None)].into();
    let checked = sheet.check();
    let told = checked.findings.iter().find(|found| found.rule == "unknown-rule").unwrap();
    assert_eq!(told.help.as_deref(), Some("did you mean `link-dead`?"));
}

#[test]
fn rules_have_names_of_their_own_and_say_what_to_do() {
    let mut ids: Vec<&str> = rules::abouts().map(|about| about.id).collect();
    ids.sort_unstable();
    assert!(ids.windows(2).all(|two| two[0] != two[1]), "{ids:?}");
    for about in rules::abouts() {
        assert!(
            about.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{}",
            about.id
        );
        assert!(
            [about.what, about.why, about.source, about.fix].iter().all(|text| !text.is_empty()),
            "{}",
            about.id
        );
    }
}

#[test]
fn large_numbers_are_grouped() {
    assert_eq!([0, 999, 1000, 1234567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
}
