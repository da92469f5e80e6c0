//! The ways in which pictures reach a terminal: a variant and a row each.
//!
//! A protocol more: both here, its encoder in a file beside, what confirms it in `detect`, whom it
//! serves in `terminals`. All else follows from the row: `--graphics`, the names on the screen, how
//! sharp pictures begin, and how `terminal` brings them, unless [`Delivery`] lacks its way too.

use image::RgbaImage;

use super::patch::Difference;
use super::{EncodeRequest, Encoded, blocks, iterm2, kitty, shapes, sixel};

/// How pictures reach this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Uploaded once by id, then placed and moved with a few bytes.
    KittyDirect,
    /// Uploaded once by id; placeholder characters in the cells show it (tmux).
    KittyPlaceholder,
    /// One inline file for each band of rows.
    Iterm2,
    /// One sixel image for each band of rows.
    Sixel,
    /// Half blocks in ordinary cells.
    Blocks,
    /// No pictures at all.
    None,
}

/// What the terminal must be sent, and when again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Once under an id; a command places and moves it.
    Placed,
    /// Once under an id; cells show it wherever they stand.
    Placeholders,
    /// Bands of rows, again whenever these rows are repainted.
    Bands,
    /// Cells and nothing else.
    Cells,
    Nothing,
}

/// All that differs from protocol to protocol, outside of its encoder.
pub struct Row {
    /// For people.
    pub name: &'static str,
    /// Of `--graphics`; none where only the terminal decides.
    pub flag: Option<&'static str>,
    pub delivery: Delivery,
    /// A picture that ends on the last row of the screen would scroll it.
    pub scrolls_on_last_row: bool,
    /// For each pixel of the screen, half as wide and high, sharp, nearly lossless and lossless, as
    /// `cargo bench --bench bytes` finds them for photos.
    pub bytes: [f64; 4],
    pub(super) encode: fn(&RgbaImage, Option<&RgbaImage>, &EncodeRequest) -> Encoded,
    /// Only what differs from what stands there, where that can be sent by itself.
    pub(super) patch: fn(&Difference, &EncodeRequest) -> Option<Encoded>,
}

const ALL: [Protocol; 6] = [
    Protocol::KittyDirect,
    Protocol::KittyPlaceholder,
    Protocol::Iterm2,
    Protocol::Sixel,
    Protocol::Blocks,
    Protocol::None,
];

const KITTY: Row = Row {
    name: "kitty",
    flag: Some("kitty"),
    delivery: Delivery::Placed,
    scrolls_on_last_row: false,
    bytes: [0.12, 0.35, 1.0, 2.2],
    encode: kitty::encode,
    patch: kitty::patch,
};

impl Protocol {
    pub fn row(self) -> Row {
        match self {
            Self::KittyDirect => KITTY,
            Self::KittyPlaceholder => Row {
                name: "kitty placeholders",
                flag: None,
                delivery: Delivery::Placeholders,
                encode: kitty::encode_for_cells,
                patch: kitty::patch_for_cells,
                ..KITTY
            },
            Self::Iterm2 => Row {
                name: "iTerm2",
                flag: Some("iterm2"),
                delivery: Delivery::Bands,
                bytes: [0.1, 0.3, 0.5, 2.2],
                encode: |picture, _, request| iterm2::encode(picture, request),
                patch: iterm2::patch,
                ..KITTY
            },
            Self::Sixel => Row {
                name: "sixel",
                flag: Some("sixel"),
                delivery: Delivery::Bands,
                scrolls_on_last_row: true,
                bytes: [0.34, 0.6, 0.9, 1.7],
                encode: sixel::encode,
                patch: sixel::patch,
            },
            Self::Blocks => Row {
                name: "blocks",
                flag: Some("blocks"),
                delivery: Delivery::Cells,
                encode: |picture, like, request| {
                    Encoded::Cells(match shapes::is_fine(request) {
                        true => shapes::encode(picture, like, request),
                        false => blocks::encode(picture, like, request),
                    })
                },
                patch: |_, _| None,
                ..KITTY
            },
            Self::None => Row {
                name: "none",
                flag: Some("none"),
                delivery: Delivery::Nothing,
                encode: |_, _, _| Encoded::Cells(Vec::new()),
                patch: |_, _| None,
                ..KITTY
            },
        }
    }

    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub fn delivery(self) -> Delivery {
        self.row().delivery
    }

    /// By the word of `--graphics`.
    pub fn by_flag(flag: &str) -> Option<Self> {
        ALL.into_iter().find(|protocol| protocol.row().flag == Some(flag))
    }

    /// The words of `--graphics`.
    pub fn flags() -> impl Iterator<Item = &'static str> {
        ALL.into_iter().filter_map(|protocol| protocol.row().flag)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_and_every_flag_means_one_protocol() {
        let names: HashSet<_> = ALL.iter().map(|protocol| protocol.name()).collect();
        assert_eq!(names.len(), ALL.len());
        for flag in Protocol::flags() {
            assert_eq!(Protocol::by_flag(flag).map(|found| found.row().flag), Some(Some(flag)));
        }
        assert_eq!(
            Protocol::flags().collect::<Vec<_>>(),
            ["kitty", "iterm2", "sixel", "blocks", "none"]
        );
    }
}
