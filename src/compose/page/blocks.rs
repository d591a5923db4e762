//! Blocks → HTML elements.

use super::Writer;
use crate::compose::highlight;
use crate::compose::html::{direction, escape, escape_url, on_panels};
use crate::compose::markdown::lone::{Lone, links_of, lone, picture_first};
use crate::compose::markdown::markup_of_mjml;
use crate::compose::markdown::tree::{
    Align, Block, BlockKind, Callout, Container, Definition, Inline, InlineKind, Item, List, Note, Row, Side,
    Table,
};

impl Writer<'_> {
    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match &block.kind {
            BlockKind::Paragraph(text) => self.paragraph(text),
            BlockKind::Heading { level, id, text } => self.heading(*level, id, text),
            BlockKind::Quote(blocks) => self.within("<blockquote>", blocks, "</blockquote>"),
            BlockKind::Callout { kind, title, blocks } => self.callout(*kind, title, blocks),
            BlockKind::List(list) => self.list(list),
            BlockKind::Code { language, text } => self.code(language.as_deref(), text),
            BlockKind::Table(table) => self.table(table),
            BlockKind::Definitions(list) => self.definitions(list),
            BlockKind::Rule => self.line("<hr>"),
            BlockKind::Container(container, blocks) => self.container(container, blocks),
            BlockKind::Mjml(mjml) => {
                self.within_markup("<div class=\"aside\">", &markup_of_mjml(mjml), "</div>")
            }
            BlockKind::Html(html) => self.within_markup("<div class=\"raw\">", &on_panels(html), "</div>"),
            BlockKind::Wrapped { open, tag, blocks } => {
                self.within(&on_panels(open), blocks, &format!("</{tag}>"))
            }
            BlockKind::Logic(token) => self.line(&format!("<!--{token}-->")),
        }
    }

    fn within(&mut self, open: &str, blocks: &[Block], close: &str) {
        self.line(open);
        self.blocks(blocks);
        self.line(close);
    }

    fn within_markup(&mut self, open: &str, html: &str, close: &str) {
        self.push(open);
        self.push(html);
        self.line(close);
    }

    fn paragraph(&mut self, text: &[Inline]) {
        match lone(text) {
            Some(Lone::Image { image, link }) => self.figure(image, link, &[], "<figure>"),
            Some(Lone::Button { target, label }) => self.buttons(&[(target, label)], "button"),
            None => {
                let way = self.way(text);
                self.push(&format!("<p{way}>"));
                self.inlines(text);
                self.line("</p>");
            }
        }
    }

    /// The title stands above: the highest level of the text is the second of the page.
    fn heading(&mut self, level: u8, id: &str, text: &[Inline]) {
        let (tag, way) = ((level + 1).min(6), self.way(text));
        let id = if id.is_empty() { String::new() } else { format!(" id=\"{}\"", escape(id)) };
        self.push(&format!("<h{tag}{id}{way}>"));
        self.inlines(text);
        self.line(&format!("</h{tag}>"));
    }

    /// How words that run against the page's direction say so.
    fn way(&self, text: &[Inline]) -> &'static str {
        match (direction(text, self.marks), self.dir) {
            (Some("rtl"), "ltr") => " dir=\"rtl\"",
            (Some("ltr"), "rtl") => " dir=\"ltr\"",
            _ => "",
        }
    }

    /// The label says in words what the colour says.
    fn callout(&mut self, kind: Callout, title: &[Inline], blocks: &[Block]) {
        let label = self.words.callout(kind);
        self.push(&format!("<div class=\"callout {}\" role=\"note\">\n<p class=\"label\">", class(kind)));
        match title.is_empty() {
            true => self.push(&escape(label)),
            false => self.inlines(title),
        }
        self.line("</p>");
        self.blocks(blocks);
        self.line("</div>");
    }

    /// Whoever has no mouse scrolls long lines with the keys, and so has to get there.
    fn code(&mut self, language: Option<&str>, text: &str) {
        self.push("<pre dir=\"ltr\" tabindex=\"0\"><code>");
        for (role, piece) in highlight::pieces(language.unwrap_or_default(), text) {
            match role {
                Some(role) => {
                    self.push(&format!("<span class=\"{}\">{}</span>", role.class(), escape(piece)))
                }
                None => self.push(&escape(piece)),
            }
        }
        self.line("</code></pre>");
    }

    fn list(&mut self, list: &List) {
        let tag = if list.start.is_some() { "ol" } else { "ul" };
        let start = list.start.filter(|start| *start != 1).map(|start| format!(" start=\"{start}\""));
        let is_tasks = !list.items.is_empty() && list.items.iter().all(|item| item.task.is_some());
        let tasks = if is_tasks { " class=\"tasks\"" } else { "" };
        let way = match list.items.first().and_then(|item| item.blocks.first()).map(|block| &block.kind) {
            Some(BlockKind::Paragraph(text)) => self.way(text),
            _ => "",
        };
        self.line(&format!("<{tag}{}{tasks}{way}>", start.unwrap_or_default()));
        for item in &list.items {
            self.item(item, list.tight);
        }
        self.line(&format!("</{tag}>"));
    }

    fn item(&mut self, item: &Item, tight: bool) {
        let tick = match item.task {
            Some(true) => "\u{2611} ",
            Some(false) => "\u{2610} ",
            None => "",
        };
        self.push("<li>");
        let mut blocks = item.blocks.as_slice();
        match blocks {
            [Block { kind: BlockKind::Paragraph(text), .. }, rest @ ..] if lone(text).is_none() => {
                let way = self.way(text);
                self.push(if tight { "" } else { "<p>" });
                self.push(tick);
                match way.is_empty() {
                    true => self.inlines(text),
                    false => {
                        self.push(&format!("<span{way}>"));
                        self.inlines(text);
                        self.push("</span>");
                    }
                }
                self.push(if tight { "" } else { "</p>" });
                blocks = rest;
            }
            _ => self.push(tick),
        }
        if !blocks.is_empty() {
            self.push("\n");
            self.blocks(blocks);
        }
        self.line("</li>");
    }

    fn definitions(&mut self, list: &[Definition]) {
        self.line("<dl>");
        for definition in list {
            match definition {
                Definition::Term(text) => {
                    self.push("<dt>");
                    self.inlines(text);
                    self.line("</dt>");
                }
                Definition::Detail(blocks) => self.within("<dd>", blocks, "</dd>"),
            }
        }
        self.line("</dl>");
    }

    fn table(&mut self, table: &Table) {
        self.line("<div class=\"table\" tabindex=\"0\">\n<table>");
        if table.head.iter().any(|cell| !cell.is_empty()) {
            self.line("<thead>");
            self.row(&table.head, table, "th");
            self.line("</thead>");
        }
        self.line("<tbody>");
        for row in &table.rows {
            self.row(row, table, "td");
        }
        self.line("</tbody>\n</table>\n</div>");
    }

    fn row(&mut self, row: &Row, table: &Table, tag: &str) {
        self.push("<tr>");
        for (column, cell) in row.iter().enumerate() {
            let align = match table.columns.get(column) {
                Some(Align::Center) => " class=\"center\"",
                Some(Align::Right) => " class=\"right\"",
                Some(Align::Left) => " class=\"left\"",
                Some(Align::None) | None => "",
            };
            // An empty head is the head of nothing.
            let (tag, scope) = match (tag, cell.is_empty()) {
                ("th", false) => ("th", " scope=\"col\""),
                _ => ("td", ""),
            };
            self.push(&format!("<{tag}{scope}{align}>"));
            self.inlines(cell);
            self.push(&format!("</{tag}>"));
        }
        self.line("</tr>");
    }

    fn container(&mut self, container: &Container, blocks: &[Block]) {
        match container {
            Container::Button { side, quiet } => {
                let side = side.map_or("", side_class);
                let class = format!("button{side}{}", if *quiet { " quiet" } else { "" });
                blocks.iter().for_each(|block| self.button_block(block, &class));
            }
            Container::Columns => self.within("<div class=\"columns\">", blocks, "</div>"),
            Container::Column { width } => {
                let width = width.map(|width| format!(" style=\"flex-basis:{width}%\"")).unwrap_or_default();
                self.within(&format!("<div class=\"column\"{width}>"), blocks, "</div>");
            }
            Container::Divider if blocks.is_empty() => self.line("<hr class=\"short\">"),
            Container::Divider => self.within("<div class=\"divider\">", blocks, "</div>"),
            Container::Figure => self.captioned(blocks, "<figure>"),
            Container::Hero => self.hero(blocks),
            Container::Section => self.within("<div class=\"band\">", blocks, "</div>"),
        }
    }

    fn button_block(&mut self, block: &Block, class: &str) {
        match links_of(block) {
            Some(links) => self.buttons(&links, class),
            None => self.block(block),
        }
    }

    fn buttons(&mut self, links: &[(&str, &[Inline])], class: &str) {
        self.push(&format!("<p class=\"{class}\">"));
        for (index, (target, label)) in links.iter().enumerate() {
            self.push(if index > 0 { " " } else { "" });
            self.push(&format!("<a href=\"{}\">", escape_url(target, self.marks)));
            self.inlines(label);
            self.push("</a>");
        }
        self.line("</p>");
    }

    /// The picture, and what follows it as words of its own.
    fn hero(&mut self, blocks: &[Block]) {
        let (first, rest) = picture_first(blocks);
        if let Some((image, link)) = first {
            self.figure(image, link, &[], "<figure class=\"hero\">");
        }
        self.blocks(rest);
    }

    fn captioned(&mut self, blocks: &[Block], open: &str) {
        match picture_first(blocks) {
            (Some((image, link)), caption) => self.figure(image, link, caption, open),
            (None, blocks) => self.within(open, blocks, "</figure>"),
        }
    }

    /// Its title and `caption` stand below it.
    fn figure(&mut self, image: &Inline, link: Option<&str>, caption: &[Block], open: &str) {
        let InlineKind::Image { target, title, alt, width } = &image.kind else { return };
        self.push(open);
        if let Some(link) = link {
            self.push(&format!("<a href=\"{}\">", escape_url(link, self.marks)));
        }
        self.image(target, "", alt, *width);
        self.push(if link.is_some() { "</a>" } else { "" });
        if !title.is_empty() || !caption.is_empty() {
            self.push("<figcaption>");
            self.push(&escape(&self.marks.fill_constants(title)));
            self.blocks(caption);
            self.push("</figcaption>");
        }
        self.line("</figure>");
    }

    /// A number each, and a way back to every place that refers to it.
    pub(super) fn notes(&mut self, notes: &[Note]) {
        if notes.is_empty() {
            return;
        }
        let title = escape(self.words.notes);
        self.line(&format!("<section class=\"notes\">\n<h2>{title}</h2>\n<ol>"));
        for (index, note) in notes.iter().enumerate() {
            let number = index + 1;
            self.push(&format!("<li id=\"{}-{number}\">", self.notes));
            match note.blocks.as_slice() {
                [Block { kind: BlockKind::Paragraph(text), .. }] if lone(text).is_none() => {
                    self.inlines(text)
                }
                blocks => self.blocks(blocks),
            }
            self.ways_back(number, note.references);
            self.line("</li>");
        }
        self.line("</ol>\n</section>");
    }

    /// On the last line of the note.
    fn ways_back(&mut self, number: usize, references: usize) {
        let end = if self.out.ends_with("</p>\n") { "</p>\n" } else { "" };
        self.out.truncate(self.out.len() - end.len());
        for reference in 1..=references {
            let id = self.reference_id(number, reference);
            self.push(&format!(
                "\u{a0}<a href=\"#{id}\" aria-label=\"{number} \u{21a9}\">\u{21a9}\u{fe0e}</a>"
            ));
        }
        self.push(end);
    }
}

fn side_class(side: Side) -> &'static str {
    match side {
        Side::Left => " left",
        Side::Center => " center",
        Side::Right => " right",
    }
}

fn class(kind: Callout) -> &'static str {
    match kind {
        Callout::Note => "note",
        Callout::Tip => "tip",
        Callout::Important => "important",
        Callout::Warning => "warning",
        Callout::Caution => "caution",
    }
}
