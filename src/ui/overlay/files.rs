//! A file browser with fuzzy search and a preview.
//!
//! Shows what the model has read; asks for more, changes nothing itself.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr as _;

use super::picker::{Item, Picked, Picker};
use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::action::{Action, DraftAction, Purpose};
use crate::app::draft::file_browser::{DirListing, Entry, FilePreview};
use crate::app::model::Model;
use crate::ui::cells::{clean, cut_front, put, wrapped};
use crate::ui::frame::Placement;
use crate::ui::letterbox::fitted;
use crate::ui::on_input::paths::files;
use crate::ui::theme::Theme;

/// Preferred height in rows.
const ROWS: usize = 18;

#[derive(Debug, Default)]
pub struct Files {
    picker: Picker,
    /// The listing that the rows show.
    listing: Option<DirListing>,
    peek: Option<FilePreview>,
    /// What a preview was asked for.
    asked: Option<PathBuf>,
}

impl Files {
    fn selected(&self) -> Option<&Entry> {
        self.listing.as_ref()?.entries.get(self.picker.selected()?)
    }

    fn choose(&self, place: usize) -> OverlayResult {
        let entry = self.listing.as_ref().and_then(|listing| listing.entries.get(place));
        let Some(entry) = entry else {
            return OverlayResult::Keep;
        };
        let path = entry.path.clone();
        match entry.is_folder {
            true => OverlayResult::Emit(Action::Draft(DraftAction::List(path))),
            false => {
                let purpose = Purpose::Parent;
                OverlayResult::Accept(OverlayAction::Actions(vec![Action::Draft(
                    DraftAction::AddFiles { paths: vec![path], purpose },
                )]))
            }
        }
    }

    /// The folder, if the query ends with a slash.
    fn typed_folder(&self) -> Option<PathBuf> {
        let typed = self.picker.query().strip_suffix('/')?;
        let folder = &self.listing.as_ref()?.folder;
        Some(if typed.is_empty() { PathBuf::from("/") } else { folder.join(typed) })
    }

    fn look(&mut self) -> OverlayResult {
        let file = self.selected().filter(|entry| !entry.is_folder);
        let path = file.map(|entry| entry.path.clone());
        if path == self.asked {
            return OverlayResult::Keep;
        }
        self.asked.clone_from(&path);
        path.map_or(OverlayResult::Keep, |path| {
            OverlayResult::Emit(Action::Draft(DraftAction::PreviewFile(path)))
        })
    }

    /// At the left, over the row that tells of the place.
    fn list(area: Rect) -> Rect {
        let (left, _) = Self::halves(area);
        Rect { height: left.height.saturating_sub(1), ..left }
    }

    /// List at the left, preview at the right.
    fn halves(area: Rect) -> (Rect, Rect) {
        let width = area.width / 2;
        let right =
            Rect { x: area.x + width + 1, width: area.width.saturating_sub(width + 1), ..area };
        (Rect { width, ..area }, Rect { height: area.height.saturating_sub(1), ..right })
    }

    /// The preview, while it is of the selected file.
    fn placement(&self, area: Rect, cell: (u16, u16)) -> Option<Placement> {
        let (picture, size) = self.preview()?.picture.as_ref().ok()?;
        let (_, right) = Self::halves(area);
        let area = fitted(right, cell, *size)?;
        Some(Placement { is_on_top: true, ..Placement::whole(*picture, area) })
    }

    fn preview(&self) -> Option<&FilePreview> {
        let path = &self.selected()?.path;
        self.peek.as_ref().filter(|peek| peek.path == *path)
    }

    /// Where one is, that there is nothing, and how large the selected picture is.
    fn place(&self, columns: usize) -> String {
        let Some(DirListing { folder, entries, .. }) = &self.listing else {
            return "reading…".into();
        };
        let size = match self.preview().map(|peek| &peek.picture) {
            Some(Ok((_, (width, height)))) => format!(" · {width}×{height}"),
            Some(Err(_)) | None => String::new(),
        };
        let none = if entries.is_empty() { "no pictures and no folders in " } else { "" };
        let folder = clean(&folder.display().to_string());
        let room = columns.saturating_sub(none.len() + size.width() + 1);
        format!(" {none}{}{size}", cut_front(&folder, room))
    }
}

impl Overlay for Files {
    fn title(&self) -> &str {
        "open a picture"
    }

    fn is_list(&self) -> bool {
        true
    }

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("Enter", "open"),
            ("Alt-a", "add as reference"),
            ("Left", "folder above"),
            ("type", "to search"),
            ("Up Down", "select"),
        ]
    }

    fn rows(&self) -> usize {
        ROWS
    }

    fn placements(&self, inner: Rect, cell: (u16, u16)) -> Vec<Placement> {
        self.placement(inner, cell).into_iter().collect()
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        let is_empty = self.picker.query().is_empty();
        let adds = key.code == KeyCode::Char('a')
            && key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match (key.code, self.listing.as_ref().and_then(|listing| listing.folder.parent())) {
            (KeyCode::Backspace | KeyCode::Left, Some(above)) if is_empty => {
                return OverlayResult::Emit(Action::Draft(DraftAction::List(above.to_path_buf())));
            }
            _ if adds => {
                let file = self.selected().filter(|entry| !entry.is_folder);
                let path = file.map(|entry| entry.path.clone());
                let add = |path| {
                    Action::Draft(DraftAction::AddFiles {
                        paths: vec![path],
                        purpose: Purpose::References,
                    })
                };
                return path.map_or(OverlayResult::Keep, |path| OverlayResult::Emit(add(path)));
            }
            _ => {}
        }
        match self.picker.on_key(key) {
            Picked::Close => OverlayResult::Close,
            Picked::Chosen(place) => self.choose(place),
            Picked::Stay if self.typed_folder().is_some() => {
                self.typed_folder().map_or(OverlayResult::Keep, |path| {
                    OverlayResult::Emit(Action::Draft(DraftAction::List(path)))
                })
            }
            Picked::Stay => self.look(),
        }
    }

    /// Opens a pasted path; searches for a pasted part of a name.
    fn on_paste(&mut self, words: &str) -> OverlayResult {
        let paths = match files(words) {
            Some(paths) => paths,
            None if words.contains('/') => vec![PathBuf::from(words.trim())],
            None => {
                self.picker.paste(words);
                return self.look();
            }
        };
        OverlayResult::Emit(Action::Draft(DraftAction::AddFiles {
            paths,
            purpose: Purpose::Parent,
        }))
    }

    fn refresh(&mut self, model: &Model) {
        self.peek.clone_from(&model.finder.preview);
        if self.listing != model.finder.listing {
            self.listing.clone_from(&model.finder.listing);
            let entries = self.listing.iter().flat_map(|listing| &listing.entries);
            let first = entries.clone().position(|entry| !entry.is_folder);
            self.picker = Picker::new(entries.map(item).collect());
            // `Enter` opens the newest picture, and does not lead away.
            if first.is_some() {
                self.picker.point_at(first);
            }
            // The model has asked for the preview of that one itself.
            self.asked = self.selected().map(|entry| entry.path.clone());
        }
    }

    fn hidden(&self, area: Rect, _: Theme) -> usize {
        self.picker.hidden(Self::list(area))
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        let (_, right) = Self::halves(area);
        let last = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
        let list = Self::list(area);
        let (below, style) = match self.listing.as_ref().and_then(|it| it.problem.as_ref()) {
            Some(problem) => (format!(" {problem}"), theme.warning()),
            None => (self.place(usize::from(area.width)), theme.dim()),
        };
        put(buffer, last, 0, 0, &below, style);
        if let Some(Err(problem)) = self.preview().map(|peek| &peek.picture) {
            for (y, line) in (0..).zip(wrapped(problem, usize::from(right.width))) {
                put(buffer, right, 0, y, &line, theme.warning());
            }
        }
        (!list.is_empty()).then(|| self.picker.draw(list, buffer, "/ ", theme))
    }
}

fn item(entry: &Entry) -> Item {
    let name = clean(&entry.name);
    match entry.is_folder {
        true => Item { label: format!("{name}/"), detail: String::new() },
        false => {
            let detail = format!("{} kB", entry.bytes.div_ceil(1_000));
            Item { label: name, detail }
        }
    }
}
