//! Everything about the picture that is shown, in words: what made it, what it cost, what it
//! changed, and how much the branch has degraded on the way.
//!
//! Text only: it also serves people who cannot see pictures.

use unicode_width::UnicodeWidthStr as _;

use super::text_view::TextView;
use crate::app::compare::Similarity;
use crate::app::model::Model;
use crate::app::{DEGRADED_BELOW_DB, UNUSABLE_BELOW_DB};
use crate::tree::{Node, Recipe};
use crate::ui::cells::wrapped;

/// Columns of a line before it is broken.
const COLUMNS: usize = 48;
/// Decibels of the highest and of the lowest mark of the drift.
const BEST_DB: f64 = 48.0;
const WORST_DB: f64 = 20.0;
const MARKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// Columns of the name of a fact.
const LABEL: usize = 9;
/// Columns of a step's name.
const NAME: usize = 20;

pub fn view() -> TextView {
    TextView::following("about this picture", lines).beside_picture()
}

/// The lines of the overlay.
fn lines(model: &Model) -> Vec<String> {
    let Some(node) = model.current_node() else {
        return vec!["no picture yet".into()];
    };
    let mut lines = made(model, node);
    lines.extend(changed(model, node));
    lines.extend(degradation(model));
    lines
}

fn made(model: &Model, node: &Node) -> Vec<String> {
    let Some(recipe) = &node.recipe else {
        let title = node.caption();
        return vec![match node.parent {
            Some(parent) => format!("{}: {title}, derived from {}", node.id, parent.node),
            None => format!("{}: opened, {title}", node.id),
        }];
    };
    let mut lines = wrapped(&format!("{}: {}", node.id, recipe.caption()), COLUMNS);
    let others = recipe.values.iter().filter(|(name, _)| *name != "seed");
    let settings = others.map(|(name, value)| format!("{name} {}", plain(value)));
    let took = node.timings.iter().map(|(name, seconds)| format!("{name} {seconds:.1} s"));
    let simulated = if node.simulated { " (simulated)" } else { "" };
    let rows = [
        ("model", recipe.endpoint.clone()),
        ("seed", node.seed.map_or(String::new(), |seed| seed.to_string())),
        ("set", settings.collect::<Vec<_>>().join(" · ")),
        ("price", node.cost.map_or(String::new(), |cost| format!("{cost}{simulated}"))),
        ("took", took.collect::<Vec<_>>().join(" · ")),
        ("from", node.served_from.clone().unwrap_or_default()),
        ("request", node.request_id.clone().unwrap_or_default()),
    ];
    for (label, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        for (at, line) in wrapped(value, COLUMNS - LABEL).into_iter().enumerate() {
            let label = if at == 0 { *label } else { "" };
            lines.push(format!("{label:<LABEL$}{line}"));
        }
    }
    let parent = node.parent.and_then(|parent| model.nodes.get(&parent.node));
    if let Some(before) = parent.and_then(|parent| parent.recipe.as_ref()) {
        lines.extend(wrapped(&difference(before, recipe), COLUMNS));
    }
    lines
}

/// The settings in which two recipes differ.
fn difference(before: &Recipe, after: &Recipe) -> String {
    let mut parts = Vec::new();
    if before.endpoint != after.endpoint {
        parts.push(format!("endpoint {} → {}", before.endpoint, after.endpoint));
    }
    let names = before.values.keys().chain(after.values.keys()).filter(|name| *name != "seed");
    let names: std::collections::BTreeSet<&String> = names.collect();
    for name in names {
        let side = |recipe: &Recipe| recipe.values.get(name).map_or("default".into(), plain);
        if before.values.get(name) != after.values.get(name) {
            parts.push(format!("{name} {} → {}", side(before), side(after)));
        }
    }
    match parts.is_empty() {
        true => "same settings as its parent".into(),
        false => format!("changed settings: {}", parts.join(", ")),
    }
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What the last step changed in the picture.
fn changed(model: &Model, node: &Node) -> Vec<String> {
    let pair = node.parent.zip(model.current).map(|(a, b)| (a.picture, b.picture));
    let Some(found) = pair.and_then(|pair| model.comparisons.found(pair)) else {
        return Vec::new();
    };
    wrapped(&format!("changed: {}", found.description.join(" · ")), COLUMNS)
}

/// The branch from its root, a line each: how alike the rest is to the picture before, and to the
/// first.
fn degradation(model: &Model) -> Vec<String> {
    let steps = model.drift();
    if steps.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new()];
    lines.extend(wrapped(&verdict(model), COLUMNS));
    lines.extend(advice(model).iter().flat_map(|line| wrapped(line, COLUMNS)));
    lines.extend([
        String::new(),
        format!("{:<NAME$} {:<13} to the root", "kept of the rest", "to the parent"),
    ]);
    let known = |alike: Option<Similarity>| match alike.map(|alike| (alike.psnr, alike.ssim)) {
        None => "…".to_owned(),
        Some((Some(psnr), Some(ssim))) => format!("{psnr:4.1}  {ssim:.3}"),
        Some((None, Some(_))) => "equal".to_owned(),
        Some((_, None)) => "all changed".to_owned(),
    };
    for step in &steps {
        let node = model.nodes.get(&step.node);
        let words = node.map(|node| node.caption()).unwrap_or_default();
        let name = crate::ui::cells::cut(&format!("{} {words}", step.node), NAME - 1);
        let pad = " ".repeat(NAME.saturating_sub(name.width()));
        let (before, first) = (known(step.parent), known(step.root));
        lines.push(format!("{name}{pad} {before:<13} {first}"));
    }
    lines.extend(wrapped(
        &format!(
            "dB and SSIM: 40 and more identical, below {DEGRADED_BELOW_DB:.0} degraded, below \
             {UNUSABLE_BELOW_DB:.0} unusable"
        ),
        COLUMNS,
    ));
    lines
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
fn advice(model: &Model) -> Vec<String> {
    let steps = model.drift();
    let quality = |alike: Option<Similarity>| {
        alike.filter(|alike| alike.changed_fraction < 0.6).and_then(|alike| alike.psnr)
    };
    let worst = steps.iter().filter_map(|step| Some((quality(step.parent)?, step.node)));
    let worst = worst.min_by(|a, b| a.0.total_cmp(&b.0));
    let last = steps.last().and_then(|step| quality(step.root));
    match (worst, last) {
        (Some((outside, node)), _) if outside < DEGRADED_BELOW_DB => vec![format!(
            "{node} degraded unchanged areas to {outside:.0} dB: go there, H heals it"
        )],
        (Some((_, node)), Some(all)) if all < UNUSABLE_BELOW_DB => vec![format!(
            "quality dropped to {all:.0} dB over the branch, mostly in {node}: heal it or branch earlier"
        )],
        _ => Vec::new(),
    }
}
