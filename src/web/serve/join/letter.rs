//! The mail that asks to confirm: the same words for everybody, and a link. Nothing in it was typed by a visitor.

use crate::model::address::Mailbox;
use crate::model::issue::IssueId;
use crate::model::letter::{Context, Edition, Hole, Piece, Pieces, Unsubscribe};
use crate::model::subscriber::ListId;
use crate::web::serve::dress::{Dress, MailWords, html};

/// The field of the subscriber that holds the address of the page.
pub(super) const CONFIRM_URL: &str = "confirm_url";

/// The mail about these lists in this language. It is no mail of a list: it has no List-Id, and no way to unsubscribe.
pub(super) fn confirmation(
    dress: &Dress,
    lang: &str,
    lists: &[ListId],
    from: Mailbox,
    reply_to: Option<Mailbox>,
) -> Edition {
    let speech = dress.speech(Some(lang));
    let plain = |text: &str| dress.plain_with(text, lists);
    let mail = &speech.words.mail;
    let text = [
        Piece::Literal(format!("{}\n\n{}:\n", plain(&mail.text), plain(&mail.button))),
        hole(Context::Plain),
        Piece::Literal(format!("\n\n{}\n\n-- \n{}\n", plain(&mail.ignore), dress.plain("{}"))),
    ];
    let mailto = reply_to.as_ref().unwrap_or(&from).address.clone();
    Edition {
        issue: IssueId("confirm".to_owned()),
        from,
        reply_to,
        subject: Pieces::literal(plain(&mail.subject)),
        headers: vec![
            ("Auto-Submitted".to_owned(), "auto-generated".to_owned()),
            ("X-Auto-Response-Suppress".to_owned(), "All".to_owned()),
        ],
        text: Pieces::new(text),
        html: page(dress, speech.lang, lists, mail),
        attachments: Vec::new(),
        roots: serde_json::json!({}),
        tracking: None,
        unsubscribe: Unsubscribe { base_url: None, mailto, lists: Vec::new(), lang: None },
    }
}

fn hole(context: Context) -> Piece {
    Piece::Hole(Hole { expression: CONFIRM_URL.to_owned(), context, span: 0..0 })
}

fn page(dress: &Dress, lang: &str, lists: &[ListId], mail: &MailWords) -> Pieces {
    let fill = |text: &str| dress.fill(text, lists);
    let theme = dress.theme();
    let before = format!(
        "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light\"><title>{}</title></head>\n\
         <body style=\"margin:0;padding:24px;background-color:{};color:{};font-family:{};font-size:16px;line-height:1.5\">\n\
         <div style=\"max-width:560px;margin:0 auto;padding:24px;background-color:{}\">\n<h1 style=\"font-size:22px;\
         line-height:1.3;margin:0 0 16px\">{}</h1>\n<p style=\"margin:0 0 20px\">{}</p>\n<p style=\"margin:0 0 20px\">\
         <a href=\"",
        fill(&mail.subject),
        theme.canvas.light,
        theme.text.light,
        html(&theme.font.replace('"', "'")),
        theme.card.light,
        fill(&mail.subject),
        fill(&mail.text),
    );
    let after = format!(
        "\" style=\"display:inline-block;padding:12px 24px;border-radius:8px;background-color:{};color:{};\
         font-weight:bold;text-decoration:none\">{}</a></p>\n<p style=\"margin:0;color:{}\">{}</p>\n</div>\n</body></html>\n",
        theme.link.light,
        theme.on_link().light,
        fill(&mail.button),
        theme.muted.light,
        fill(&mail.ignore),
    );
    Pieces::new([Piece::Literal(before), hole(Context::Url), Piece::Literal(after)])
}
