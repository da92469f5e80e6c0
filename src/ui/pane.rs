//! The identifier of a pane, used by key contexts and layout.
//!
//! Each pane is defined in its own file below `panes/`.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pane(pub &'static str);

impl Pane {
    /// Where keys are text.
    pub const PROMPT: Self = Self("prompt");
    pub const CANVAS: Self = Self("canvas");

    pub fn name(self) -> &'static str {
        self.0
    }
}

impl Default for Pane {
    fn default() -> Self {
        Self::PROMPT
    }
}
