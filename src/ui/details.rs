//! What is on the canvas, in words: the edit, its settings, what it changed, what is compared.
//!
//! Draws text only. Invariant: what is said here is said nowhere shorter without being whole here,
//! as far as the room allows.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use unicode_width::UnicodeWidthStr as _;

use super::Ui;
use super::cells::{pieces, put, shortened, wrapped};
use super::clauses::{self, BETWEEN};
use super::compare::Compare;
use super::facts;
use super::frame::Crop;
use super::layout::arrange::third;
use super::layout::{Layout, WORDED, split_rows};
use super::mode::Mode;
use super::overlay::about;
use super::pane::Pane;
use super::panes::tree;
use super::theme::{Mark, Theme};
use super::title::{is_worded, shown, with_words, zoomed};
use crate::app::compare::{HealPreview, Pair, REST};
use crate::app::model::Model;
use crate::tree::{Node, PictureRef};

/// Rows for words and settings, however few they are; where the words stand above the picture, for
/// the others. In fewer columns they have a row more.
const LEAST: usize = 5;
const NARROW: usize = 18;
const LEAST_FACTS: usize = 3;
const FEW_COLUMNS: usize = 30;
/// What else is known is told where so many rows are left.
const MORE: usize = 5;

/// From barely to very different: the colours of the heat map.
pub const GLOW: [[u8; 3]; 4] = [[90, 20, 110], [210, 50, 70], [250, 150, 30], [255, 245, 160]];
const BAR: char = '█';

struct Line {
    text: String,
    style: Style,
    /// Colours of its bar, from its beginning on.
    glow: Vec<Color>,
    /// The next one goes on with its last clause.
    goes_on: bool,
}

impl Line {
    fn new(text: String, style: Style) -> Self {
        Self { text, style, glow: Vec::new(), goes_on: false }
    }
}

/// The block, laid out once a frame.
pub struct Block {
    lines: Vec<Line>,
    /// The words of the picture are whole in it, above the picture, or below the whole tree.
    pub has_words: bool,
}

impl Block {
    pub fn of(layout: &Layout, model: &Model, ui: &Ui) -> Self {
        let body = body(inside(layout, ui));
        let (columns, rows) = (usize::from(body.width), usize::from(body.height));
        let (lines, has_words) = match rows {
            0 => (Vec::new(), ui.is_alone(tree::PANE.id)),
            1 => {
                let (all, has_words) = lines(layout, model, ui, (usize::MAX, 3));
                let line = joined(all, columns.saturating_sub(1));
                let is_whole = !line.first().is_some_and(|it| it.text.ends_with('…'));
                (line, has_words && is_whole)
            }
            _ => {
                let (all, has_words) = lines(layout, model, ui, (columns, rows));
                (whole(all, rows), has_words)
            }
        };
        Self { lines, has_words }
    }

    /// As many as have words.
    pub fn rows(&self) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX)
    }
}

/// Without the title, where that stands in its first row.
pub fn inside(layout: &Layout, ui: &Ui) -> Rect {
    match has_title(layout, ui) || layout.details.height < 2 {
        true => layout.details,
        false => split_rows(layout.details, 1).1,
    }
}

fn body(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area }
}

/// Draws it where it was laid out for.
pub fn draw(area: Rect, buffer: &mut Buffer, block: &Block) {
    let body = body(area);
    for (y, line) in (0..body.height).zip(&block.lines) {
        put(buffer, body, 0, y, &line.text, line.style);
        let bar = line.text.chars().zip(body.x..).filter(|(sign, _)| *sign == BAR);
        for ((_, x), colour) in bar.zip(&line.glow) {
            if let Some(cell) = buffer.cell_mut((x, body.y + y)) {
                cell.set_fg(*colour);
            }
        }
    }
}

/// As much of all of them as is whole in one row.
fn joined(mut lines: Vec<Line>, columns: usize) -> Vec<Line> {
    let words: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let text = shortened(&words.join(BETWEEN), BETWEEN, columns);
    lines.truncate(1);
    lines.into_iter().map(|first| Line { text: text.clone(), ..first }).collect()
}

/// As many as there are rows, without a clause that would not be whole; one that is more than all
/// rows is cut.
fn whole(mut lines: Vec<Line>, rows: usize) -> Vec<Line> {
    if lines.len() <= rows {
        return lines;
    }
    let ends = lines.iter().take(rows).rposition(|line| !line.goes_on);
    lines.truncate(ends.map_or(rows, |last| last + 1));
    if let Some(last) = lines.last_mut() {
        match ends {
            Some(_) => last.text = clauses::bare(&last.text).to_owned(),
            None => last.text.push('…'),
        }
    }
    lines
}

/// Rows that it wants, with the title where the canvas has no room for it; the same before and after
/// the picture is measured, its price is billed, and it is compared. `None` while it is not loaded: all
/// stays.
pub fn rows(layout: &Layout, model: &Model, ui: &Ui) -> Option<u16> {
    let width = usize::from(layout.details.width.saturating_sub(1)).max(1);
    let of = ui.seen(model)?;
    let node = model.nodes.get(&of.node)?;
    let billed = |_| facts::price(node, node.cost.unwrap_or_default(), true);
    let columns = title_columns(layout, ui);
    let is_above = zoomed(ui).is_none() && columns.is_some_and(|it| is_worded(model, ui, of, it));
    let words = node.recipe.as_ref().filter(|_| !is_above);
    let id = begins_with(layout, ui, node);
    let id_of_facts = id.as_ref().filter(|_| words.is_none());
    let rows = |price| pieces(&timed(model, (id_of_facts, node), of, price, width), width).len();
    let facts = rows(node.recipe.as_ref().map(billed)).max(rows(facts::told_price(node)));
    let words = words.map_or(0, |_| wrapped(&named(id.as_ref(), &node.caption()), width).len());
    let of_mode = of_mode(model, ui, width).map_or(0, |lines| lines.len());
    let map = map(model, ui, of, width).len();
    let all = (map + words + facts).max(of_mode);
    // What is below stays where it is from picture to picture, but for long words.
    let title = usize::from(!has_title(layout, ui));
    let third = usize::from(third(layout.room(true).beside));
    let least = match (columns, width) {
        (None, 0..NARROW) => LEAST + 1 + title,
        (None, _) => (LEAST + title).min(third),
        // As many as what is compared takes.
        (Some(_), _) => LEAST_FACTS + usize::from(width < FEW_COLUMNS || title == 0) + title,
    };
    Some(u16::try_from(least.max(all + title)).unwrap_or(u16::MAX))
}

/// Its number, where the title stands elsewhere or names two.
fn begins_with(layout: &Layout, ui: &Ui, node: &Node) -> Option<String> {
    (ui.comparing.mode.is_pair() || has_title(layout, ui)).then(|| node.id.to_string())
}

fn named(id: Option<&String>, words: &str) -> String {
    id.map_or_else(|| words.to_owned(), |id| format!("{id} {words}"))
}

/// The canvas has a row for the title of what it shows.
pub fn has_title(layout: &Layout, ui: &Ui) -> bool {
    let canvas = layout.slot(Pane::CANVAS);
    canvas.is_none_or(|canvas| !ui.screen.shape.rows_of(canvas).title.is_empty())
}

/// Columns of the title, where words go into it: above the picture, or above a wide block.
fn title_columns(layout: &Layout, ui: &Ui) -> Option<u16> {
    let title = ui.screen.shape.rows_of(layout.slot(Pane::CANVAS)?).title;
    let title = if title.is_empty() { layout.details } else { title };
    (title.width >= WORDED).then_some(title.width)
}

fn folded(text: &str, width: usize, style: Style) -> Vec<Line> {
    wrapped(text, width).into_iter().map(|line| Line::new(line, style)).collect()
}

/// What a mode tells instead of the picture's own words.
fn of_mode(model: &Model, ui: &Ui, width: usize) -> Option<Vec<Line>> {
    let theme = ui.theme();
    match &ui.mode {
        Mode::Heal(healing) => {
            let is_it = |preview: &&HealPreview| {
                preview.child == healing.child && preview.strength == healing.strength
            };
            let preview = model.comparisons.heal_preview.as_ref().filter(is_it);
            let (words, style) = match (preview, healing.refused_in_words(model)) {
                (_, Some(words)) => {
                    (format!("{} {words}", theme.mark(Mark::Warned)), theme.warning())
                }
                _ if healing.is_bare => ("before".into(), theme.text()),
                (Some(preview), None) => {
                    (format!("kept from the edit: {}", preview.description), theme.text())
                }
                (None, None) => ("healing…".into(), theme.text()),
            };
            Some(in_clauses(&[words], width, style))
        }
        Mode::Region(region) => {
            let words = pieces(&region.words(), width).into_iter();
            Some(words.map(|line| Line::new(line, theme.text())).collect())
        }
        Mode::Pane | Mode::OneShot | Mode::Prefix(_) | Mode::EditField(_) | Mode::Sheet(_) => None,
    }
}

/// In so many columns and rows; and whether the words of the picture are whole here or above it.
fn lines(
    layout: &Layout,
    model: &Model,
    ui: &Ui,
    (width, rows): (usize, usize),
) -> (Vec<Line>, bool) {
    let theme = ui.theme();
    let Some(current) = ui.seen(model) else {
        return (Vec::new(), true);
    };
    if let Some(lines) = of_mode(model, ui, width) {
        return (lines, true);
    }
    let of = shown(model, ui, current);
    let Some(node) = model.nodes.get(&of.node) else {
        return (vec![Line::new("loading…".into(), theme.dim())], true);
    };
    let columns = title_columns(layout, ui);
    let is_above = columns.is_some_and(|columns| with_words(model, ui, columns).is_some());
    // What is being made has taken their place: some of the facts give way, and nothing moves.
    let is_displaced =
        !is_above && columns.is_some_and(|columns| is_worded(model, ui, of, columns));
    let is_compared = ui.compare_with(model).is_some();
    let has_words = node.recipe.is_some() && !is_above && !is_compared;
    // In one row all of it is.
    let id = begins_with(layout, ui, node).filter(|_| width < usize::MAX);
    let id_of_facts = id.as_ref().filter(|_| !has_words);
    let facts = timed(model, (id_of_facts, node), of, facts::told_price(node), width);
    let facts = pieces(&facts, width).into_iter();
    let facts: Vec<Line> = facts.map(|line| Line::new(line, theme.dim())).collect();
    let mut lines = map(model, ui, of, width);
    if is_compared {
        let room = (width, rows.saturating_sub(lines.len()));
        lines.extend(of_two(layout, model, ui, (of, node), room));
        return (lines, true);
    }
    let words = match has_words {
        true => folded(&named(id.as_ref(), &node.caption()), width, Style::new()),
        false => Vec::new(),
    };
    let kept = lines.len() + if is_displaced { 1 } else { facts.len() };
    let room = rows.saturating_sub(kept).max(1);
    let is_whole = words.len() <= room;
    lines.extend(begun(words, room));
    let left = if is_displaced { rows.saturating_sub(lines.len()) } else { facts.len() };
    lines.extend(facts.into_iter().take(left));
    let left = rows.saturating_sub(lines.len());
    lines.extend(told(model, ui, node, (width, left)));
    // Beside the whole tree there is room for what else is known.
    let left = rows.saturating_sub(lines.len());
    let is_roomy = ui.is_alone(tree::PANE.id) && left >= MORE;
    let more = if is_roomy { about::besides(model, node, width) } else { Vec::new() };
    lines.extend(more.into_iter().take(left).map(|line| Line::new(line, theme.dim())));
    (lines, is_whole)
}

/// What one compares for comes first, below what is seen; how it was made, as far as there is room.
fn of_two(
    layout: &Layout,
    model: &Model,
    ui: &Ui,
    (of, node): (PictureRef, &Node),
    (width, rows): (usize, usize),
) -> Vec<Line> {
    let theme = ui.theme();
    let has_head = has_title(layout, ui) && width < usize::MAX;
    let is_heat = ui.comparing.mode == Compare::Heat;
    let legend = if is_heat { legend(width, theme) } else { Vec::new() };
    let found = |rows: usize| told(model, ui, node, (width, rows.saturating_sub(legend.len())));
    // No figure gives way to it.
    let [whole, below] = [rows, rows.saturating_sub(1)].map(|rows| figures(&found(rows)));
    let head = seen(model, ui, of, width).filter(|_| has_head && below == whole);
    let id = begins_with(layout, ui, node).filter(|_| width < usize::MAX);
    // What is seen alone is named by the head.
    let id = id.filter(|_| head.is_none() || ui.comparing.mode.is_pair());
    let mut facts = timed(model, (id.as_ref(), node), of, facts::told_price(node), width);
    let size = model.picture(of).map(facts::size).filter(|_| head.is_some());
    facts.retain(|fact| Some(fact) != size.as_ref());
    let found = found(rows.saturating_sub(usize::from(head.is_some())));
    let head = head.map(|text| Line::new(text, theme.dim()));
    let mut lines: Vec<Line> = head.into_iter().chain(legend).chain(found).collect();
    let both = both(model, ui, width);
    let left = rows.saturating_sub(lines.len());
    match both.len() <= left {
        true => lines.extend(both),
        false => {
            // The row that parts all of it from what is below is for what was found only.
            let left = left.saturating_sub(usize::from(has_title(layout, ui)));
            let facts = pieces(&facts, width).into_iter().take(left);
            lines.extend(facts.map(|line| Line::new(line, theme.dim())));
        }
    }
    lines
}

/// Digits in the words.
fn figures(lines: &[Line]) -> usize {
    lines.iter().flat_map(|line| line.text.chars()).filter(char::is_ascii_digit).count()
}

/// `n27 · 600×400`: what is seen, and how large it is; of two at once both, where they go into a row.
fn seen(model: &Model, ui: &Ui, of: PictureRef, width: usize) -> Option<String> {
    let told = |of: PictureRef, between: &str| {
        Some(format!("{}{between}{}", model.name(of), facts::size(model.picture(of)?)))
    };
    let text = match ui.compare_with(model).filter(|_| ui.comparing.mode.is_pair()) {
        Some(before) => format!("{}{BETWEEN}{}", told(before, " ")?, told(of, " ")?),
        None => told(of, BETWEEN)?,
    };
    Some(text).filter(|text| text.width() <= width)
}

/// The two that are compared, each with its words and its facts.
fn both(model: &Model, ui: &Ui, width: usize) -> Vec<Line> {
    let theme = ui.theme();
    let pair = ui.compare_with(model).into_iter().chain(model.current);
    let known = pair.filter_map(|of| Some((of, model.nodes.get(&of.node)?)));
    let of_one = |(of, node): (PictureRef, &Node)| {
        let mut lines = vec![Line::new(String::new(), theme.text())];
        lines.extend(folded(&format!("{} {}", node.id, node.caption()), width, theme.text()));
        let facts = timed(model, (None, node), of, facts::told_price(node), width);
        let facts = pieces(&facts, width);
        lines.extend(facts.into_iter().map(|line| Line::new(line, theme.dim())));
        lines
    };
    known.flat_map(of_one).collect()
}

/// The heat map's colours, in these colours where the terminal has them.
fn legend(width: usize, theme: Theme) -> Vec<Line> {
    let glow: Option<Vec<Color>> = GLOW.into_iter().map(|rgb| theme.exactly(rgb)).collect();
    let Some(glow) = glow else {
        let forms = ["dark: changed less, bright: more", "dark less, bright more"];
        let form = forms.into_iter().find(|form| form.width() <= width);
        return vec![Line::new(form.unwrap_or("dark to bright").into(), theme.dim())];
    };
    let glow = glow.into_iter().flat_map(|colour| [colour; 2]).collect();
    let bar = BAR.to_string().repeat(2 * GLOW.len());
    let text = Some(format!("less {bar} more")).filter(|text| text.width() <= width).unwrap_or(bar);
    vec![Line { glow, ..Line::new(text, theme.dim()) }]
}

/// Which part of a zoomed picture is seen.
fn map(model: &Model, ui: &Ui, of: PictureRef, width: usize) -> Vec<Line> {
    let part = || {
        let picture = model.picture(of)?;
        let screen = ui.screen();
        let canvas = screen.layout()?.slot(Pane::CANVAS)?;
        let slot = screen.shape.rows_of(canvas).picture;
        ui.zoom.part((picture.width, picture.height), slot, ui.graphics.cell)
    };
    let is_part = |part: &Crop| (part.width, part.height) != part.of;
    let Some(part) = part().filter(is_part) else { return Vec::new() };
    let (seen, rest) = if ui.theme().ascii { ('#', '.') } else { ('█', '░') };
    let words = [
        format!("{}×{}", part.width, part.height),
        format!("at {}, {}", part.x, part.y),
        format!("of {}×{}", part.of.0, part.of.1),
    ];
    let drawn = part.map(seen, rest).into_iter().zip(&words);
    let lines: Vec<String> = drawn.map(|(map, words)| format!("{map}  {words}")).collect();
    // Where the words do not fit beside the map they stand alone.
    let is_cut = lines.iter().any(|line| line.width() > width);
    let lines = if is_cut { pieces(&words, width) } else { lines };
    lines.into_iter().map(|line| Line::new(line, ui.theme().dim())).collect()
}

/// At most so many lines of the words; the last one tells that there are more.
fn begun(mut words: Vec<Line>, room: usize) -> Vec<Line> {
    if words.len() > room {
        words.truncate(room);
        if let Some(last) = words.last_mut() {
            last.text.push('…');
        }
    }
    words
}

/// What was compared, in lines of this width; in fewer words where these rows do not hold all of it,
/// or else how much changed and how alike the rest is, and only what is whole in them.
fn told(model: &Model, ui: &Ui, node: &Node, (width, rows): (usize, usize)) -> Vec<Line> {
    let in_lines = |story: &[String]| in_clauses(story, width, ui.theme().text());
    match compared_pictures(model, ui, node).map(|pair| model.comparisons.found(pair)) {
        None => Vec::new(),
        Some(None) if ui.compare_with(model).is_none() => Vec::new(),
        Some(None) => in_lines(&["comparing…".into()]),
        Some(Some(_)) if rows == 0 => Vec::new(),
        Some(Some(found)) => {
            let begun = found.in_short.len();
            let rest = found.description.iter().skip(begun);
            let parts: Vec<String> = found.in_short.iter().chain(rest).cloned().collect();
            let is_compared = ui.compare_with(model).is_some();
            let whose = model.current.filter(|_| is_compared).map(|of| model.name(of));
            let (story, is_named) = clauses::of_whom(&found.description, whose.as_ref(), width);
            let (parts, is_named_short) = clauses::of_whom(&parts, whose.as_ref(), width);
            let (long, short) = (in_lines(&story), in_lines(&parts));
            let first = |story: &[String]| in_lines(story.get(..begun).unwrap_or(story)).len();
            let is_short = is_named_short && !is_named
                || long.len() > rows
                    && (short.len() <= rows || first(&story) > rows)
                    && (is_compared || first(&found.in_short) <= rows);
            let lines = if is_short { short } else { long };
            let is_packed = lines.len() > rows && is_compared;
            whole(if is_packed { packed(&parts, width, ui.theme().text()) } else { lines }, rows)
        }
    }
}

/// As many clauses in a line as go into it, whatever part they are of.
fn packed(parts: &[String], width: usize, style: Style) -> Vec<Line> {
    // A figure is not parted from what it means.
    let split = |part: &String| match part.starts_with(REST) {
        true => vec![part.clone()],
        false => part.split(", ").map(str::to_owned).collect(),
    };
    let clauses: Vec<String> = parts.iter().flat_map(split).collect();
    let lines = pieces(&clauses, width).into_iter();
    let lines = lines.flat_map(|line| clauses::wrapped(&line, width));
    lines.map(|line| Line::new(line, style)).collect()
}

/// In lines that break between the parts; within one, between its clauses.
fn in_clauses(parts: &[String], width: usize, style: Style) -> Vec<Line> {
    let of_piece = |piece: &String| {
        let mut lines = clauses::wrapped(piece, width);
        let last = lines.pop().map(|last| Line::new(last, style));
        let goes_on = |line: &str| !line.ends_with([',', ';', ':']);
        let line = |line: String| Line { goes_on: goes_on(&line), ..Line::new(line, style) };
        lines.into_iter().map(line).chain(last).collect::<Vec<_>>()
    };
    pieces(parts, width).iter().flat_map(of_piece).collect()
}

/// Now on the canvas, else the picture and its parent.
fn compared_pictures(model: &Model, ui: &Ui, node: &Node) -> Option<Pair> {
    let seen = ui.seen(model)?.picture;
    let before = ui.compare_with(model).map(|other| other.picture);
    Some((before.or(node.parent.map(|parent| parent.picture))?, seen))
}

/// Of which node where that has to be told, all facts, and when.
fn timed(
    model: &Model,
    (id, node): (Option<&String>, &Node),
    of: PictureRef,
    price: Option<String>,
    width: usize,
) -> Vec<String> {
    let facts = facts::facts(model, node, Some(of.picture), price);
    let mut all: Vec<String> = id.cloned().into_iter().chain(facts).collect();
    let time = facts::time(model, node);
    // Alone it would have a row of its own.
    match (all.last_mut(), time) {
        (Some(last), Some(time)) if last.width() + 3 + time.width() <= width => {
            last.push_str(" · ");
            last.push_str(&time);
        }
        (_, time) => all.extend(time),
    }
    all
}
