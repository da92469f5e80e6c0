//! Which rungs a picture climbs on this line: the first look, the sharp one, and what follows.

use super::{Protocol, Rung};

/// What is known about the line, and what the person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ladder {
    /// Bytes in a second, once measured.
    pub rate: Option<f64>,
    /// The terminal has said what it can do.
    pub is_settled: bool,
    /// Over ssh: nothing is taken for granted before it is measured.
    pub is_remote: bool,
    /// Nobody has pressed a key for a while: there is time for the last bit of sharpness.
    pub is_idle: bool,
    /// The person wants every pixel as it is, whatever it takes.
    pub is_exact: bool,
    /// Something on the way makes pictures larger: half as sharp is enough.
    pub is_halved: bool,
    /// Pixels of a cell.
    pub cell: (u16, u16),
}

/// A first look is worth it if the sharp picture takes longer, in seconds.
const FIRST_LOOK: f64 = 0.1;
/// As long a sharp picture may take before half of it comes first.
const LONG: f64 = 2.0;
/// Every pixel at once, if it takes no longer than this.
const AT_ONCE: f64 = 0.3;
/// Nearly every pixel, while nobody types.
const WHILE_IDLE: f64 = 2.0;

impl Ladder {
    /// From the first to the last, never empty. `cells` are columns and rows.
    pub fn rungs(&self, protocol: Protocol, cells: (u16, u16)) -> Vec<Rung> {
        if matches!(protocol, Protocol::Blocks | Protocol::None) {
            // Soon there may be pixels: blocks would only keep the line from them.
            let wait = self.is_remote && !self.is_settled && !self.is_idle;
            return match (self.is_remote, wait) {
                (false, _) => vec![Rung::Sharp],
                (true, true) => vec![Rung::Tiny],
                (true, false) => vec![Rung::Tiny, Rung::Sharp],
            };
        }
        let mut rungs = match (self.rate, self.is_remote) {
            (None, false) => vec![Rung::Exact],
            (None, true) => vec![Rung::Tiny, Rung::Sharp],
            (Some(rate), _) => {
                let pixels = f64::from(cells.0) * f64::from(cells.1);
                let pixels = pixels * f64::from(self.cell.0) * f64::from(self.cell.1);
                let time = |rung| pixels * weight(protocol, rung) / rate.max(1.0);
                self.climb(time)
            }
        };
        if self.is_halved {
            rungs.retain(|rung| *rung < Rung::Half);
            rungs.push(Rung::Half);
        }
        if self.is_exact && !rungs.contains(&Rung::Exact) {
            rungs.push(Rung::Exact);
        }
        rungs
    }

    fn climb(&self, time: impl Fn(Rung) -> f64) -> Vec<Rung> {
        if time(Rung::Exact) <= AT_ONCE {
            return vec![Rung::Exact];
        }
        let mut rungs = Vec::new();
        if time(Rung::Sharp) > FIRST_LOOK {
            rungs.push(Rung::Tiny);
        }
        if time(Rung::Sharp) > LONG {
            rungs.push(Rung::Half);
        }
        rungs.push(Rung::Sharp);
        if self.is_idle && time(Rung::Near) <= WHILE_IDLE {
            rungs.push(Rung::Near);
        }
        rungs
    }
}

/// Bytes for each pixel of the screen, as `cargo bench --bench bytes` finds them for photos.
fn weight(protocol: Protocol, rung: Rung) -> f64 {
    let [half, sharp, near, exact] = match protocol {
        Protocol::Iterm2 => [0.1, 0.3, 0.5, 2.2],
        Protocol::Sixel => [0.34, 0.6, 0.9, 1.7],
        Protocol::KittyDirect | Protocol::KittyPlaceholder | Protocol::Blocks | Protocol::None => {
            [0.12, 0.35, 1.0, 2.2]
        }
    };
    match rung {
        Rung::Tiny => 0.01,
        Rung::Half => half,
        Rung::Sharp => sharp,
        Rung::Near => near,
        Rung::Exact => exact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: (u16, u16) = (60, 30);

    fn ladder(megabits: f64) -> Ladder {
        let rate = Some(megabits * 125_000.0);
        Ladder { rate, is_remote: true, cell: (10, 20), ..Ladder::default() }
    }

    #[test]
    fn the_line_decides_how_a_picture_begins() {
        let kitty = |ladder: Ladder| ladder.rungs(Protocol::KittyDirect, CELLS);
        assert_eq!(kitty(ladder(0.256)), [Rung::Tiny, Rung::Half, Rung::Sharp]);
        assert_eq!(kitty(ladder(1.0)), [Rung::Tiny, Rung::Sharp]);
        assert_eq!(kitty(ladder(15.0)), [Rung::Sharp]);
        assert_eq!(kitty(ladder(100.0)), [Rung::Exact]);
    }

    #[test]
    fn before_anything_is_measured_only_a_near_terminal_gets_every_pixel() {
        let unknown = Ladder { rate: None, ..ladder(1.0) };
        assert_eq!(unknown.rungs(Protocol::Sixel, CELLS), [Rung::Tiny, Rung::Sharp]);
        let near = Ladder { is_remote: false, ..unknown };
        assert_eq!(near.rungs(Protocol::Sixel, CELLS), [Rung::Exact]);
        assert_eq!(near.rungs(Protocol::Blocks, CELLS), [Rung::Sharp]);
    }

    #[test]
    fn blocks_far_away_stay_coarse_until_the_terminal_has_said_that_it_knows_no_better() {
        let blocks = |ladder: Ladder| ladder.rungs(Protocol::Blocks, CELLS);
        assert_eq!(blocks(ladder(1.0)), [Rung::Tiny]);
        let both = [Rung::Tiny, Rung::Sharp];
        assert_eq!(blocks(Ladder { is_settled: true, ..ladder(1.0) }), both);
        assert_eq!(blocks(Ladder { is_idle: true, ..ladder(1.0) }), both);
    }

    #[test]
    fn idle_time_and_wishes_add_sharpness() {
        let idle = Ladder { is_idle: true, ..ladder(4.0) };
        let kitty = |ladder: Ladder| ladder.rungs(Protocol::KittyDirect, CELLS).last().copied();
        assert_eq!(kitty(idle), Some(Rung::Near));
        assert_eq!(kitty(Ladder { is_idle: true, ..ladder(0.5) }), Some(Rung::Sharp));
        assert_eq!(kitty(Ladder { is_exact: true, ..ladder(0.5) }), Some(Rung::Exact));
        let halved = Ladder { is_halved: true, ..ladder(1.0) };
        assert_eq!(halved.rungs(Protocol::KittyDirect, CELLS), [Rung::Tiny, Rung::Half]);
        let near = Ladder { rate: None, is_remote: false, ..halved };
        assert_eq!(near.rungs(Protocol::KittyDirect, CELLS), [Rung::Half]);
        assert_eq!(kitty(Ladder { is_exact: true, ..halved }), Some(Rung::Exact));
    }
}
