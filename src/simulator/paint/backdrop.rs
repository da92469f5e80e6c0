//! What may stand behind everything: by the words that want it.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backdrop {
    Blurred,
    White,
    Beach,
    Forest,
    City,
    Space,
    Mountains,
}

impl Backdrop {
    /// What the words want behind; a plain landscape where they name nothing known.
    pub fn read(lower: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if has(&["beach", "sea", "ocean", "sunset"]) {
            Self::Beach
        } else if has(&["forest", "wood", "jungle", "garden", "park"]) {
            Self::Forest
        } else if has(&["city", "street", "skyline", "neon"]) {
            Self::City
        } else if has(&["space", "night", "star", "galaxy"]) {
            Self::Space
        } else {
            Self::Mountains
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Blurred => "blurred",
            Self::White => "white now",
            Self::Beach => "a beach now",
            Self::Forest => "a forest now",
            Self::City => "a city now",
            Self::Space => "the night sky now",
            Self::Mountains => "mountains now",
        }
    }

    /// Words for the scene painter.
    pub fn words(self) -> &'static str {
        match self {
            Self::Blurred | Self::White | Self::Mountains => "mountains in snow",
            Self::Beach => "a beach at sunset",
            Self::Forest => "a green forest",
            Self::City => "a city at night with neon light",
            Self::Space => "night sky with a moon",
        }
    }
}
