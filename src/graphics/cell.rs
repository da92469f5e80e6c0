//! How many pixels a cell has: from what the terminal and the system say, and not all is believed.
//!
//! Asks nothing itself; knows when what was answered is out of date.

/// What a cell has by each way of asking, width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    /// `CSI 16 t`.
    reported: Option<(u16, u16)>,
    /// `CSI 14 t`, divided by the window's columns and rows when it came.
    text_area: Option<(u16, u16)>,
    /// XTSMGRAPHICS likewise, where it is the text area and no limit.
    graphics: Option<(u16, u16)>,
    /// Columns, rows and pixels as the system has them; 0 where it does not know.
    window: Option<(u16, u16, u16, u16)>,
    /// What sixels may take is less than a picture needs (Emacs eat in a terminal: 1×2 a cell).
    is_coarse: bool,
}

/// All that [`Sizes::take`] takes the answers of.
pub(super) const QUESTIONS: &[u8] = b"\x1b[16t\x1b[14t\x1b[?2;1;0S";

/// Sane sizes of a cell; some terminals answer nonsense.
const WIDTHS: std::ops::RangeInclusive<u16> = 4..=64;
const HEIGHTS: std::ops::RangeInclusive<u16> = 6..=128;
const USUAL: (u16, u16) = (10, 20);

impl Sizes {
    /// What the system says; whether it has changed, so that the terminal should be asked again.
    pub(super) fn set_window(&mut self, window: (u16, u16, u16, u16)) -> bool {
        self.window.replace(window).is_some_and(|before| before != window)
    }

    /// The answer to one of the questions, less its `ESC [`.
    pub(super) fn take(&mut self, answer: &str) {
        let numbers = |text: &str| -> Vec<u16> {
            text.split(';').filter_map(|number| number.parse().ok()).collect()
        };
        if let Some(rest) = answer.strip_suffix('t') {
            match numbers(rest).as_slice() {
                [6, height, width] => self.reported = sane((*width, *height)),
                [4, height, width] => self.text_area = self.part((*width, *height)),
                _ => {}
            }
        } else if let Some(rest) = answer.strip_prefix('?').and_then(|rest| rest.strip_suffix('S'))
            && let [2, 0, width, height] = numbers(rest).as_slice()
        {
            let (columns, rows, ..) = self.window.unwrap_or_default();
            self.is_coarse = *width < columns.saturating_mul(*WIDTHS.start())
                && *height < rows.saturating_mul(*HEIGHTS.start());
            self.graphics = self.part((*width, *height)).filter(|cell| {
                let filled = |cell: u16, count: u16| cell.checked_mul(count);
                (filled(cell.0, columns), filled(cell.1, rows)) == (Some(*width), Some(*height))
            });
        }
    }

    /// The first sane value of: the terminal's own; its text area's; what sixels may take, if
    /// cells fill it exactly (elsewhere it is a limit; where it is not, it is better than the
    /// system's, which counts the borders of an xterm); the system's; the usual.
    pub(super) fn cell(&self) -> (u16, u16) {
        let system = || self.window.and_then(|(_, _, width, height)| self.part((width, height)));
        self.reported.or(self.text_area).or(self.graphics).or_else(system).unwrap_or(USUAL)
    }

    /// Another terminal is here; the system's window is as it was.
    pub(super) fn forget_answers(&mut self) {
        *self = Self { window: self.window, ..Self::default() };
    }

    /// The terminal has told a size that is none for pixels: no reason to guess another.
    pub(super) fn is_coarse(&self) -> bool {
        self.is_coarse && self.reported.is_none() && self.text_area.is_none()
    }

    fn part(&self, (width, height): (u16, u16)) -> Option<(u16, u16)> {
        let (columns, rows, ..) = self.window?;
        sane((width.checked_div(columns)?, height.checked_div(rows)?))
    }
}

fn sane((width, height): (u16, u16)) -> Option<(u16, u16)> {
    (WIDTHS.contains(&width) && HEIGHTS.contains(&height)).then_some((width, height))
}
