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
    /// The colour of the pixel that the terminal has.
    sent: Option<Rgb>,
    spots: Vec<CellPos>,
}

impl Veil {
    pub(super) fn new(id: u32) -> Self {
        Self { id, sent: None, spots: Vec::new() }
    }

    /// Lies over these areas and no others, in the colour of the ground; without one nowhere.
    pub(super) fn change(&mut self, over: Option<(Rgb, &[Rect])>, mode: Mode) -> Vec<u8> {
        let Some((ground, areas)) = over.filter(|(_, areas)| !areas.is_empty()) else {
            let gone = std::mem::take(&mut self.spots);
            return if gone.is_empty() { Vec::new() } else { kitty::erase_all(self.id, mode) };
        };
        let mut commands = Vec::new();
        if self.sent.replace(ground) != Some(ground) {
            commands.extend(kitty::through(&pixel(self.id, ground, VEIL), mode));
        }
        let (stay, gone): (Vec<CellPos>, Vec<CellPos>) =
            self.spots.iter().partition(|spot| areas.contains(&spot.area));
        let is_new = |area: &&Rect| !stay.iter().any(|spot| spot.area == **area);
        let is_free = |number: &u32| !stay.iter().any(|spot| spot.number == *number);
        let new = (1..).filter(is_free).zip(areas.iter().filter(is_new));
        let spot = |(number, area): (u32, &Rect)| {
            let (id, source, layer) = (self.id, None, LAYERS as u8);
            CellPos { id, number, area: *area, source, layer }
        };
        let new: Vec<CellPos> = new.map(spot).collect();
        commands.extend(new.iter().flat_map(|spot| kitty::place(*spot, mode)));
        let is_bare = |old: &&CellPos| !new.iter().any(|spot| spot.number == old.number);
        commands.extend(gone.iter().filter(is_bare).flat_map(|spot| kitty::erase(*spot, mode)));
        self.spots = [stay, new].concat();
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
        self.spots.clear();
        if self.sent.take().is_some() { kitty::free(self.id, mode) } else { Vec::new() }
    }

    /// The terminal does not have what bears this id. Whether that is the veil, which is then sent
    /// anew.
    pub(super) fn is_lost(&mut self, id: u32) -> bool {
        if id == self.id {
            (self.sent, self.spots) = (None, Vec::new());
        }
        id == self.id
    }
}
