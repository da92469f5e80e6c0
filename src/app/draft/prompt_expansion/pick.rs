//! `2$$a|b|c`, `1-2$$ and $$a|b|c`: some of the choices at once.

use super::MOST;
use super::pieces::Piece;

/// How many are taken together, and what stands between them.
pub(super) struct Pick {
    least: usize,
    most: usize,
    between: String,
}

impl Pick {
    /// Takes it off the first alternative; `None`: that begins with none.
    pub(super) fn take_from(first: &mut [Piece]) -> Option<Self> {
        let Some(Piece::Words(words)) = first.first_mut() else { return None };
        let (count, rest) = words.split_once("$$")?;
        let (least, most) = count.split_once('-').unwrap_or((count, count));
        let (least, most) = (least.trim().parse().ok()?, most.trim().parse().ok()?);
        let (between, rest) = rest.split_once("$$").unwrap_or((", ", rest));
        let pick = Self { least, most, between: between.to_owned() };
        *words = rest.to_owned();
        Some(pick)
    }

    /// There are so many alternatives to take from.
    pub(super) fn is_possible(&self, alternatives: usize) -> bool {
        (1..=self.most).contains(&self.least) && self.most <= alternatives
    }

    /// Every set of so many, each in the order of the alternatives.
    pub(super) fn choices(&self, all: &[Vec<String>]) -> Vec<String> {
        let mut found = Vec::new();
        for count in self.least..=self.most {
            self.add(all, count, None, &mut found);
        }
        found
    }

    fn add(
        &self,
        rest: &[Vec<String>],
        count: usize,
        begun: Option<&str>,
        found: &mut Vec<String>,
    ) {
        if count == 0 {
            found.extend(begun.map(str::to_owned));
            return;
        }
        for (place, readings) in rest.iter().enumerate() {
            let behind = rest.get(place + 1..).unwrap_or_default();
            if behind.len() + 1 < count {
                return;
            }
            for reading in readings {
                if found.len() >= MOST {
                    return;
                }
                let joined = begun.map(|begun| format!("{begun}{}{reading}", self.between));
                self.add(behind, count - 1, Some(joined.as_deref().unwrap_or(reading)), found);
            }
        }
    }
}
