//! Everything about the picture that is shown, in words: what made it, what it cost, what it
//! changed, and how much the branch has degraded on the way.
//!
//! Text only: it also serves people who cannot see pictures. Stands beside the picture where there
//! is room, as high as what it says. Invariant: the picture does not move for it.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr as _;

use super::{Overlay, OverlayResult};
use crate::app::compare::Similarity;
use crate::app::model::Model;
use crate::app::{DEGRADED_BELOW_DB, UNUSABLE_BELOW_DB};
use crate::schema::money;
use crate::tree::{Node, Recipe};
use crate::ui::cells::{folded, wrapped};
use crate::ui::motion::Motion;
use crate::ui::theme::Theme;

/// Lines of a page.
const PAGE: usize = 10;
/// Decibels of the highest and of the lowest mark of the drift.
const BEST_DB: f64 = 48.0;
const WORST_DB: f64 = 20.0;
const MARKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// Columns of the name of a fact, in so many columns at least.
const LABEL: usize = 10;
const LABELLED: usize = 30;
/// Columns of the two figures of a step; in fewer than all of these they stand below its name.
const WIDE: usize = 36;
const BEFORE: usize = 12;
const FIRST: usize = 11;

/// What is said, in lines only once it is known how many columns there are.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Words(String),
    /// Its name, and what it is.
    Fact(&'static str, String),
    /// A step of the branch: how alike it is to the one before, and to the first.
    Step([String; 3]),
    Blank,
}

/// It follows the picture that is shown.
#[derive(Debug, Default)]
pub struct About {
    title: String,
    pieces: Vec<Piece>,
    /// The first line that is shown.
    from: usize,
}

impl About {
    fn lines(&self, columns: usize) -> Vec<String> {
        self.pieces.iter().flat_map(|piece| piece.lines(columns)).collect()
    }
}

impl Piece {
    fn lines(&self, columns: usize) -> Vec<String> {
        match self {
            Self::Blank => vec![String::new()],
            Self::Words(words) => wrapped(words, columns),
            Self::Fact(name, value) if columns < LABELLED => {
                folded(&format!("{name}: {value}"), columns)
            }
            Self::Fact(name, value) => {
                let lines = wrapped(value, columns - LABEL).into_iter().enumerate();
                let label = |at| if at == 0 { *name } else { "" };
                lines.map(|(at, line)| format!("{:<LABEL$}{line}", label(at))).collect()
            }
            Self::Step([name, before, first]) => {
                let figures = format!("{before:<BEFORE$}{first}");
                if columns < WIDE {
                    return [folded(name, columns), vec![format!("  {figures}")]].concat();
                }
                let room = columns - BEFORE - FIRST;
                let mut lines = folded(name, room - 1);
                if let Some(line) = lines.first_mut() {
                    line.push_str(&" ".repeat(room - line.width()));
                    line.push_str(&figures);
                }
                lines
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
        Some(COLUMNS)
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        if let KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') = key.code {
            return OverlayResult::Close;
        }
        if let Some(motion) = Motion::of_key(&key) {
            // Beside the picture it has the most lines; what is too far is held back when it is drawn.
            let most = self.lines(usize::from(NARROWEST.saturating_sub(2))).len();
            self.from = motion.from(self.from, PAGE, most);
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

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        let lines = self.lines(usize::from(area.width.saturating_sub(2)));
        let from = self.from.min(lines.len().saturating_sub(usize::from(area.height)));
        super::text_view::draw_lines(area, buffer, &lines, from, theme);
        None
    }
}

/// Columns of a line where it stands over the picture, and the fewest beside it.
const COLUMNS: usize = 48;
const NARROWEST: u16 = 22;

fn pieces(model: &Model) -> Vec<Piece> {
    let Some(node) = model.current_node() else {
        return vec![Piece::Words("no picture yet".into())];
    };
    let mut pieces = made(model, node);
    match model.current.is_some_and(|picture| model.is_filtered(picture)) {
        // Black is like nothing, and says nothing of the branch.
        true => {
            let told = "filtered by the service: nothing of it can be seen";
            pieces.retain(|piece| !matches!(piece, Piece::Fact("changed", _)));
            pieces.insert(1.min(pieces.len()), Piece::Words(told.into()));
        }
        false => pieces.extend(degradation(model)),
    }
    pieces
}

/// The words, what they changed, the figures; then what only the service calls so.
fn made(model: &Model, node: &Node) -> Vec<Piece> {
    let title = node.caption();
    let Some(recipe) = &node.recipe else {
        return vec![Piece::Words(match node.parent {
            Some(parent) => format!("{}: {title}, derived from {}", node.id, parent.node),
            None => format!("{}: opened, {title}", node.id),
        })];
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
    let plainly = [
        ("changed", text(changed(model, node))),
        ("settings", text(before.map(|before| difference(before, recipe, label)))),
        ("set", set.join(" · ")),
        ("from", text(node.parent.map(|parent| parent.node.to_string()))),
        ("seed", text(node.seed.map(|seed| seed.to_string()))),
        ("price", text(node.cost.map(|cost| money::told(cost, node.simulated)))),
        ("model", title_of),
    ];
    let service = [
        ("took", took.collect::<Vec<_>>().join(" · ")),
        ("endpoint", recipe.endpoint.clone()),
        ("host", text(node.served_from.clone())),
        ("request", text(node.request_id.clone())),
    ];
    let facts = |rows: Vec<(&'static str, String)>| {
        let told = rows.into_iter().filter(|(_, value)| !value.is_empty());
        told.map(|(name, value)| Piece::Fact(name, value)).collect::<Vec<_>>()
    };
    let words = vec![Piece::Words(format!("{}: {title}", node.id))];
    [words, facts(plainly.into()), vec![Piece::Blank], facts(service.into())].concat()
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
    Some(model.comparisons.found(pair)?.description.join(" · "))
}

/// The branch from its root: how alike the rest of each step is to the picture before, and to the
/// first.
fn degradation(model: &Model) -> Vec<Piece> {
    let steps = model.drift();
    if steps.is_empty() {
        return Vec::new();
    }
    let mut pieces = vec![Piece::Blank, Piece::Words(verdict(model))];
    pieces.extend(advice(model).map(Piece::Words));
    let head = ["unchanged areas", "vs parent", "vs root"].map(str::to_owned);
    pieces.extend([Piece::Blank, Piece::Step(head)]);
    let known = |alike: Option<Similarity>| match alike.map(|alike| (alike.psnr, alike.ssim)) {
        None => "…".to_owned(),
        Some((Some(psnr), Some(ssim))) => format!("{psnr:4.1}  {ssim:.3}"),
        Some((None, Some(_))) => "equal".to_owned(),
        Some((_, None)) => "all changed".to_owned(),
    };
    pieces.extend(steps.iter().map(|step| {
        let node = model.nodes.get(&step.node);
        let words = node.map(|node| node.caption()).unwrap_or_default();
        Piece::Step([format!("{} {words}", step.node), known(step.parent), known(step.root)])
    }));
    pieces.push(Piece::Words(format!(
        "dB and SSIM: 40 and more identical, below {DEGRADED_BELOW_DB:.0} degraded, below \
         {UNUSABLE_BELOW_DB:.0} unusable"
    )));
    pieces
}

/// How well the rest of the picture has come through the branch: a word, then a mark for each step.
fn verdict(model: &Model) -> String {
    let steps = model.drift();
    let known: Vec<f64> = steps
        .iter()
        .filter_map(|step| step.root.filter(|root| root.ssim.is_some())?.psnr)
        .collect();
    let Some(last) = known.last() else {
        return "unchanged areas: measuring…".into();
    };
    let is_new = |root: Similarity| root.ssim.is_none();
    if steps.last().and_then(|step| step.root).is_some_and(is_new) {
        return "the whole picture is new: nothing of the root is left to measure".into();
    }
    let word = match *last {
        quality if quality < UNUSABLE_BELOW_DB => "unusable",
        quality if quality < DEGRADED_BELOW_DB => "degraded",
        _ => "good",
    };
    let mark = |quality: &f64| {
        let part = ((quality - WORST_DB) / (BEST_DB - WORST_DB)).clamp(0.0, 1.0);
        let at = (part * (MARKS.len() - 1) as f64).round() as usize;
        MARKS.get(at).copied().unwrap_or_default()
    };
    let marks: String = known.iter().map(mark).collect();
    format!("unchanged areas: {word} {marks} ({last:.0} dB vs root)")
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
