use serde_json::{Value, json};

use super::listed::lists;
use super::*;
use crate::model::provider::Provider;
use crate::transport::http::tests::settings;

fn of(url: &str) -> crate::settings::http::HttpSettings {
    settings(url, "http://127.0.0.1:1")
}

/// The entries of a page, and the path of the next one.
fn read(url: &str, place: usize, page: &Value) -> (Vec<(String, &'static str)>, Option<String>) {
    let list = lists(&of(url)).swap_remove(place);
    let items = list.items(page);
    let entries = items.iter().filter_map(|item| list.entry(item));
    let entries = entries.map(|entry| (entry.address, entry.reason.name())).collect();
    (entries, (list.next)(page, &items, &list.path))
}

#[test]
fn pages_of_each_provider_say_whom_and_why_and_where_the_next_one_is() {
    let ses = json!({ "SuppressedDestinationSummaries": [
        { "EmailAddress": "a@x.example", "Reason": "COMPLAINT", "LastUpdateTime": 1_600_000_000.5 }], "NextToken": "n/=" });
    assert_eq!(
        read("ses://a:b@eu-central-1", 0, &ses),
        (
            vec![("a@x.example".to_owned(), "complained")],
            Some("/v2/email/suppression/addresses?NextToken=n%2F%3D&PageSize=1000".to_owned())
        )
    );
    let postmark = json!({ "Suppressions": [
        { "EmailAddress": "a@x.example", "SuppressionReason": "ManualSuppression", "Origin": "Recipient" }] });
    assert_eq!(read("postmark://t", 0, &postmark), (vec![("a@x.example".to_owned(), "unsubscribed")], None));
    let mailgun = json!({ "items": [{ "address": "a@x.example", "created_at": "Fri, 21 Oct 2011 11:02:55 UTC" }],
        "paging": { "next": "https://api.mailgun.net/v3/mg.x.example/bounces?page=next&address=a" } });
    let (entries, next) = read("mailgun://k@mg.x.example", 0, &mailgun);
    assert_eq!(entries[0].1, "bounced");
    assert_eq!(next.as_deref(), Some("/v3/mg.x.example/bounces?page=next&address=a"));
    let resend =
        json!({ "has_more": true, "data": [{ "id": "s1", "email": "a@x.example", "origin": "manual" }] });
    let (entries, next) = read("resend://k", 0, &resend);
    assert_eq!(entries[0].1, "suppressed by the provider");
    assert_eq!(next.as_deref(), Some("/suppressions?limit=100&after=s1"));
    let sparkpost = json!({ "results": [{ "recipient": "a@x.example", "source": "List Unsubscribe" }],
        "links": [{ "rel": "next", "href": "/api/v1/suppression-list?cursor=c" }] });
    let (entries, next) = read("sparkpost://k", 0, &sparkpost);
    assert_eq!((entries[0].1, next.as_deref()), ("unsubscribed", Some("/api/v1/suppression-list?cursor=c")));
    let brevo =
        json!({ "contacts": [{ "email": "a@x.example", "reason": { "code": "unsubscribedViaEmail" } }] });
    assert_eq!(read("brevo://k", 0, &brevo), (vec![("a@x.example".to_owned(), "unsubscribed")], None));
}

#[test]
fn a_full_page_is_followed_by_another_and_a_short_one_by_none() {
    let page = |number: usize| Value::Array(vec![json!({ "email": "a@x.example", "created": 1 }); number]);
    let next = |number| read("sendgrid://k", 2, &page(number)).1;
    assert_eq!(next(500).as_deref(), Some("/v3/suppression/spam_reports?limit=500&offset=500"));
    assert_eq!(next(499), None);
}

#[test]
fn times_are_read_in_every_form_that_providers_write_them() {
    let since = |url: &str, page: Value| {
        let list = lists(&of(url)).swap_remove(0);
        list.entry(&list.items(&page)[0]).unwrap().since.unwrap().to_string()
    };
    let mailgun =
        json!({ "items": [{ "address": "a@x.example", "created_at": "Fri, 21 Oct 2011 11:02:55 UTC" }] });
    assert_eq!(since("mailgun://k@mg.x.example", mailgun), "2011-10-21T11:02:55Z");
    assert_eq!(
        since("sendgrid://k", json!([{ "email": "a@x.example", "created": 1_600_000_000 }])),
        "2020-09-13T12:26:40Z"
    );
    let postmark = json!({ "Suppressions": [{ "EmailAddress": "a@x.example", "CreatedAt": "2019-12-17T08:58:33-05:00" }] });
    assert_eq!(since("postmark://t", postmark), "2019-12-17T13:58:33Z");
}

#[test]
fn each_provider_is_told_what_it_has_a_place_for() {
    let ours = [Reason::Bounced, Reason::Unsubscribed, Reason::Complained]
        .map(|reason| (format!("{}@x.example", reason.name()), reason));
    let told = |url: &str| would_give(&of(url), &ours).told;
    assert_eq!(told("ses://a:b@eu-central-1"), 2);
    assert_eq!((told("brevo://k"), told("mailjet://k:s")), (0, 0));
    for url in ["postmark://t", "mailgun://k@mg.x.example", "sendgrid://k", "resend://k", "sparkpost://k"] {
        assert_eq!(told(url), 3, "{url}");
    }
    assert_eq!(Provider::ALL.len(), 8, "a new one needs a line here");
}

#[test]
fn who_left_another_newsletter_of_the_same_account_still_gets_ours() {
    let page = json!({ "items": [
        { "address": "all@x.example", "tags": ["*"] },
        { "address": "old@x.example" },
        { "address": "ours@x.example", "tags": ["shop", "courant"] },
        { "address": "theirs@x.example", "tags": ["other-list"] }] });
    let (entries, _) = read("mailgun://k@mg.x.example", 2, &page);
    let left: Vec<&str> = entries.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(left, ["all@x.example", "old@x.example", "ours@x.example"]);
}
