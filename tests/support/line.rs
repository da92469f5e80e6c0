//! From frames to bytes to pixels: a screen, what waits for the line, and the terminal at its end.

use std::sync::Arc;
use std::time::Instant;

use editree::app::action::Annotation;
use editree::graphics::patch::Ground;
use editree::graphics::protocol::Protocol;
use editree::graphics::quality::QualityPlan;
use editree::graphics::{self, Colours, EncodeRequest, Encoded};
use editree::terminal::image_request::{ImageRequest, Mode};
use editree::terminal::queue::Queue;
use editree::terminal::screen::Screen;
use editree::tree::Hash;
use editree::ui::frame::{Frame, Mark, Placement};
use image::{RgbImage, Rgba, RgbaImage, imageops};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::mini::Mini;

/// Pixels of a cell.
pub const CELL: (u16, u16) = (10, 20);

pub struct Line {
    pub screen: Screen,
    pub queue: Queue,
    pub mini: Mini,
    pub protocol: Protocol,
    /// By the first byte of their names.
    pub pictures: Vec<RgbaImage>,
    /// What stands there may be laid over.
    pub is_known: bool,
}

/// A line that is not known yet: a first look, and the sharp picture.
pub fn far() -> QualityPlan {
    QualityPlan { is_remote: true, cell: CELL, ..QualityPlan::default() }
}

impl Line {
    pub fn new(protocol: Protocol, size: (u16, u16), pictures: Vec<RgbaImage>) -> Self {
        let mut screen = Screen::new(Mode { protocol, wrap: false, ascii: false }, 0x0012_3400);
        screen.set_ladder(far());
        let (queue, mini) = (Queue::new(None), Mini::new(size.0, size.1));
        Self { screen, queue, mini, protocol, pictures, is_known: true }
    }

    pub fn frame(&self, placements: &[Placement]) -> Frame {
        let cells = Buffer::empty(Rect::new(0, 0, self.mini.columns, self.mini.rows));
        Frame { cells, placements: placements.to_vec(), ..Frame::default() }
    }

    /// As far as it gets: bytes to the first look, and to the last.
    pub fn show(&mut self, frame: &Frame) -> (usize, usize) {
        let (before, mut first) = (self.mini.received, 0);
        for round in 0.. {
            assert!(round < 30, "it never ends");
            let lacking = self.screen.show(frame.clone(), &mut self.queue);
            self.write();
            if lacking.is_empty() {
                break;
            }
            self.supply(lacking);
            self.screen.show(frame.clone(), &mut self.queue);
            self.write();
            first = if first == 0 { self.mini.received - before } else { first };
        }
        // What has arrived is placed, or named in cells.
        self.screen.show(frame.clone(), &mut self.queue);
        self.write();
        (first, self.mini.received - before)
    }

    pub fn supply(&mut self, lacking: Vec<ImageRequest>) {
        for wanted in lacking {
            let encoded = self.encode(&wanted);
            self.screen.supply(wanted, encoded);
        }
    }

    pub fn write(&mut self) {
        while self.write_one() {}
    }

    pub fn write_one(&mut self) -> bool {
        let portion = self.queue.next(Instant::now());
        if let Some(portion) = &portion {
            self.mini.feed(&portion.bytes);
            self.queue.acknowledge(Instant::now());
        }
        portion.is_some()
    }

    /// What is seen in an area.
    pub fn seen(&self, area: Rect) -> RgbImage {
        self.mini.seen(area)
    }

    fn encode(&mut self, wanted: &ImageRequest) -> Encoded {
        let area = wanted.placement.area;
        let request = EncodeRequest {
            protocol: self.protocol,
            colours: Colours::True,
            shapes: Default::default(),
            ascii: false,
            wrap: false,
            cells: (area.width, area.height),
            cell: CELL,
            background: graphics::USUAL_BACKGROUND,
            id: self.screen.id_for(),
            level: wanted.level,
        };
        let grounds = if self.is_known { self.screen.grounds(wanted) } else { Vec::new() };
        let below = |placement: &Placement| Some(self.picture(placement));
        let grounds: Vec<Ground> = grounds.iter().filter_map(|ground| ground.laid(below)).collect();
        graphics::encode_over(&self.picture(&wanted.placement), None, &grounds, &request)
    }

    /// With the boxes that are drawn over it, in its own pixels.
    pub fn picture(&self, placement: &Placement) -> Arc<RgbaImage> {
        let mut picture = self.pictures[usize::from(placement.picture.0[0])].clone();
        for mark in placement.sketch.iter().flat_map(|sketch| &sketch.shapes) {
            if let Mark::Annotation(Annotation::Box(at)) = mark {
                let filled = RgbaImage::from_pixel(at.width, at.height, Rgba([240, 10, 10, 255]));
                imageops::replace(&mut picture, &filled, at.x.into(), at.y.into());
            }
        }
        Arc::new(picture)
    }
}

/// The picture of this number in an area.
pub fn picture(number: u8, area: Rect) -> Placement {
    Placement::whole(Hash([number; 32]), area)
}
