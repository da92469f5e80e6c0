//! How strongly to heal, tried on the canvas before it is kept.

use crate::app::compare::HealRefusal;
use crate::app::model::Model;
use crate::tree::PictureRef;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Healing {
    pub child: PictureRef,
    /// Percent: how much of the child is taken back at least.
    pub strength: u8,
    /// The picture as it is, for a comparison by hand.
    pub is_bare: bool,
}

/// One press of an arrow, in percent.
pub const STEP: u8 = 10;

impl Healing {
    pub fn new(child: PictureRef) -> Self {
        Self { child, strength: 50, is_bare: false }
    }

    /// There is nothing to keep.
    pub fn refused(self, model: &Model) -> Option<&HealRefusal> {
        model.comparisons.not_healed(self.child, self.strength)
    }

    /// The same with why, and what strength would do.
    pub fn refused_in_words(self, model: &Model) -> Option<String> {
        let HealRefusal { why, enough, .. } = self.refused(model)?;
        let enough = enough.map_or(String::new(), |it| format!("; strength {it} % heals it"));
        Some(format!("not healed: {why}{enough}"))
    }

    /// Another strength would give another picture.
    pub fn is_adjustable(self, model: &Model) -> bool {
        self.refused(model).is_none_or(|refusal| refusal.enough.is_some())
    }

    pub fn change(&mut self, more: bool, times: u16) {
        let by = STEP.saturating_mul(u8::try_from(times).unwrap_or(STEP));
        let strength = if more {
            self.strength.saturating_add(by).min(100)
        } else {
            self.strength.saturating_sub(by)
        };
        (self.strength, self.is_bare) = (strength, false);
    }
}
