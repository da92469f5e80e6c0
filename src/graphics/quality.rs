//! Which levels a picture climbs on this line: the first look, the sharp one, and what follows.

use super::QualityLevel;
use super::protocol::{Delivery, Protocol};

/// What is known about the line, and what the person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QualityPlan {
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
const FIRST_LOOK_SECONDS: f64 = 0.1;
/// As long a sharp picture may take before half of it comes first.
const SLOW_SECONDS: f64 = 2.0;
/// Every pixel at once, if it takes no longer than this.
const AT_ONCE_SECONDS: f64 = 0.3;
/// Nearly every pixel, while nobody types.
const WHILE_IDLE_SECONDS: f64 = 2.0;

impl QualityPlan {
    /// From the first to the last, never empty. `cells` are columns and rows.
    pub fn levels(&self, protocol: Protocol, cells: (u16, u16)) -> Vec<QualityLevel> {
        if matches!(protocol.delivery(), Delivery::Cells | Delivery::Nothing) {
            // Soon there may be pixels: blocks would only keep the line from them.
            let wait = self.is_remote && !self.is_settled && !self.is_idle;
            return match (self.is_remote, wait) {
                (false, _) => vec![QualityLevel::Sharp],
                (true, true) => vec![QualityLevel::Preview],
                (true, false) => vec![QualityLevel::Preview, QualityLevel::Sharp],
            };
        }
        let mut levels = match (self.rate, self.is_remote) {
            (None, false) => vec![QualityLevel::Lossless],
            (None, true) => vec![QualityLevel::Preview, QualityLevel::Sharp],
            (Some(rate), _) => {
                let pixels = f64::from(cells.0) * f64::from(cells.1);
                let pixels = pixels * f64::from(self.cell.0) * f64::from(self.cell.1);
                let time = |level| pixels * weight(protocol, level) / rate.max(1.0);
                self.climb(time)
            }
        };
        if self.is_halved {
            levels.retain(|level| *level < QualityLevel::Half);
            levels.push(QualityLevel::Half);
        }
        if self.is_exact && !levels.contains(&QualityLevel::Lossless) {
            levels.push(QualityLevel::Lossless);
        }
        levels
    }

    fn climb(&self, time: impl Fn(QualityLevel) -> f64) -> Vec<QualityLevel> {
        if time(QualityLevel::Lossless) <= AT_ONCE_SECONDS {
            return vec![QualityLevel::Lossless];
        }
        let mut levels = Vec::new();
        if time(QualityLevel::Sharp) > FIRST_LOOK_SECONDS {
            levels.push(QualityLevel::Preview);
        }
        if time(QualityLevel::Sharp) > SLOW_SECONDS {
            levels.push(QualityLevel::Half);
        }
        levels.push(QualityLevel::Sharp);
        if self.is_idle && time(QualityLevel::NearLossless) <= WHILE_IDLE_SECONDS {
            levels.push(QualityLevel::NearLossless);
        }
        levels
    }
}

/// Bytes for each pixel of the screen.
fn weight(protocol: Protocol, level: QualityLevel) -> f64 {
    let [half, sharp, near, exact] = protocol.row().bytes;
    match level {
        QualityLevel::Preview => 0.01,
        QualityLevel::Half => half,
        QualityLevel::Sharp => sharp,
        QualityLevel::NearLossless => near,
        QualityLevel::Lossless => exact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: (u16, u16) = (60, 30);

    fn quality_plan(megabits: f64) -> QualityPlan {
        let rate = Some(megabits * 125_000.0);
        QualityPlan { rate, is_remote: true, cell: (10, 20), ..QualityPlan::default() }
    }

    #[test]
    fn the_line_decides_how_a_picture_begins() {
        let kitty = |quality_plan: QualityPlan| quality_plan.levels(Protocol::KittyDirect, CELLS);
        assert_eq!(
            kitty(quality_plan(0.256)),
            [QualityLevel::Preview, QualityLevel::Half, QualityLevel::Sharp]
        );
        assert_eq!(kitty(quality_plan(1.0)), [QualityLevel::Preview, QualityLevel::Sharp]);
        assert_eq!(kitty(quality_plan(15.0)), [QualityLevel::Sharp]);
        assert_eq!(kitty(quality_plan(100.0)), [QualityLevel::Lossless]);
    }

    #[test]
    fn before_anything_is_measured_only_a_near_terminal_gets_every_pixel() {
        let unknown = QualityPlan { rate: None, ..quality_plan(1.0) };
        assert_eq!(
            unknown.levels(Protocol::Sixel, CELLS),
            [QualityLevel::Preview, QualityLevel::Sharp]
        );
        let near = QualityPlan { is_remote: false, ..unknown };
        assert_eq!(near.levels(Protocol::Sixel, CELLS), [QualityLevel::Lossless]);
        assert_eq!(near.levels(Protocol::Blocks, CELLS), [QualityLevel::Sharp]);
    }

    #[test]
    fn blocks_far_away_stay_coarse_until_the_terminal_has_said_that_it_knows_no_better() {
        let blocks = |quality_plan: QualityPlan| quality_plan.levels(Protocol::Blocks, CELLS);
        assert_eq!(blocks(quality_plan(1.0)), [QualityLevel::Preview]);
        let both = [QualityLevel::Preview, QualityLevel::Sharp];
        assert_eq!(blocks(QualityPlan { is_settled: true, ..quality_plan(1.0) }), both);
        assert_eq!(blocks(QualityPlan { is_idle: true, ..quality_plan(1.0) }), both);
    }

    #[test]
    fn idle_time_and_wishes_add_sharpness() {
        let idle = QualityPlan { is_idle: true, ..quality_plan(4.0) };
        let kitty = |quality_plan: QualityPlan| {
            quality_plan.levels(Protocol::KittyDirect, CELLS).last().copied()
        };
        assert_eq!(kitty(idle), Some(QualityLevel::NearLossless));
        assert_eq!(
            kitty(QualityPlan { is_idle: true, ..quality_plan(0.5) }),
            Some(QualityLevel::Sharp)
        );
        assert_eq!(
            kitty(QualityPlan { is_exact: true, ..quality_plan(0.5) }),
            Some(QualityLevel::Lossless)
        );
        let halved = QualityPlan { is_halved: true, ..quality_plan(1.0) };
        assert_eq!(
            halved.levels(Protocol::KittyDirect, CELLS),
            [QualityLevel::Preview, QualityLevel::Half]
        );
        let near = QualityPlan { rate: None, is_remote: false, ..halved };
        assert_eq!(near.levels(Protocol::KittyDirect, CELLS), [QualityLevel::Half]);
        assert_eq!(kitty(QualityPlan { is_exact: true, ..halved }), Some(QualityLevel::Lossless));
    }
}
