//! What lies over kitty's pictures while something stands in front of them: they go back as the
//! words behind it do.
//!
//! One pixel that lets half of the light through, stretched over what is seen of a picture. Where
//! pictures are cells these are mixed instead; strips of pixels would have to be sent anew, and stay.

use ratatui::layout::Rect;

use super::image_request::{LAYERS, Mode};
use super::kitty::{self, CellPos};
use super::paint::VEIL;
use crate::graphics::kitty::pixel;
use crate::ui::theme::rgb::Rgb;

/// Where it lies.
#[derive(Debug)]
pub(super) struct Veil {
    /// No picture has it.
    id: u32,
    spots: Vec<CellPos>,
}

impl Veil {
    pub(super) fn new(id: u32) -> Self {
        Self { id, spots: Vec::new() }
    }

    /// Lies over these areas and no others, in the colour of the ground; without one nowhere.
    pub(super) fn change(&mut self, over: Option<(Rgb, &[Rect])>, mode: Mode) -> Vec<u8> {
        let id = self.id;
        let spot = |(number, area): (u32, &Rect)| {
            let (area, source, layer) = (*area, None, LAYERS as u8);
            CellPos { id, number, area, source, layer }
        };
        let areas = over.map(|(_, areas)| areas).unwrap_or_default();
        let now: Vec<CellPos> = (1..).zip(areas).map(spot).collect();
        let before = std::mem::replace(&mut self.spots, now);
        let Some((ground, _)) = over.filter(|_| !self.spots.is_empty()) else {
            return if before.is_empty() { Vec::new() } else { kitty::free(id, mode) };
        };
        let mut commands = Vec::new();
        if before.is_empty() {
            commands.extend(kitty::through(&pixel(id, ground, VEIL), mode));
        }
        for spot in self.spots.iter().filter(|spot| !before.contains(spot)) {
            commands.extend(kitty::place(*spot, mode));
        }
        for gone in before.iter().skip(self.spots.len()) {
            commands.extend(kitty::erase(*gone, mode));
        }
        commands
    }

    /// The cells were written anew: where it lies is not known.
    pub(super) fn doubt(&mut self) {
        for spot in &mut self.spots {
            spot.area = Rect::ZERO;
        }
    }

    /// The bytes that make the terminal forget it.
    pub(super) fn forget(&mut self, mode: Mode) -> Vec<u8> {
        let gone = std::mem::take(&mut self.spots);
        if gone.is_empty() { Vec::new() } else { kitty::free(self.id, mode) }
    }
}
