//! The corner in which a simulated picture says that it is one.
//!
//! Only where it lies, so that it is left out of comparing and healing. What the file says about
//! itself decides whether there is one.

use super::mapping::Part;

/// Whether the file's own words say that the simulator has made it.
pub fn is_simulated(words: &[(String, String)]) -> bool {
    words.iter().any(|(_, text)| text.contains("editree") && text.contains("simulator"))
}

/// The corner of a simulated picture of this size; empty for all others.
pub fn of(words: &[(String, String)], (width, height): (u32, u32)) -> Vec<Part> {
    if !is_simulated(words) {
        return Vec::new();
    }
    // Fourteen dots by eight, at most 4.4 % of the width; healing may have carried it into a frame
    // of another size.
    let dot = (width / 320).clamp(2, 8);
    let w = (dot * 14).max(width * 45 / 1000 + 1) + 2;
    let h = (w * 8 / 14 + 3).min(height);
    let w = w.min(width);
    vec![Part { x: width - w, y: height - h, w, h }]
}
