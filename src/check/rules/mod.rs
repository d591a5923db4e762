//! One rule per file, and the list of them all.

mod subject_missing;
mod subject_length;
mod subject_control;
mod bidi_control;
mod subject_caps;
mod subject_spam;
mod subject_re;
mod subject_emoji;
mod preheader_missing;
mod preheader_dup;
mod preheader_length;
mod unsub_missing;
mod unsub_header;
mod unsub_https;
mod unsub_visible;
mod address_missing;
mod from_missing;
mod from_free;
mod from_noreply;
mod from_mismatch;
mod header_form;
mod header_lost;
mod list_id;
mod reply_to;
mod dkim_missing;
mod spam_score;
mod merge_unknown;
mod merge_nodefault;
mod merge_url;
mod merge_leftover;
mod size_clip;
mod size_letter;
mod lang_missing;
mod contrast;
mod css_support;
mod color_hex6;
mod css_important_inline;
mod css_rgba;
mod css_var;
mod css_flex;
mod css_float;
mod css_position;
mod css_nested_at;
mod rgb_space;
mod size_style;
mod font_web;
mod font_small;
mod tap_target;
mod dark_pair;
mod dark_logo;
mod dir_missing;
mod title_missing;
mod table_role;
mod table_scope;
mod html_forbidden;
mod html_wellformed;
mod outlook_background;
mod outlook_padding;
mod outlook_max_width;
mod img_alt;
mod link_empty;
mod link_placeholder;
mod link_relative;
mod link_malformed;
mod link_localhost;
mod link_http;
mod visited;
mod link_dead;
mod link_changed;
mod link_fragment;
mod link_blocked;
mod link_slow;
mod link_redirect;
mod link_private;
mod img_404;
mod img_slow;
mod img_weight;
mod link_text;
mod link_long_url;
mod link_mismatch;
mod link_shortener;
mod link_ip;
mod link_idn;
mod link_tracking;
mod text_short;
mod heading_order;
mod heading_empty;
mod h1_count;
mod doubled_word;
mod line_long;
mod table_width;
mod code_width;
mod anchor_only;
mod text_caps;
mod text_marks;
mod attachment_missing;
mod weekday_mismatch;
mod stale_year;
mod text_missing;
mod img_http;
mod img_format;
mod img_ratio;
mod img_width;
mod track_pixel;
mod text_drift;
mod text_invisible;
mod font_huge;
mod mark_leftover;
mod segment;
mod field_kind;
mod list_settings;
mod draft;
mod date_past;
mod duplicate_issue;
mod duplicate_number;
mod audience_empty;

mod elsewhere;

use super::markup::Markup;
use super::markup::css::Declaration;
use super::page::HOLE;
use super::{About, Draft, Rule};
use crate::compose::Link;
use crate::model::finding::Finding;
use crate::model::issue::At;
use crate::model::source::{Place, Span};
use visited::Visited;

/// Every rule, in the order in which they are listed.
pub static ALL: &[&dyn Rule] = &[
    &subject_missing::SubjectMissing,
    &subject_length::SubjectLength,
    &subject_control::SubjectControl,
    &bidi_control::BidiControl,
    &subject_caps::SubjectCaps,
    &subject_spam::SubjectSpam,
    &subject_re::SubjectRe,
    &subject_emoji::SubjectEmoji,
    &preheader_missing::PreheaderMissing,
    &preheader_dup::PreheaderDup,
    &preheader_length::PreheaderLength,
    &unsub_missing::UnsubMissing,
    &unsub_header::UnsubHeader,
    &unsub_https::UnsubHttps,
    &unsub_visible::UnsubVisible,
    &address_missing::AddressMissing,
    &from_missing::FromMissing,
    &from_free::FromFree,
    &from_noreply::FromNoreply,
    &from_mismatch::FromMismatch,
    &header_form::HeaderForm,
    &list_id::ListId,
    &reply_to::ReplyTo,
    &dkim_missing::DkimMissing,
    &header_lost::HeaderLost,
    &spam_score::SpamScore,
    &merge_unknown::MergeUnknown,
    &merge_nodefault::MergeNodefault,
    &merge_url::MergeUrl,
    &merge_leftover::MergeLeftover,
    &size_clip::SizeClip,
    &size_letter::SizeLetter,
    &lang_missing::LangMissing,
    &contrast::Contrast,
    &css_support::CssSupport,
    &color_hex6::ColorHex6,
    &css_important_inline::CssImportantInline,
    &css_rgba::CssRgba,
    &css_var::CssVar,
    &css_flex::CssFlex,
    &css_float::CssFloat,
    &css_position::CssPosition,
    &css_nested_at::CssNestedAt,
    &rgb_space::RgbSpace,
    &size_style::SizeStyle,
    &font_web::FontWeb,
    &font_small::FontSmall,
    &tap_target::TapTarget,
    &dark_pair::DarkPair,
    &dark_logo::DarkLogo,
    &dir_missing::DirMissing,
    &title_missing::TitleMissing,
    &table_role::TableRole,
    &table_scope::TableScope,
    &html_forbidden::HtmlForbidden,
    &html_wellformed::HtmlWellformed,
    &outlook_background::OutlookBackground,
    &outlook_padding::OutlookPadding,
    &outlook_max_width::OutlookMaxWidth,
    &img_alt::ImgAlt,
    &link_empty::LinkEmpty,
    &link_placeholder::LinkPlaceholder,
    &link_relative::LinkRelative,
    &link_malformed::LinkMalformed,
    &link_localhost::LinkLocalhost,
    &link_http::LinkHttp,
    &Visited(link_dead::LinkDead),
    &Visited(link_changed::LinkChanged),
    &Visited(link_fragment::LinkFragment),
    &Visited(link_blocked::LinkBlocked),
    &Visited(link_slow::LinkSlow),
    &Visited(link_redirect::LinkRedirect),
    &Visited(link_private::LinkPrivate),
    &Visited(img_404::Img404),
    &Visited(img_slow::ImgSlow),
    &Visited(img_weight::ImgWeight),
    &link_text::LinkText,
    &link_long_url::LinkLongUrl,
    &link_mismatch::LinkMismatch,
    &link_shortener::LinkShortener,
    &link_ip::LinkIp,
    &link_idn::LinkIdn,
    &link_tracking::LinkTracking,
    &text_short::TextShort,
    &heading_order::HeadingOrder,
    &heading_empty::HeadingEmpty,
    &h1_count::H1Count,
    &doubled_word::DoubledWord,
    &line_long::LineLong,
    &table_width::TableWidth,
    &code_width::CodeWidth,
    &anchor_only::AnchorOnly,
    &text_caps::TextCaps,
    &text_marks::TextMarks,
    &attachment_missing::AttachmentMissing,
    &weekday_mismatch::WeekdayMismatch,
    &stale_year::StaleYear,
    &text_missing::TextMissing,
    &img_http::ImgHttp,
    &img_format::ImgFormat,
    &img_ratio::ImgRatio,
    &img_width::ImgWidth,
    &track_pixel::TrackPixel,
    &text_drift::TextDrift,
    &text_invisible::TextInvisible,
    &font_huge::FontHuge,
    &mark_leftover::MarkLeftover,
    &segment::Segment,
    &field_kind::FieldKind,
    &list_settings::ListSettings,
    &draft::Unfinished,
    &date_past::DatePast,
    &duplicate_issue::DuplicateIssue,
    &duplicate_number::DuplicateNumber,
    &audience_empty::AudienceEmpty,
];

/// Everything that can be explained.
pub fn abouts() -> impl Iterator<Item = &'static About> {
    ALL.iter().map(|rule| rule.about()).chain(elsewhere::ABOUTS)
}

/// The rule of this id.
pub fn find(id: &str) -> Option<&'static About> {
    abouts().find(|about| about.id == id)
}

/// Why a rule about this client does not run: nobody chose it.
fn skipped_without(draft: &Draft<'_>, client: &str) -> Option<String> {
    let is_chosen = draft.facts.settings.check.clients.iter().any(|chosen| chosen.name() == client);
    (!is_chosen).then(|| format!("`[check] clients` does not name `{client}`"))
}

/// Declarations that are written alike, once.
fn each_once<'a>(all: impl Iterator<Item = &'a Declaration>) -> Vec<&'a Declaration> {
    let mut seen = std::collections::BTreeSet::new();
    all.filter(|declaration| seen.insert(declaration.written.as_str())).collect()
}

/// Declarations of style attributes that are `wanted`, where nothing before them says the same for clients that do
/// not know them.
fn without_fallback(
    markup: &Markup,
    wanted: impl Fn(&Declaration) -> bool,
) -> impl Iterator<Item = &Declaration> {
    markup.elements.iter().flat_map(move |element| {
        let has_fallback = |at: usize| {
            let each = &element.style[at];
            element.style[..at].iter().any(|before| before.name == each.name && !wanted(before))
        };
        let places = (0..element.style.len()).filter(|at| wanted(&element.style[*at]) && !has_fallback(*at));
        places.map(|at| &element.style[at]).collect::<Vec<_>>()
    })
}

/// The first words of a text of the letter.
fn excerpt(text: &str) -> String {
    const LENGTH: usize = 40;
    let text = text.replace(HOLE, "…");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

fn at(finding: Finding, place: Option<Place>) -> Finding {
    Finding { place, ..finding }
}

/// What merging for everybody found.
fn of_merging(draft: &Draft<'_>) -> Vec<Finding> {
    let source = &draft.facts.issue.source;
    let place = |span: Span| (!span.is_empty()).then(|| source.at(span));
    draft.facts.tally.map(|tally| tally.findings(place)).unwrap_or_default()
}

/// Where `words` stand in a value of the front matter; the whole value, if they are written otherwise there.
fn within<T>(draft: &Draft<'_>, value: &At<T>, words: &str) -> Place {
    let source = &draft.facts.issue.source;
    let written = source.text().get(value.span.clone()).and_then(|text| text.find(words));
    match written {
        Some(at) => source.at(value.span.start + at..value.span.start + at + words.len()),
        None => draft.at(value),
    }
}

/// Where `words` stand in the subject.
fn in_subject(draft: &Draft<'_>, words: &str) -> Option<Place> {
    let front = &draft.facts.issue.front;
    front.subject.as_ref().or(front.title.as_ref()).map(|at| within(draft, at, words))
}

/// Where `words` stand in a link of the author; the whole link, if they are written otherwise there.
fn in_link(draft: &Draft<'_>, link: &Link, words: &str) -> Option<Place> {
    let source = &draft.facts.issue.source;
    let span = link.span.clone()?;
    let written = source.text().get(span.clone())?.find(words).map(|at| span.start + at);
    Some(source.at(written.map_or(span, |at| at..at + words.len())))
}

/// Where the subject stands: `subject`, else `title`.
fn subject_place(draft: &Draft<'_>) -> Option<Place> {
    let front = &draft.facts.issue.front;
    front.subject.as_ref().or(front.title.as_ref()).map(|at| draft.at(at))
}
