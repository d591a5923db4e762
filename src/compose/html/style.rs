//! Inline styles from the theme, and the style sheet for dark mode and phones.

use super::Body;
use crate::compose::highlight::Role;
use crate::model::theme::{Buttons, PANEL, Pair, Theme};

/// Ready styles for every element that a body may hold. Mail clients that drop style sheets see these alone.
#[derive(Debug, Clone)]
pub struct Styles {
    /// Attributes of an `mj-text` that holds prose.
    pub prose: String,
    /// Font, size and colour, for cells: Outlook does not hand them down into tables.
    pub cell: String,
    /// The side on which lines begin: `left` or `right`.
    pub start: &'static str,
    pub buttons: Buttons,
    /// The padding of a list.
    pub indent: &'static str,
    /// The same for a list that is written the other way.
    pub indent_against: &'static str,
    pub paragraph: &'static str,
    /// By level, 1 to 6, without the margin.
    pub headings: [String; 6],
    pub link: String,
    pub code: String,
    /// The same where it stands on a panel.
    pub code_in_panel: String,
    pub pre: String,
    pub panel: String,
    /// One that stands on another.
    pub panel_in_panel: String,
    pub quote: String,
    pub rule: String,
    pub head_cell: String,
    pub table_cell: String,
    pub small: String,
    /// The line colour in light mode.
    pub line: String,
    pub card: String,
    pub theme_link: String,
    pub font: String,
    /// Whether blocks say where they come from: see [`super::trace`].
    pub traced: bool,
}

/// Sizes of headings: the title and the levels below it, size and line height in pixels.
const HEADINGS: [(u32, u32); 6] = [(34, 40), (24, 30), (20, 26), (18, 24), (16, 24), (15, 22)];

impl Styles {
    /// `dir` is `ltr` or `rtl`: the side on which lines begin.
    pub fn new(theme: &Theme, dir: &str) -> Styles {
        let is_rtl = dir == "rtl";
        const INDENTS: [&str; 2] = ["0 0 0 24px", "0 24px 0 0"];
        let (start, [indent, indent_against], inset) = match is_rtl {
            true => ("right", [INDENTS[1], INDENTS[0]], "0 16px 0 0"),
            false => ("left", INDENTS, "0 0 0 16px"),
        };
        let Theme { size, font, mono_font, text, muted, link, line, card, .. } = theme;
        let leading = theme.leading();
        Styles {
            prose: format!(
                r#"css-class="c-text" align="{start}" padding="0px 32px" font-family="{}" font-size="{size}px" line-height="{leading}px" color="{}""#,
                attribute(font),
                text.light
            ),
            cell: format!(
                "font-family:{};font-size:{size}px;line-height:{leading}px;color:{}",
                attribute(font),
                text.light
            ),
            start,
            buttons: theme.buttons,
            indent,
            indent_against,
            paragraph: "margin:0 0 20px",
            headings: HEADINGS.map(|size| heading(theme, size)),
            link: format!("color:{};text-decoration:underline", link.light),
            code: code(theme, PANEL.0),
            code_in_panel: code(theme, &card.light),
            pre: format!(
                "margin:0;text-align:left;font-family:{};font-size:13px;line-height:20px;white-space:pre-wrap;word-break:break-word;color:{}",
                attribute(mono_font),
                text.light
            ),
            panel: panel(PANEL.0),
            panel_in_panel: panel(&card.light),
            quote: format!("border-{start}:3px solid {};padding:{inset}", line.light),
            rule: format!("border-top:1px solid {};font-size:1px;line-height:1px", line.light),
            head_cell: format!("border-bottom:2px solid {};padding:8px;vertical-align:bottom", line.light),
            table_cell: format!("border-bottom:1px solid {};padding:8px;vertical-align:top", line.light),
            small: format!("font-size:15px;line-height:22px;color:{}", muted.light),
            line: line.light.clone(),
            card: card.light.clone(),
            theme_link: link.light.clone(),
            font: attribute(font),
            traced: false,
        }
    }
}

fn panel(background: &str) -> String {
    format!("background-color:{background};padding:12px 16px;border-radius:4px")
}

fn code(theme: &Theme, background: &str) -> String {
    format!(
        "font-family:{};font-size:88%;background-color:{background};padding:1px 4px;border-radius:3px",
        attribute(&theme.mono_font)
    )
}

fn heading(theme: &Theme, (size, line_height): (u32, u32)) -> String {
    format!(
        "font-family:{};font-size:{size}px;line-height:{line_height}px;font-weight:700;color:{}",
        attribute(&theme.heading_font),
        theme.text.light
    )
}

/// A font stack in a `style="…"`: double quotes would end the attribute.
fn attribute(font: &str) -> String {
    font.replace('"', "'").replace(['<', '>', '&'], "")
}

/// Rules for dark mode and for phones. Gmail ignores the first and drops style sheets with at-rules inside
/// at-rules, so that none is nested; Outlook.com marks its dark mode with attributes instead of a query.
///
/// What no block of the `body` needs is left out.
pub fn sheet(theme: &Theme, body: &Body) -> String {
    let mut rules = dark_rules(theme);
    rules.extend(if body.has_colours() { code_rules() } else { Vec::new() });
    rules.extend(if body.has_own_texts() { own_rules(theme) } else { Vec::new() });
    let query: String =
        rules.iter().map(|(selectors, rule, _)| format!("{}{{{rule}}}", selectors.join(","))).collect();
    let outlook: String = rules
        .iter()
        .map(|(selectors, rule, is_background)| {
            let mark = if *is_background { "[data-ogsb]" } else { "[data-ogsc]" };
            let marked: Vec<String> = selectors.iter().map(|selector| format!("{mark} {selector}")).collect();
            format!("{}{{{rule}}}", marked.join(","))
        })
        .collect();
    let stack = if body.has_stacks() { STACK.replace("LINE", &theme.line.light) } else { String::new() };
    let (font, quiet) = (attribute(&theme.font), &theme.muted.light);
    format!(
        ":root{{color-scheme:light dark;supported-color-schemes:light dark}}\
         .c-text div,.c-text td{{overflow-wrap:break-word}}\
         .c-text img{{max-width:100%;height:auto}}\
         .c-image img{{width:auto!important;max-width:100%!important}}\
         .c-pad img,.c-hero img{{font-family:{font};font-size:15px;color:{quiet}}}\
         @media (max-width:480px){{{PHONE}{stack}}}\
         @media (prefers-color-scheme:dark){{{query}}}{outlook}"
    )
}

const PHONE: &str = ".c-text,.c-pad,.c-button{padding-left:20px!important;padding-right:20px!important}\
    .c-text div,.c-text td{font-size:16px!important;line-height:26px!important}\
    .c-title h1{font-size:26px!important;line-height:32px!important}\
    .c-text h2{font-size:22px!important;line-height:28px!important}\
    .c-text h3{font-size:19px!important;line-height:25px!important}\
    .c-text h4{font-size:17px!important}\
    .c-columns>table>tbody>tr>td{padding-left:0!important;padding-right:0!important}\
    .c-small div,.c-small td{font-size:13px!important;line-height:20px!important}";

/// Rows as cards: the heads go, each cell names its column, and the last one keeps its line.
const STACK: &str = ".c-stack table,.c-stack tbody,.c-stack tr,.c-stack td{display:block!important;width:auto!important}\
    .c-stack th{display:none!important}\
    .c-stack .c-label{display:inline!important;font-weight:700}\
    .c-stack td{text-align:inherit!important;padding:2px 0!important;border-bottom:0!important}\
    .c-stack tr{border-bottom:1px solid LINE;padding:8px 0!important}";

type Rule<'a> = (&'a [&'a str], String, bool);

/// The colours of code in dark mode.
fn code_rules() -> Vec<Rule<'static>> {
    const CLASSES: [&[&str]; 6] = [&[".k1"], &[".k2"], &[".k3"], &[".k4"], &[".k5"], &[".k6"]];
    let color = |role: Role| format!("color:{}!important", role.colours().1);
    Role::ALL.into_iter().zip(CLASSES).map(|(role, class)| (class, color(role), false)).collect()
}

/// Texts in MJML of the author, in dark mode.
fn own_rules(theme: &Theme) -> Vec<Rule<'static>> {
    let color = |pair: &Pair| format!("color:{}!important", pair.dark);
    vec![
        (&[".c-own div", ".c-own td"], color(&theme.text), false),
        (&[".c-own a"], color(&theme.link), false),
    ]
}

/// Selectors, declaration, and whether it colours the background.
fn dark_rules(theme: &Theme) -> Vec<Rule<'static>> {
    let color = |pair: &Pair| format!("color:{}!important", pair.dark);
    let background = |dark: &str| format!("background-color:{dark}!important");
    let border = |pair: &Pair| format!("border-color:{}!important", pair.dark);
    vec![
        (&["body", ".c-canvas"], background(&theme.canvas.dark), true),
        (&[".c-card", ".c-card>table"], background(&theme.card.dark), true),
        (&[".c-panel", ".c-code", ".c-band", ".c-band>table"], background(PANEL.1), true),
        (
            &[".c-panel .c-code", ".c-panel .c-panel", ".c-band .c-code", ".c-band .c-panel"],
            background(&theme.card.dark),
            true,
        ),
        (&[".c-quiet-button td", ".c-quiet-button a"], background(&theme.card.dark), true),
        (&[".c-quiet-button a"], color(&theme.link), false),
        (&[".c-quiet-button td", ".c-accent>table>tbody>tr>td"], border(&theme.link), false),
        (TEXT, color(&theme.text), false),
        (
            &[
                ".c-muted div",
                ".c-muted p",
                ".c-muted td",
                "ol.c-muted",
                "ol.c-muted li",
                ".c-text .c-quiet",
                ".c-pad img",
                ".c-hero img",
            ],
            color(&theme.muted),
            false,
        ),
        (&[".c-text a", ".c-text a code", ".c-pad a"], color(&theme.link), false),
        (&["td.c-muted a"], color(&theme.muted), false),
        (
            &[".c-line", ".c-line p", ".c-stack tr", ".c-text th", ".c-text td:not(.c-panel)"],
            border(&theme.line),
            false,
        ),
    ]
}

const TEXT: &[&str] = &[
    ".c-text div",
    ".c-text td",
    ".c-text th",
    ".c-text h1",
    ".c-text h2",
    ".c-text h3",
    ".c-text h4",
    ".c-text h5",
    ".c-text h6",
    ".c-text pre",
    ".c-text code",
    ".c-title h1",
];
