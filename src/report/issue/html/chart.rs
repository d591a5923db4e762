//! Charts as SVG, drawn by `plotters`. It knows only fixed colours: each of ours is drawn as a number that stands for
//! a variable of the page's style, and becomes that variable afterwards, so that a chart is dark where the page is.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{RGBColor, TextStyle};

use super::drawings::{self, Drawing, Kind, Unit, number};
use crate::report::issue::text::cut;

/// In units that are pixels where the page is as wide.
pub const WIDE: u32 = 900;
pub const NARROW: u32 = 340;

/// Of a label in pixels, and what it is wide for each character.
const FONT: f64 = 12.5;
const LETTER: f64 = 7.6;

/// The height of a bar with its gap.
const BAR: u32 = 26;

/// The widest column, in pixels.
const WIDEST: f64 = 64.0;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The variables of the style, in the order of the colours that stand for them.
const PAINTS: [&str; 14] = [
    "ink",
    "line",
    "soft",
    "accepted",
    "delivered",
    "deferred",
    "refused",
    "bounced",
    "complained",
    "unsubscribed",
    "opened",
    "clicked",
    "planned",
    "other",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    pub fn of(drawing: &Drawing, width: u32) -> Size {
        let bars = u32::try_from(drawing.labels.len()).unwrap_or(u32::MAX / BAR - 1);
        let height = match drawing.kind {
            Kind::Bars => bars * BAR + 8,
            Kind::Columns | Kind::Lines if width == WIDE => 250,
            Kind::Columns | Kind::Lines => 200,
        };
        Size { width, height }
    }
}

fn paint(name: &str) -> RGBColor {
    let name = drawings::paint(name);
    let place = PAINTS.iter().position(|paint| *paint == name).expect("every series has its colour");
    RGBColor(0, 0, u8::try_from(place + 1).expect("there are few paints"))
}

/// The drawing as a picture with a text, in the colours of the page.
pub fn framed(drawn: &str, class: &str, label: &str, size: Size) -> String {
    let inside = drawn.split_once(">\n").map_or("", |(_, inside)| inside);
    let mut svg = format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{label}\">\n{inside}",
        size.width, size.height
    );
    for (place, name) in PAINTS.iter().enumerate() {
        svg = svg.replace(&format!("\"#0000{:02X}\"", place + 1), &format!("\"var(--{name})\""));
    }
    svg.replace(" opacity=\"1\"", "").replace(" font-family=\"sans-serif\"", "")
}

/// Draws into memory.
fn drawn(size: Size, draw: impl FnOnce(&Area<'_>)) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (size.width, size.height)).into_drawing_area();
        draw(&area);
        area.present().expect("memory takes all");
    }
    svg
}

/// `plotters` writes a size that is this much smaller.
fn font(name: &str, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    let style = TextStyle::from(("sans-serif", FONT * 1.24).into_font());
    TextStyle { color: paint(name).to_backend_color(), ..style }.pos(Pos::new(horizontal, vertical))
}

/// One bar below the other, each with its label before and its number behind it.
pub fn bars(drawing: &Drawing, size: Size) -> String {
    let sums = sums(drawing);
    let most = sums.iter().copied().fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let letters = if size.width == WIDE { 26 } else { 15 };
    let (left, right) = (label_width(&drawing.labels, letters), number_width(drawing, &sums));
    let room = f64::from(size.width) - left - right;
    drawn(size, |area| {
        for (place, sum) in sums.iter().enumerate() {
            let top = 4 + i32::try_from(place).expect("bars are few") * BAR as i32;
            let middle = top + BAR as i32 / 2;
            let label = cut(&drawing.labels[place], letters);
            write(area, &label, (left as i32 - 8, middle), font("ink", HPos::Right, VPos::Center));
            let mut from = left;
            for (name, numbers) in &drawing.series {
                let to = from + numbers[place] / most * room;
                block(
                    area,
                    name,
                    (from, f64::from(top + 4)),
                    (seen(from, to), f64::from(top + BAR as i32 - 4)),
                );
                from = to;
            }
            let end = left + sum / most * room + 6.0;
            write(
                area,
                &number(drawing.unit, *sum),
                (end as i32, middle),
                font("soft", HPos::Left, VPos::Center),
            );
        }
    })
}

/// What there is of it can be seen.
fn seen(from: f64, to: f64) -> f64 {
    if to > from { to.max(from + 1.5) } else { to }
}

fn sums(drawing: &Drawing) -> Vec<f64> {
    let sum = |place: usize| drawing.series.iter().map(|(_, numbers)| numbers[place]).sum();
    (0..drawing.labels.len()).map(sum).collect()
}

fn label_width(labels: &[String], most: usize) -> f64 {
    let longest = labels.iter().map(|label| label.chars().count().min(most)).max().unwrap_or_default();
    longest as f64 * LETTER + 12.0
}

fn number_width(drawing: &Drawing, sums: &[f64]) -> f64 {
    let longest = sums.iter().map(|sum| number(drawing.unit, *sum).chars().count()).max().unwrap_or_default();
    longest as f64 * LETTER + 12.0
}

fn block(area: &Area<'_>, name: &str, from: (f64, f64), to: (f64, f64)) {
    if to.0 > from.0 && to.1 > from.1 {
        let pixel = |(x, y): (f64, f64)| (x.round() as i32, y.round() as i32);
        let block = Rectangle::new([pixel(from), pixel(to)], paint(name).filled());
        area.draw(&block).expect("memory takes all");
    }
}

fn write(area: &Area<'_>, text: &str, at: (i32, i32), style: TextStyle<'static>) {
    area.draw(&Text::new(text.to_owned(), at, style)).expect("memory takes all");
}

/// One column beside the other, stacked; what is negative hangs below the line.
pub fn columns(drawing: &Drawing, size: Size) -> String {
    let high = stacked(drawing, |number| number.max(0.0));
    let low = stacked(drawing, |number| number.min(0.0));
    let half = half(drawing, size);
    drawn(size, |area| {
        let top = high.iter().copied().fold(0.0, f64::max).max(1.0);
        let mut chart = axes(area, drawing, (low.iter().copied().fold(0.0, f64::min), top));
        for place in 0..drawing.labels.len() {
            let (mut up, mut down) = (0.0, 0.0);
            for (name, numbers) in &drawing.series {
                let from = if numbers[place] < 0.0 { &mut down } else { &mut up };
                let to = *from + numbers[place];
                let sides = (place as f64 + 0.5 - half, place as f64 + 0.5 + half);
                let column = Rectangle::new([(sides.0, *from), (sides.1, to)], paint(name).filled());
                if to != *from {
                    chart.draw_series([column]).expect("memory takes all");
                }
                *from = to;
            }
        }
    })
}

/// Half of a column, of the room that it has: a lonely one is no wall.
fn half(drawing: &Drawing, size: Size) -> f64 {
    let room = f64::from(size.width) / drawing.labels.len().max(1) as f64;
    (WIDEST / 2.0 / room).min(0.38)
}

fn stacked(drawing: &Drawing, part: impl Fn(f64) -> f64) -> Vec<f64> {
    let sum = |place: usize| drawing.series.iter().map(|(_, numbers)| part(numbers[place])).sum();
    (0..drawing.labels.len()).map(sum).collect()
}

/// A line for each series, with a point for each label.
pub fn lines(drawing: &Drawing, size: Size) -> String {
    let all = drawing.series.iter().flat_map(|(_, numbers)| numbers);
    let top = all.copied().fold(0.0, f64::max);
    drawn(size, |area| {
        let mut chart = axes(area, drawing, (0.0, if top > 0.0 { top } else { 0.01 }));
        for (name, numbers) in &drawing.series {
            let points: Vec<(f64, f64)> =
                numbers.iter().enumerate().map(|(place, number)| (place as f64 + 0.5, *number)).collect();
            let marks =
                points.iter().map(|point| Circle::new(*point, 4, paint(name).filled())).collect::<Vec<_>>();
            chart
                .draw_series([PathElement::new(points, paint(name).stroke_width(2))])
                .expect("memory takes all");
            chart.draw_series(marks).expect("memory takes all");
        }
    })
}

type Plane<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
>;

/// A plane with lines across at round numbers, and as many labels below as fit.
fn axes<'a, 'b>(area: &'a Area<'b>, drawing: &Drawing, (low, high): (f64, f64)) -> Plane<'a, 'b> {
    let margin = (high - low) * 0.06;
    let low = if low < 0.0 { low - margin } else { 0.0 };
    let mut chart = ChartBuilder::on(area)
        .margin_top(10)
        .margin_right(6)
        .x_label_area_size(24)
        .y_label_area_size(54)
        .build_cartesian_2d(0.0..drawing.labels.len() as f64, low..high + margin)
        .expect("memory takes all");
    let marks = if drawing.unit == Unit::Letters { (high as usize + 1).clamp(2, 5) } else { 5 };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .y_labels(marks)
        .y_max_light_lines(1)
        .bold_line_style(paint("line"))
        .light_line_style(TRANSPARENT)
        .axis_style(paint("line"))
        .label_style(font("soft", HPos::Right, VPos::Center))
        .y_label_formatter(&|value| mark(drawing.unit, *value))
        .draw()
        .expect("memory takes all");
    labels_below(area, &chart, drawing, low);
    chart
}

/// A round number on an axis; nothing where a letter would be cut.
fn mark(unit: Unit, value: f64) -> String {
    match (unit, value.abs()) {
        (Unit::Share, _) => format!("{} %", rounded(value * 100.0)),
        (Unit::Letters, much) if much >= 1e6 => format!("{}M", rounded(value.abs() / 1e6)),
        (Unit::Letters, much) if much >= 1e4 => format!("{}k", rounded(value.abs() / 1e3)),
        (Unit::Letters, some) if some.fract() > 1e-6 => String::new(),
        (Unit::Letters | Unit::Seconds, _) => number(unit, value),
    }
}

/// At most two digits behind the point, and no zeros at the end.
fn rounded(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn labels_below(area: &Area<'_>, chart: &Plane<'_, '_>, drawing: &Drawing, low: f64) {
    let (width, _) = area.dim_in_pixel();
    let longest = drawing.labels.iter().map(|label| label.chars().count().min(16)).max().unwrap_or(1);
    let fit = (f64::from(width.saturating_sub(60)) / (longest as f64 * LETTER + 14.0)).max(1.0) as usize;
    let every = drawing.labels.len().div_ceil(fit).max(1);
    for (place, label) in drawing.labels.iter().enumerate().step_by(every) {
        let (x, y) = chart.backend_coord(&(place as f64 + 0.5, low));
        let label = cut(label, 16);
        let half = (label.chars().count() as f64 * LETTER / 2.0) as i32;
        let x = x.min(i32::try_from(width).unwrap_or(i32::MAX) - half);
        write(area, &label, (x, y + 8), font("soft", HPos::Center, VPos::Top));
    }
}
