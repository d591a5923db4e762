//! Buttons that a thumb misses.

use super::excerpt;
use crate::check::markup::{Element, Mode, pixels};
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct TapTarget;

const ABOUT: About = About {
    id: "tap-target",
    what: "a button is less than 44 pixels high",
    why: "A thumb misses it, or hits what stands beside it.",
    source: "Apple Human Interface Guidelines; WCAG 2.5.8",
    fix: "give it more room: `inner-padding=\"12px 24px\"` at 20 pixels of `line-height`",
};

impl Rule for TapTarget {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let markup = &draft.page.markup;
        for (place, button) in markup.named("a").filter(|(_, link)| is_button(link)) {
            let Some(paint) = markup.paint(place, Mode::Light).filter(|paint| !paint.is_hidden) else {
                continue;
            };
            let Some(height) = height(button, paint.size) else { continue };
            let height = height + markup.around(place).next().map_or(0.0, borders);
            if height < LEAST {
                let message = format!("the button `{}` is {height:.0} pixels high", excerpt(&button.text));
                found.push(Finding::warning(self.id(), message).help(ABOUT.fix));
            }
        }
    }
}

/// In CSS pixels.
const LEAST: f64 = 44.0;

/// A link with a ground and room of its own.
fn is_button(link: &Element) -> bool {
    let is_block = link.declared("display").is_some_and(|each| each.value.contains("block"));
    let has_ground = ["background", "background-color"].iter().any(|name| {
        link.declared(name).is_some_and(|each| !matches!(each.value.as_str(), "none" | "transparent"))
    });
    is_block && has_ground && link.has_words()
}

/// Of a button with one line of text; `None` where the line's height cannot be told.
fn height(button: &Element, size: f64) -> Option<f64> {
    let line = &button.declared("line-height")?.value;
    let line = match line.parse::<f64>() {
        Ok(times) => times * size,
        Err(_) => pixels(line, size),
    };
    Some(line + borders(button) + padding(button, size))
}

/// Above and below, where they are as everywhere; those of the cell around a button belong to it.
fn borders(element: &Element) -> f64 {
    let border = element.declared("border");
    let width = border.and_then(|each| each.value.split_whitespace().find(|word| word.ends_with("px")));
    2.0 * width.map_or(0.0, |width| pixels(width, 16.0))
}

/// Above and below.
fn padding(button: &Element, size: f64) -> f64 {
    let mut sides = [0.0; 2];
    for each in &button.style {
        let values: Vec<f64> = each.value.split_whitespace().map(|value| pixels(value, size)).collect();
        match (each.name.as_str(), values.as_slice()) {
            ("padding", [all]) => sides = [*all; 2],
            ("padding", [upright, _]) => sides = [*upright; 2],
            ("padding", [top, _, bottom, ..]) => sides = [*top, *bottom],
            ("padding-top", [top]) => sides[0] = *top,
            ("padding-bottom", [bottom]) => sides[1] = *bottom,
            _ => {}
        }
    }
    sides.iter().sum()
}
