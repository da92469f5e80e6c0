//! What the person sees and presses: focus, layout, panes, keys, overlays.
//!
//! Holds what another screen would not share (focus, scroll, cursor, overlays). Never changes the
//! model: keys become actions. Does no IO and asks no clock.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::job::JobId;
use crate::app::model::Model;
use crate::schema::tokens;
use crate::tree::index::Row;
use crate::tree::{NodeId, PictureRef};
use compare::{Compare, Zoom};
use frame::Frame;
use keys::Keymap;
use layout::{Layout, LayoutOptions, SMALLEST};
use overlay::{Overlay, question};
use pane::Pane;
use prompt::PromptEditor;
use theme::Theme;

pub mod burst;
pub mod cells;
pub mod compare;
pub mod copy_menu;
pub mod frame;
pub mod healing;
pub mod hint;
pub mod input;
pub mod keys;
pub mod layout;
pub mod letterbox;
pub mod line_input;
pub mod on_input;
pub mod overlay;
pub mod pane;
pub mod panes;
pub mod prompt;
pub mod region;
pub mod sheet;
pub mod suggestion;
pub mod theme;
pub mod tree_rows;

/// What is known of the terminal, for layout and for the header.
#[derive(Clone, Debug, PartialEq)]
pub struct Graphics {
    /// `kitty`, `kitty placeholders`, `iTerm2`, `sixel`, `blocks`, `none`.
    pub protocol: String,
    /// Why this one, in a few words.
    pub why: String,
    /// Which answers and variables told; empty before anything is known.
    pub evidence: String,
    /// What the person could do for better pictures.
    pub advice: Option<String>,
    /// Pixels of one cell, width and height; for the ratio of pictures.
    pub cell: (u16, u16),
    /// Borders and marks may use box drawing.
    pub utf8: bool,
    /// No colours at all.
    pub mono: bool,
    /// tmux keeps the pictures back, and a line of it would let them through.
    pub tmux_swallows: bool,
    /// What is known of the line, for the header.
    pub link: Option<String>,
    /// How sharp the pictures on the screen are, where they are not all that they could be.
    pub level: Option<&'static str>,
}

impl Graphics {
    /// Pictures have more than two pixels a cell, so that small ones are worth their room.
    pub fn has_pixels(&self) -> bool {
        !matches!(self.protocol.as_str(), "blocks" | "none")
    }
}

impl Default for Graphics {
    fn default() -> Self {
        Self {
            protocol: "blocks".into(),
            why: "the terminal has not answered yet".into(),
            evidence: String::new(),
            advice: None,
            tmux_swallows: false,
            cell: (10, 20),
            utf8: true,
            mono: false,
            link: None,
            level: None,
        }
    }
}

/// Nodes that were asked for and never came.
const MOST_ASKED: usize = 1_000;

/// The screen's own state.
#[derive(Debug, Default)]
pub struct Ui {
    pub graphics: Graphics,
    pub keymap: Keymap,
    pub prompt: PromptEditor,
    pub compare: Compare,
    /// The picture that a swap was begun on: another one begins without.
    swapped: Option<PictureRef>,
    pub zoom: Zoom,
    /// Compared pictures are laid exactly over each other first.
    pub align: bool,
    /// Where the wipe stands, in sixteenths from the left.
    pub wipe: u16,
    /// Compared with instead of the parent.
    pub compare_base: Option<PictureRef>,
    /// The next key is a normal-mode key, then back to the prompt.
    pub one_shot: bool,
    /// What stands in the tree's filter.
    pub filter: Option<String>,
    /// The tree's rows, and what of them is folded away.
    pub rows: tree_rows::Rows,
    /// A box that is being placed on the picture.
    pub region: Option<region::RegionSelector>,
    /// The strength of healing that is being tried.
    pub healing: Option<healing::Healing>,
    /// In the place of the panes.
    pub sheet: Option<sheet::Sheet>,
    /// A value being typed in the form.
    pub typing: Option<String>,
    pub selected_field: usize,
    pub selected_job: usize,
    pub selected_nodes: BTreeSet<NodeId>,
    pub selected_jobs: BTreeSet<JobId>,
    pub errors_only: bool,
    /// Every pixel is wanted as it is, however long it takes.
    pub lossless: bool,
    /// The mouse is ours, not the terminal's.
    pub mouse: bool,
    /// Lines between the end of the log and what is shown last.
    pub log_scroll: usize,
    focus: Pane,
    normal: bool,
    layout_options: LayoutOptions,
    overlays: Vec<Box<dyn Overlay>>,
    /// The first key of a chord of two.
    prefix: Option<String>,
    count: Option<u16>,
    /// Place in the sent prompts while Up and Down recall them.
    recalled: Option<usize>,
    /// What was typed so far to answer the model's question.
    answer: question::Answer,
    /// Letters that may be words, where they would be commands.
    burst: burst::Burst,
    /// A key that was held acts now: it is not held again.
    is_released: bool,
    /// A snippet with places to fill was inserted: `Tab` goes to the next of them.
    slots: bool,
    area: Rect,
    asked_for: Vec<NodeId>,
    /// For tests: the part of the screen whose drawing panics.
    #[doc(hidden)]
    pub breaks: Option<&'static str>,
}

impl Ui {
    pub fn new(keymap: Keymap) -> Self {
        Self { keymap, area: Rect::new(0, 0, 80, 24), wipe: 8, ..Self::default() }
    }

    /// Where keys go.
    pub fn focus(&self) -> Pane {
        self.focus
    }

    /// Keys are words.
    pub fn in_prompt(&self) -> bool {
        self.focus == Pane::Prompt && !self.normal
    }

    pub fn theme(&self) -> Theme {
        Theme { mono: self.graphics.mono, ascii: !self.graphics.utf8 }
    }

    /// The size for which keys and panes are laid out.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.area = Rect::new(0, 0, columns, rows);
    }

    /// The picture that the current one is compared with.
    pub fn compare_with(&self, model: &Model) -> Option<PictureRef> {
        if self.compare == Compare::Off {
            return None;
        }
        let compare_base =
            self.compare_base.filter(|compare_base| Some(*compare_base) != model.current);
        compare_base.or_else(|| model.nodes.get(&model.current?.node)?.parent)
    }

    /// The row of the current node.
    pub fn tree_row(&self, model: &Model, rows: &[Row]) -> usize {
        let current = model.current.map(|current| current.node);
        rows.iter().position(|row| Some(row.node) == current).unwrap_or(0)
    }

    /// After every step: clamps selections to what is left, takes over a draft that changed under
    /// the text area, and asks for words that are on screen but not loaded.
    pub fn reconcile(&mut self, model: &Model) -> Vec<Action> {
        if !self.prompt.holds(&model.draft.prompt) {
            self.take_over_words(model);
        }
        let dim = self.theme().dim();
        self.prompt.dim_behind(tokens::read_part(&model.draft.prompt), dim);
        if model.confirmation.is_none() {
            self.answer = question::Answer::default();
        }
        let swaps = matches!(self.compare, Compare::Current | Compare::Partner);
        if swaps && self.swapped != model.current {
            self.compare = Compare::Off;
        }
        for overlay in &mut self.overlays {
            overlay.refresh(model);
        }
        if let Some(sheet) = &mut self.sheet {
            sheet.refresh(model);
        }
        self.region = self.region.filter(|region| model.picture(region.on).is_some());
        self.healing = self.healing.filter(|healing| model.current == Some(healing.child));
        self.selected_nodes.retain(|node| model.tree.get(*node).is_some());
        self.selected_jobs.retain(|job| model.jobs.contains_key(job));
        self.slots &= !self.prompt.is_empty();
        self.selected_field =
            self.selected_field.min(panes::form::fields(model).len().saturating_sub(1));
        self.selected_job = self.selected_job.min(model.jobs.len().saturating_sub(1));
        self.log_scroll =
            self.log_scroll.min(panes::log::shown(model, self).len().saturating_sub(1));
        let wanted = self.unknown_nodes(model);
        let mut actions = Vec::new();
        let selected = self.sheet.as_ref().and_then(|sheet| sheet.picture(model));
        actions
            .extend(selected.filter(|picture| Some(*picture) != model.current).map(Action::Show));
        if let Some((before, after)) = self.compare_with(model).zip(model.current) {
            let pair = (before.picture, after.picture);
            let known = model.findings.contains_key(&pair)
                || model.comparing.contains(&pair)
                || model.looks.incomparable.contains(&pair);
            let is_file = |of| model.picture(of).is_some_and(|file| !file.is_picture());
            let is_pointless = known || is_file(before) || is_file(after);
            actions.extend((!is_pointless).then_some(Action::Compare { a: pair.0, b: pair.1 }));
        }
        if !wanted.is_empty() {
            // Once each: one that the store does not have must not be asked for for ever.
            self.asked_for.extend(&wanted);
            actions.push(Action::Need(wanted));
        }
        actions
    }

    /// Nodes near what is seen that are not loaded, and were not asked for yet.
    fn unknown_nodes(&mut self, model: &Model) -> Vec<NodeId> {
        self.rows.refresh(model);
        let rows = self.rows.all(model);
        let near = self.tree_row(model, &rows).saturating_sub(100);
        // What came may be forgotten, and is then asked for again.
        self.asked_for.retain(|id| !model.nodes.contains_key(id));
        let much = self.asked_for.len().saturating_sub(MOST_ASKED);
        self.asked_for.drain(..much);
        let unknown = |id: &NodeId| !model.nodes.contains_key(id) && !self.asked_for.contains(id);
        let seen = rows.iter().skip(near).take(200).map(|row| row.node);
        let on_sheet = self.sheet.iter().flat_map(|sheet| {
            let near = sheet.selected().saturating_sub(100);
            sheet.cells().iter().skip(near).take(200).map(|cell| cell.node)
        });
        let compared = [model.current, self.compare_base].into_iter().flatten().map(|of| of.node);
        seen.chain(on_sheet).chain(compared).filter(unknown).collect()
    }

    /// Words that came from elsewhere can be undone; those that were sent cannot.
    fn take_over_words(&mut self, model: &Model) {
        let words = &model.draft.prompt;
        if words.is_empty() {
            return self.prompt.set_text("");
        }
        // A start: what was put aside in the session before is one undo away.
        if let Some(aside) = model.draft.aside.last().filter(|_| self.prompt.is_empty()) {
            self.prompt.set_text(aside);
        }
        self.prompt.replace(words);
    }

    /// Read-only, idempotent, total for any size.
    pub fn view(&self, model: &Model, area: Rect) -> Frame {
        let mut buffer = Buffer::empty(area);
        let Some(layout) = Layout::new(area, self.layout_options()) else {
            let text = format!("too small: {}×{} at least", SMALLEST.0, SMALLEST.1);
            cells::put(&mut buffer, area, 0, 0, &text, self.theme().warning());
            return Frame { cells: buffer, cursor: None, ..Frame::default() };
        };
        let mut frame = Frame { cells: buffer, ..Frame::default() };
        self.part("header", layout.header, &mut frame, |frame| {
            let buffer = &mut frame.cells;
            panes::header::draw(layout.header, buffer, model, &self.graphics, self.theme());
        });
        self.part("footer", layout.footer, &mut frame, |frame| {
            panes::footer::draw(layout.footer, &mut frame.cells, model, self);
        });
        match &self.sheet {
            Some(sheet) => self.part("sheet", layout.middle, &mut frame, |frame| {
                let buffer = &mut frame.cells;
                frame.placements = panes::sheet::draw(layout.middle, buffer, model, self, sheet);
            }),
            None => {
                for (pane, slot) in &layout.panes {
                    self.part(pane.name(), *slot, &mut frame, |frame| {
                        self.draw_pane(*pane, *slot, model, frame);
                    });
                }
            }
        }
        self.draw_overlays(layout.footer, area, model, &mut frame);
        frame
    }

    /// A part of the screen; when its drawing panics, its name and a sentence stand in its place.
    fn part(
        &self,
        name: &'static str,
        slot: Rect,
        frame: &mut Frame,
        draw: impl FnOnce(&mut Frame),
    ) {
        let (placements, covers) = (frame.placements.len(), frame.covers.len());
        let cursor = frame.cursor;
        let drawn = catch_unwind(AssertUnwindSafe(|| {
            draw(frame);
            assert!(self.breaks != Some(name), "`{name}` breaks on purpose");
        }));
        if drawn.is_err() {
            frame.placements.truncate(placements);
            frame.covers.truncate(covers);
            frame.cursor = cursor;
            frame.broken.push(name);
            panes::broken(slot, &mut frame.cells, self.theme(), name);
        }
    }

    fn draw_pane(&self, pane: Pane, slot: Rect, model: &Model, frame: &mut Frame) {
        let buffer = &mut frame.cells;
        match pane {
            Pane::Prompt => {
                let at = panes::prompt::draw(slot, buffer, model, self);
                frame.cursor = frame.cursor.or(at.filter(|_| self.in_prompt()));
            }
            Pane::Form => {
                let at = panes::form::draw(slot, buffer, model, self);
                frame.cursor = frame.cursor.or(at.filter(|_| self.typing.is_some()));
            }
            Pane::Tree => frame.placements.extend(panes::tree::draw(slot, buffer, model, self)),
            Pane::Queue => panes::queue::draw(slot, buffer, model, self),
            Pane::Log => panes::log::draw(slot, buffer, model, self),
            Pane::Canvas => match &self.region {
                Some(region) => {
                    let (placement, corners) = panes::region::draw(slot, buffer, self, region);
                    frame.placements.extend(placement);
                    frame.covers.extend(corners);
                }
                None => frame.placements.extend(panes::canvas::draw(slot, buffer, model, self)),
            },
        }
    }

    fn draw_overlays(&self, footer: Rect, area: Rect, model: &Model, frame: &mut Frame) {
        let theme = self.theme();
        for overlay in &self.overlays {
            let slot = overlay::area(overlay.as_ref(), footer, area);
            self.part("overlay", slot, frame, |frame| {
                frame.cursor = overlay::draw(overlay.as_ref(), slot, &mut frame.cells, theme);
            });
            frame.covers.push(slot);
        }
        if let Some(asked) = &model.confirmation {
            let slot = question::area(asked, footer, area);
            self.part("question", slot, frame, |frame| {
                frame.cursor = question::draw(asked, &self.answer, slot, &mut frame.cells, theme);
            });
            frame.covers.push(slot);
        } else if let Some(overlay) = self.overlays.last() {
            // Only what nothing else can cover.
            let slot = overlay::area(overlay.as_ref(), footer, area);
            let inner = overlay::inside(slot);
            frame.placements.extend(overlay.placements(inner, self.graphics.cell));
        }
    }

    /// The tree alone, with room for more than a line of each node.
    pub fn is_tree_whole(&self) -> bool {
        self.layout_options().full == Some(Pane::Tree)
    }

    fn layout_options(&self) -> LayoutOptions {
        let side = [Pane::Form, Pane::Tree, Pane::Queue, Pane::Log].contains(&self.focus);
        let aside = if side { Some(self.focus) } else { self.layout_options.side_pane };
        let full = self.layout_options.full.map(|_| match self.focus {
            Pane::Prompt => Pane::Canvas,
            other => other,
        });
        LayoutOptions { side_pane: aside, full, ..self.layout_options }
    }
}
