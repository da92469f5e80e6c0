//! Everything about the picture that is shown, in words: what made it, what it cost, what it
//! changed, and how much the branch has degraded on the way.
//!
//! Text only: it also serves people who cannot see pictures. Stands beside the picture where there
//! is room, as high as what it says. Invariant: the picture does not move for it.

use std::cell::Cell;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr as _;

use super::{Overlay, OverlayResult, text_view};
use crate::app::compare::{REST, Similarity};
use crate::app::model::Model;
use crate::app::{DEGRADED_BELOW_DB, EQUAL, GRADES, UNUSABLE_BELOW_DB, grade};
use crate::schema::money;
use crate::tree::{Node, Recipe};
use crate::ui::cells::{cut, folded, padded, wrapped};
use crate::ui::motion::Motion;
use crate::ui::theme::Theme;

/// Lines of a page.
const PAGE: usize = 10;
/// Columns of the name of a fact, in so many columns at least.
const LABEL: usize = 10;
const LABELLED: usize = 20;
/// Columns of the two figures of a row, with the blanks before them, and of its name at least.
const FIGURES: [usize; 2] = [7, 7];
const NAME: usize = 6;

/// What is said, in lines only once it is known how many columns there are.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Words(String),
    /// What explains others.
    Aside(String),
    /// Its name, and what it is.
    Fact(&'static str, String),
    /// A row of the figures, or their head.
    Row([String; 3]),
    Blank,
}

/// It follows the picture that is shown.
#[derive(Debug, Default)]
pub struct About {
    title: String,
    pieces: Vec<Piece>,
    /// The first line that is shown.
    from: Cell<usize>,
}

impl About {
    fn lines(&self, columns: usize) -> Vec<String> {
        self.pieces.iter().flat_map(|piece| piece.lines(columns)).collect()
    }
}

impl Piece {
    /// Of its longest value; what can be folded makes no box wider than others are.
    fn columns(&self) -> usize {
        match self {
            Self::Blank | Self::Words(_) | Self::Aside(_) => 0,
            Self::Fact(_, value) if !value.contains(' ') => LABEL + value.width(),
            Self::Fact(_, value) => (LABEL + value.width()).min(COLUMNS),
            Self::Row([name, ..]) => (name.width() + FIGURES.iter().sum::<usize>()).min(COLUMNS),
        }
    }

    fn lines(&self, columns: usize) -> Vec<String> {
        match self {
            Self::Blank => vec![String::new()],
            Self::Words(words) | Self::Aside(words) => wrapped(words, columns),
            Self::Fact(name, value) if columns < LABELLED => {
                folded(&format!("{name}: {value}"), columns)
            }
            Self::Fact(name, value) => {
                let lines = wrapped(value, columns - LABEL).into_iter().enumerate();
                let label = |at| if at == 0 { *name } else { "" };
                lines.map(|(at, line)| format!("{:<LABEL$}{line}", label(at))).collect()
            }
            Self::Row([name, db, ssim]) => {
                let [db_wide, ssim_wide] = FIGURES;
                let room = columns.saturating_sub(db_wide + ssim_wide).max(NAME);
                let name = padded(&cut(name, room), room);
                vec![format!("{name}{db:>db_wide$}{ssim:>ssim_wide$}")]
            }
        }
    }
}

impl Overlay for About {
    fn title(&self) -> &str {
        &self.title
    }

    fn is_about_picture(&self) -> bool {
        true
    }

    fn least_beside(&self) -> u16 {
        NARROWEST
    }

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[("Up Down", "scroll")]
    }

    fn rows(&self) -> usize {
        self.lines(COLUMNS).len()
    }

    fn rows_in(&self, columns: u16) -> usize {
        self.lines(usize::from(columns.saturating_sub(2))).len()
    }

    fn columns(&self) -> Option<usize> {
        self.pieces.iter().map(Piece::columns).max()
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        if let KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') = key.code {
            return OverlayResult::Close;
        }
        if let Some(motion) = Motion::of_key(&key) {
            // What is too far is held back when it is drawn.
            self.from.set(motion.from(self.from.get(), PAGE, usize::MAX));
        }
        OverlayResult::Keep
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn refresh(&mut self, model: &Model) {
        let node = model.current.map_or(String::new(), |current| format!(" · {}", current.node));
        self.title = format!("details{node}");
        self.pieces = pieces(model);
    }

    fn hidden(&self, area: Rect, _: Theme) -> usize {
        let lines = self.lines(usize::from(area.width.saturating_sub(2))).len();
        text_view::below(area, lines, self.from.get())
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        let columns = usize::from(area.width.saturating_sub(2));
        let lines = self.lines(columns);
        let from = text_view::draw_lines(area, buffer, &lines, self.from.get());
        self.from.set(from);
        let is_aside = |piece: &Piece| {
            let is_aside = matches!(piece, Piece::Aside(_));
            piece.lines(columns).into_iter().map(move |_| is_aside)
        };
        let asides = self.pieces.iter().flat_map(is_aside).skip(from);
        for (y, _) in (area.y..area.bottom()).zip(asides).filter(|(_, is_aside)| *is_aside) {
            buffer.set_style(Rect { y, height: 1, ..area }, theme.dim());
        }
        None
    }
}

/// Columns of what can be folded at most, and the fewest beside the picture.
const COLUMNS: usize = 48;
const NARROWEST: u16 = 22;

fn pieces(model: &Model) -> Vec<Piece> {
    let Some(node) = model.current_node() else {
        return vec![Piece::Words("no picture yet".into())];
    };
    let is_filtered = model.current.is_some_and(|picture| model.is_filtered(picture));
    let mut parts = made(model, node);
    match is_filtered {
        // Black is like nothing, and says nothing of the branch.
        true => {
            let told = "filtered by the service: nothing of it can be seen";
            parts.insert(0, vec![Piece::Words(told.into())]);
        }
        false => {
            let changed = changed(model, node).map(|changed| Piece::Fact("changed", changed));
            let [quality, steps] = degradation(model);
            // How it was made comes before what it is like.
            let made = parts.len().min(1);
            parts.insert(made, quality.into_iter().chain(changed).collect());
            parts.push(steps);
        }
    }
    let mut pieces = vec![Piece::Words(words(node))];
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        if pieces.len() > 1 {
            pieces.push(Piece::Blank);
        }
        pieces.extend(part);
    }
    pieces
}

/// What is not told beside each picture anyway: how it was set, and what the service calls it, below a
/// blank line.
pub fn besides(model: &Model, node: &Node, columns: usize) -> Vec<String> {
    let told = ["model", "seed", "price", "from"];
    let is_more = |piece: &Piece| !matches!(piece, Piece::Fact(name, _) if told.contains(name));
    let more = made(model, node).into_iter().flatten().filter(is_more);
    let lines: Vec<String> = more.flat_map(|piece| piece.lines(columns)).collect();
    let blank = (!lines.is_empty()).then(String::new);
    blank.into_iter().chain(lines).collect()
}

/// Without its number, which stands in the frame.
fn words(node: &Node) -> String {
    let title = node.caption();
    match (&node.recipe, node.parent) {
        (Some(_), _) => title.into_owned(),
        (None, Some(parent)) => format!("{title}, derived from {}", parent.node),
        (None, None) => format!("opened, {title}"),
    }
}

/// How it was made, how it was set, then what only the service calls so.
fn made(model: &Model, node: &Node) -> Vec<Vec<Piece>> {
    let Some(recipe) = &node.recipe else {
        return Vec::new();
    };
    let parent = node.parent.and_then(|parent| model.nodes.get(&parent.node));
    let before = parent.and_then(|parent| parent.recipe.as_ref());
    let others = recipe.values.iter().filter(|(name, _)| *name != "seed");
    let known = model.catalogue.find(&recipe.endpoint);
    let label = |name: &str| {
        let param = known.as_ref().ok().and_then(|endpoint| endpoint.param(name));
        param.map_or_else(|| name.replace('_', " "), |param| param.label.to_lowercase())
    };
    let set: Vec<String> =
        others.map(|(name, value)| format!("{} {}", label(name), plain(value))).collect();
    // Of one time nobody asks what the service calls it.
    let is_one = node.timings.len() == 1;
    let called = |name: &str| if is_one { String::new() } else { format!("{name} ") };
    let took = node.timings.iter().map(|(name, seconds)| format!("{}{seconds:.1} s", called(name)));
    let title_of = known.as_ref().map_or(String::new(), |known| known.title.clone());
    let text = |text: Option<String>| text.unwrap_or_default();
    // In the order of the words below the picture.
    let plainly = [
        ("model", title_of),
        ("seed", text(node.seed.map(|seed| seed.to_string()))),
        ("price", text(node.cost.map(|cost| money::told(cost, node.simulated)))),
        ("from", text(node.parent.map(|parent| parent.node.to_string()))),
        ("took", took.collect::<Vec<_>>().join(" · ")),
    ];
    let settings = [
        ("settings", text(before.map(|before| difference(before, recipe, label)))),
        ("set", set.join(" · ")),
    ];
    let service = [
        ("endpoint", recipe.endpoint.clone()),
        ("host", text(node.served_from.clone())),
        ("request", text(node.request_id.clone())),
    ];
    let facts = |rows: Vec<(&'static str, String)>| {
        let told = rows.into_iter().filter(|(_, value)| !value.is_empty());
        told.map(|(name, value)| Piece::Fact(name, value)).collect::<Vec<_>>()
    };
    vec![facts(plainly.into()), facts(settings.into()), facts(service.into())]
}

/// The settings in which two recipes differ.
fn difference(before: &Recipe, after: &Recipe, label: impl Fn(&str) -> String) -> String {
    let mut parts = Vec::new();
    if before.endpoint != after.endpoint {
        parts.push(format!("{} → {}", before.endpoint, after.endpoint));
    }
    let names = before.values.keys().chain(after.values.keys()).filter(|name| *name != "seed");
    let names: std::collections::BTreeSet<&String> = names.collect();
    for name in names {
        let side = |recipe: &Recipe| recipe.values.get(name).map_or("default".into(), plain);
        if before.values.get(name) != after.values.get(name) {
            parts.push(format!("{} {} → {}", label(name), side(before), side(after)));
        }
    }
    match parts.is_empty() {
        true => "same as its parent's".into(),
        false => parts.join(", "),
    }
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What the last step changed in the picture.
fn changed(model: &Model, node: &Node) -> Option<String> {
    let pair = (node.parent?.picture, model.current?.picture);
    // How alike the rest is stands in a table.
    let told = model.comparisons.found(pair)?.description.iter();
    let told: Vec<&str> = told.map(String::as_str).filter(|part| !part.starts_with(REST)).collect();
    Some(told.join(", "))
}

/// How alike what was not meant to change is to the picture before and to the first; then the same
/// of each step of the branch.
fn degradation(model: &Model) -> [Vec<Piece>; 2] {
    let steps = model.drift();
    let Some(last) = steps.last() else {
        return Default::default();
    };
    let mut quality = vec![Piece::Words(verdict(model))];
    quality.extend(advice(model).map(Piece::Words));
    quality.extend([
        row("against", ["dB", "SSIM"].map(str::to_owned)),
        row("parent", figures(last.parent)),
        row("root", figures(last.root)),
        Piece::Blank,
        Piece::Aside(scale()),
    ]);
    let mut branch = Vec::new();
    // Of one step all is said.
    if steps.len() > 1 {
        branch.push(row("dB of each step", ["parent", "root"].map(str::to_owned)));
        branch.extend(steps.iter().map(|step| {
            let node = model.nodes.get(&step.node);
            let words = node.map(|node| node.caption()).unwrap_or_default();
            let [parent, root] = [step.parent, step.root].map(|alike| {
                let [db, _] = figures(alike);
                db
            });
            row(&format!("{} {words}", step.node), [parent, root])
        }));
    }
    [quality, branch]
}

/// What each of the words for decibels means.
fn scale() -> String {
    let of_grade = |(word, least): (&str, f64)| match least.is_finite() {
        true => format!("{least:.0} {word}"),
        false => format!("less {word}"),
    };
    format!("dB: from {}", GRADES.map(of_grade).join(", "))
}

fn row(name: &str, [db, ssim]: [String; 2]) -> Piece {
    Piece::Row([name.to_owned(), db, ssim])
}

fn figures(alike: Option<Similarity>) -> [String; 2] {
    match alike.map(|alike| (alike.psnr, alike.ssim)) {
        None => ["…".to_owned(), "…".to_owned()],
        Some((psnr, Some(ssim))) => {
            [psnr.map_or(EQUAL.to_owned(), |psnr| format!("{psnr:.1}")), format!("{ssim:.3}")]
        }
        Some((_, None)) => ["new".to_owned(), "new".to_owned()],
    }
}

/// How well the rest of the picture has come through the branch.
fn verdict(model: &Model) -> String {
    let steps = model.drift();
    let mut measured = steps.iter().rev().filter_map(|step| step.root);
    let known = measured.find(|root| root.ssim.is_some());
    let is_new = |root: Similarity| root.ssim.is_none();
    if steps.last().and_then(|step| step.root).is_some_and(is_new) {
        return "all of it is new: nothing to measure".into();
    }
    let Some(last) = known else {
        return "unchanged: measuring…".into();
    };
    format!("unchanged: {}", grade(last.psnr))
}

/// The step that degraded most, and what to do about it.
fn advice(model: &Model) -> Option<String> {
    let steps = model.drift();
    let quality = |alike: Option<Similarity>| {
        alike.filter(|alike| alike.changed_fraction < 0.6).and_then(|alike| alike.psnr)
    };
    let worst = steps.iter().filter_map(|step| Some((quality(step.parent)?, step.node)));
    let worst = worst.min_by(|a, b| a.0.total_cmp(&b.0));
    let last = steps.last().and_then(|step| quality(step.root));
    match (worst, last) {
        (Some((outside, node)), _) if outside < DEGRADED_BELOW_DB => Some(format!(
            "{node} degraded unchanged areas to {outside:.0} dB: go there, H heals it"
        )),
        (Some((_, node)), Some(all)) if all < UNUSABLE_BELOW_DB => Some(format!(
            "quality dropped to {all:.0} dB over the branch, mostly in {node}: heal it or branch earlier"
        )),
        _ => None,
    }
}
