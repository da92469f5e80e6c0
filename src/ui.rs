//! What the person sees and presses: focus, layout, panes, keys, overlays.
//!
//! Holds what another screen would not share (focus, scroll, cursor, overlays). Never changes the
//! model: keys become actions. Does no IO and asks no clock.

use std::cell::LazyCell;
use std::cmp::Reverse;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::app::action::{Action, PictureAction, TreeAction};
use crate::app::model::Model;
use crate::tree::{NodeId, PictureRef};
use burst::Burst;
use compare::{Compare, Comparing, Zoom};
use frame::{Frame, Placement};
use keys::Keymap;
use layout::shape::Shape;
use layout::{Layout, SMALLEST, Screen};
use mode::Mode;
use on_input::recall::Recall;
use on_input::typed_text::Held;
use overlay::{Overlay, question};
use pane::Pane;
use panes::{Panes, Slot};
use prompt::PromptEditor;
use scene::Said;
use theme::Theme;
use theme::palette::Palette;

pub mod border;
pub mod branch;
pub mod burst;
pub mod captions;
pub mod cells;
pub mod chord;
pub mod clauses;
pub mod command;
pub mod compare;
pub mod copy_menu;
pub mod details;
mod drawing;
mod facts;
pub mod footer;
pub mod frame;
pub mod header;
pub mod healing;
pub mod hint;
pub mod input;
pub mod keys;
mod latin_keys;
pub mod layout;
pub mod letterbox;
pub mod line_input;
pub mod mode;
pub mod motion;
pub mod on_input;
pub mod overlay;
pub mod pane;
pub mod panes;
pub mod plain;
pub mod prompt;
pub mod region;
pub mod registry;
pub mod scene;
pub mod scrollbar;
pub mod sheet;
pub mod strip;
pub mod suggestion;
mod telling;
pub mod theme;
pub mod title;
pub mod tree_caption;
mod tree_columns;
mod tree_row;
pub mod tree_rows;

/// How sharp the first look at a picture is, which is never the last.
pub const PREVIEW: &str = "preview";

/// Pictures of so many rows are shown whole or not at all.
const SMALL: u16 = 3;

/// Facts about the terminal, for layout and header.
#[derive(Clone, Debug, PartialEq)]
pub struct Graphics {
    /// `kitty`, `kitty placeholders`, `iTerm2`, `sixel`, `blocks`, `none`.
    pub protocol: String,
    /// Why this one, in a few words.
    pub why: String,
    /// Which answers and variables told; empty before anything is known.
    pub evidence: String,
    /// Its name in the config file.
    pub terminal: String,
    /// What the person could do for better pictures.
    pub advice: Option<String>,
    /// Pixels of one cell, width and height; for the ratio of pictures.
    pub cell: (u16, u16),
    /// Borders and marks may use box drawing.
    pub utf8: bool,
    /// No colours at all.
    pub mono: bool,
    /// Colours by role, made for this terminal.
    pub palette: Palette,
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

    /// Pictures are drawn at all.
    pub fn draws(&self) -> bool {
        self.protocol != "none"
    }
}

impl Default for Graphics {
    fn default() -> Self {
        Self {
            protocol: "blocks".into(),
            why: "the terminal has not answered yet".into(),
            evidence: String::new(),
            terminal: String::new(),
            advice: None,
            tmux_swallows: false,
            cell: (10, 20),
            utf8: true,
            mono: false,
            palette: Palette::default(),
            link: None,
            level: None,
        }
    }
}

/// The screen's own state.
#[derive(Debug, Default)]
pub struct Ui {
    pub graphics: Graphics,
    pub keymap: Keymap,
    pub prompt: PromptEditor,
    pub comparing: Comparing,
    pub zoom: Zoom,
    /// Every pixel is wanted as it is, however long it takes.
    pub lossless: bool,
    /// The mouse is ours, not the terminal's.
    pub mouse: bool,
    pub panes: Panes,
    focus: Pane,
    mode: Mode,
    screen: Screen,
    overlays: Vec<Box<dyn Overlay>>,
    /// The count before the next command.
    count: Option<u16>,
    recall: Recall,
    /// The partial answer to the model's confirmation.
    answer: question::Answer,
    /// Detects text typed as commands.
    burst: Burst,
    /// What is kept of letters that may be text.
    held: Held,
    by_lines: plain::ByLines,
    /// The message on the screen, if it speaks of what is on the screen.
    said: Option<Said>,
    /// For tests: the part of the screen whose drawing panics.
    #[doc(hidden)]
    pub breaks: Option<&'static str>,
}

impl Ui {
    pub fn new(keymap: Keymap) -> Self {
        let screen = Screen { area: Rect::new(0, 0, 80, 24), ..Screen::default() };
        Self { keymap, screen, ..Self::default() }
    }

    /// The pane that has the keys: the canvas while something is done on its picture.
    pub fn focus(&self) -> Pane {
        match self.mode {
            Mode::Region(_) | Mode::Heal(_) => Pane::CANVAS,
            Mode::Pane | Mode::OneShot | Mode::Prefix(_) | Mode::EditField(_) | Mode::Sheet(_) => {
                self.focus
            }
        }
    }

    /// Keys are text.
    pub fn in_prompt(&self) -> bool {
        self.focus() == Pane::PROMPT
    }

    pub fn theme(&self) -> Theme {
        let Graphics { mono, utf8, palette, .. } = self.graphics;
        Theme { mono, ascii: !utf8, palette }
    }

    /// The size for which keys and panes are laid out.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.area = Rect::new(0, 0, columns, rows);
    }

    /// What the canvas shows: the current picture, or the one that a list beside it is on.
    pub fn seen(&self, model: &Model) -> Option<PictureRef> {
        let Some(overlay) = self.overlays.last() else { return model.current };
        let is_free = || {
            let room = self.screen().layout().map(|layout| layout.room(self.sheet().is_none()));
            room.is_some_and(|room| overlay::is_beside(overlay.as_ref(), room))
        };
        overlay.looks_at().filter(|_| is_free()).or(model.current)
    }

    /// The node that the keys act on, whose row the tree has in sight: that of the picture on the
    /// canvas; while one judges blind only what the takes were made from.
    fn told_node(&self, model: &Model) -> Option<NodeId> {
        let seen = self.seen(model)?.node;
        match self.sheet().is_some_and(|sheet| sheet.blind) {
            true => model.tree.parent(seen),
            false => Some(seen),
        }
    }

    /// The node whose picture is on the screen: while one swaps, that of the other picture of the two.
    /// What is lit follows it; the keys act on [`Self::told_node`].
    fn shown_node(&self, model: &Model) -> Option<NodeId> {
        let other = self.compare_with(model).filter(|_| self.comparing.mode == Compare::Partner);
        other.map(|of| of.node).or_else(|| self.told_node(model))
    }

    /// Of two that are compared the one that is not told of: while one swaps, the one that the keys
    /// act on.
    fn other_node(&self, model: &Model) -> Option<NodeId> {
        let partner = self.partner_node(model)?;
        let is_seen = self.shown_node(model) == Some(partner);
        if is_seen { self.told_node(model) } else { Some(partner) }
    }

    /// What pictures are compared with until that is taken back; while it is seen, the other one.
    fn base_node(&self, model: &Model) -> Option<NodeId> {
        let base = self.comparing.base?.node;
        let is_seen = self.shown_node(model) == Some(base);
        if is_seen { self.other_node(model) } else { Some(base) }
    }

    /// The node that the current picture is compared with, or that others will be.
    fn partner_node(&self, model: &Model) -> Option<NodeId> {
        let partner = self.compare_with(model).or(self.comparing.base);
        partner.map(|of| of.node)
    }

    /// The picture that the current one is compared with.
    pub fn compare_with(&self, model: &Model) -> Option<PictureRef> {
        if self.comparing.mode == Compare::Off || self.seen(model) != model.current {
            return None;
        }
        let base = self.comparing.base.filter(|base| Some(*base) != model.current);
        base.or_else(|| model.nodes.get(&model.current?.node)?.parent)
    }

    /// After every step: clamps selections to what is left, takes over a draft that changed under
    /// the text area, and asks for words that are on screen but not loaded.
    pub fn reconcile(&mut self, model: &Model) -> Vec<Action> {
        if !self.prompt.holds(&model.draft.prompt) {
            self.take_over_words(model);
        }
        let theme = self.theme().in_field();
        let (dim, mark) = (theme.dim(), theme.warning().add_modifier(Modifier::UNDERLINED));
        self.prompt.read(model.prompt_tokens(), &model.variations(), dim, mark);
        if model.money.confirmation.is_none() {
            self.answer = question::Answer::default();
        }
        command::compare::refresh(self, model);
        let resumed = command::compare::resume(self, model);
        for overlay in &mut self.overlays {
            overlay.refresh(model);
        }
        self.panes.captions.refresh(model);
        let node = self.shown_node(model);
        self.panes.root.refresh(model, node);
        self.refresh_mode(model);
        for pane in panes::ALL {
            (pane.refresh)(self, model);
        }
        self.recall.slots &= !self.prompt.is_empty();
        let seen: Vec<NodeId> = self.seen_elsewhere(model).collect();
        self.refresh_screen(model);
        let wanted = self.panes.tree.wanted(model, seen.into_iter());
        let unsaid = self.unsay_what_is_over(model);
        let mut actions: Vec<Action> = resumed.into_iter().chain(unsaid).collect();
        let selected = self.sheet().and_then(|sheet| sheet.picture(model));
        actions.extend(
            selected
                .filter(|picture| Some(*picture) != model.current)
                .map(|it| Action::Tree(TreeAction::Show(it))),
        );
        if let Some((before, after)) = self.compare_with(model).zip(model.current) {
            let pair = (before.picture, after.picture);
            let known = model.comparisons.get(pair).is_some();
            let is_file = |of| model.picture(of).is_some_and(|file| !file.is_picture());
            let is_pointless = known || is_file(before) || is_file(after);
            actions.extend(
                (!is_pointless)
                    .then_some(Action::Picture(PictureAction::Compare { a: pair.0, b: pair.1 })),
            );
        }
        if !wanted.is_empty() {
            actions.push(Action::Tree(TreeAction::Need(wanted)));
        }
        actions
    }

    /// The layout follows the picture, the words of the prompt, and what must be seen.
    fn refresh_screen(&mut self, model: &Model) {
        let file = model.current.and_then(|current| model.picture(current));
        if let Some(picture) = file.filter(|file| file.is_picture()) {
            let shape = Shape::of((picture.width, picture.height), self.graphics.cell);
            let is_double =
                self.comparing.mode == Compare::SideBySide && self.compare_with(model).is_some();
            let shape = if is_double { shape.twice() } else { shape };
            // What was made for cells of another size fits no picture here.
            self.screen.shape = match self.screen.cell == self.graphics.cell {
                true => self.screen.shape.moved_to(shape),
                false => shape,
            };
            self.screen.cell = self.graphics.cell;
        }
        self.screen.words = self.prompt.rows();
        let urgent = panes::ALL.into_iter().find(|pane| (pane.is_urgent)(self, model));
        self.screen.drawer = urgent.map(|pane| pane.id);
        // Columns do not depend on rows, so that one look at them is enough.
        let Some(layout) = self.screen().layout() else { return };
        let wants = |pane: &panes::PaneSpec| {
            let columns = layout.slot(pane.id).map_or(layout.details.width, |slot| slot.width);
            (pane.rows)(self, model, columns)
        };
        self.screen.wanted = panes::ALL.map(wants);
        if let Some(wanted) = details::rows(&layout, model, self) {
            self.screen.details = wanted;
        }
        self.screen.is_compared = self.compare_with(model).is_some();
    }

    /// A mode ends when its picture is gone.
    fn refresh_mode(&mut self, model: &Model) {
        let is_over = match &mut self.mode {
            Mode::Sheet(sheet) => {
                sheet.refresh(model);
                false
            }
            Mode::Region(region) => model.picture(region.on).is_none(),
            Mode::Heal(healing) => model.current != Some(healing.child),
            Mode::Pane | Mode::OneShot | Mode::Prefix(_) | Mode::EditField(_) => false,
        };
        if is_over {
            self.mode = Mode::Pane;
        }
    }

    /// Nodes shown outside the tree.
    fn seen_elsewhere(&self, model: &Model) -> impl Iterator<Item = NodeId> {
        let on_sheet = self.sheet().into_iter().flat_map(|sheet| {
            let near = sheet.selected().saturating_sub(100);
            sheet.cells().iter().skip(near).take(200).map(|cell| cell.node)
        });
        let compared = [model.current, self.comparing.base].into_iter().flatten();
        on_sheet.chain(compared.map(|of| of.node))
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
    pub fn view(&self, model: &Model, spare: Buffer, area: Rect) -> Frame {
        let mut blank = Cell::EMPTY;
        blank.set_style(self.theme().text());
        // Of another size it would hold on to room for good.
        let spare = if spare.area == area { spare } else { Buffer::default() };
        let mut buffer = Buffer { area, ..spare };
        buffer.content.clear();
        buffer.content.resize(area.area() as usize, blank);
        let Some(layout) = Layout::new(area, self.screen()) else {
            let text = format!("too small: {}×{} at least · Ctrl-C quits", SMALLEST.0, SMALLEST.1);
            let lines = cells::wrapped(&text, usize::from(area.width));
            for (y, line) in (0..area.height).zip(&lines) {
                cells::put(&mut buffer, area, 0, y, line, self.theme().warning());
            }
            return Frame { cells: buffer, cursor: None, ..Frame::default() };
        };
        let mut frame = Frame { cells: buffer, ..Frame::default() };
        // Where it breaks only the parts that ask for it are broken.
        let block = LazyCell::new(|| details::Block::of(&layout, model, self));
        self.part("header", layout.header, &mut frame, |frame| {
            let (node, partner) = (self.shown_node(model), self.base_node(model));
            let is_worded = self.sheet().is_some() || block.has_words;
            let about = header::About { node, partner, is_worded };
            header::draw(layout.header, &mut frame.cells, (model, about), self);
        });
        match self.sheet() {
            Some(sheet) => {
                let area = sheet::view::area(&layout);
                self.part("sheet", area, &mut frame, |frame| {
                    let buffer = &mut frame.cells;
                    frame.placements = sheet::view::draw(area, buffer, model, self, sheet);
                });
            }
            None => self.draw_panes(&layout, model, &mut frame, &block),
        }
        if self.is_covered(model) {
            for area in [layout.middle, layout.rule] {
                overlay::recede(area, &mut frame.cells, self.theme());
            }
        }
        self.part("footer", layout.footer, &mut frame, |frame| {
            footer::draw(layout.rule, layout.footer, frame, model, self);
        });
        let below = frame.covers.len();
        self.draw_overlays(&layout, model, &mut frame);
        frame.veil = self.veil(&layout, &frame, below);
        self.clear_cut_siblings(&layout, &mut frame);
        // A part of a small picture tells nothing.
        let Frame { covers, placements, .. } = &mut frame;
        let is_cut = |it: &Placement| covers.iter().any(|cover| cover.intersects(it.area));
        placements.retain(|it| it.is_on_top || it.area.height > SMALL || !is_cut(it));
        if self.theme().ascii {
            cells::to_ascii(&mut frame.cells);
        }
        // In this order they are sent: over a slow line the small ones wait for what is looked at.
        frame.placements.sort_by_key(|placement| Reverse(placement.area.area()));
        frame
    }

    /// Whether this pane is shown alone.
    fn is_alone(&self, pane: Pane) -> bool {
        self.screen().full == Some(pane)
    }

    /// The layout follows the focus: the prompt is never alone, what is gone to is seen.
    fn screen(&self) -> Screen {
        let focus = self.focus();
        let is_drawer = panes::spec(focus).slot == Slot::Drawer;
        let drawer = if is_drawer { Some(focus) } else { self.screen.drawer };
        let full = self.screen.full.map(|_| match focus == Pane::PROMPT {
            true => Pane::CANVAS,
            false => focus,
        });
        let screen = Screen { drawer, is_brief: !is_drawer, full, ..self.screen };
        // What has the keys is seen: a drawer that has opened by itself gives way to it.
        let hides = |layout: Layout| layout.slot(focus).is_none();
        let is_in_the_way = !is_drawer && drawer.is_some() && screen.layout().is_some_and(hides);
        Screen { drawer: drawer.filter(|_| !is_in_the_way), ..screen }
    }
}
