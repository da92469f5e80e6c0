//! Fits a picture into a slot: as large as possible, in whole cells, centred.

use ratatui::layout::Rect;

/// `size` in pixels of the picture, `cell` in pixels of the screen; `None` where there is no room.
pub fn fitted(slot: Rect, cell: (u16, u16), size: (u32, u32)) -> Option<Rect> {
    let (columns, rows) = (u64::from(slot.width), u64::from(slot.height));
    let (cw, ch) = (u64::from(cell.0.max(1)), u64::from(cell.1.max(1)));
    let (w, h) = (u64::from(size.0.max(1)), u64::from(size.1.max(1)));
    let rounded = |part: u64, whole: u64| (part + whole / 2) / whole;
    // Columns that the full height would need, in whole cells.
    let wanted = rounded(rows * ch * w, h * cw).max(1);
    let (columns, rows) = if wanted <= columns {
        (wanted, rows)
    } else {
        (columns, rounded(columns * cw * h, w * ch).clamp(1, rows))
    };
    let (width, height) = (u16::try_from(columns).ok()?, u16::try_from(rows).ok()?);
    (width > 0 && height > 0).then(|| Rect {
        x: slot.x + (slot.width - width) / 2,
        y: slot.y + (slot.height - height) / 2,
        width,
        height,
    })
}
