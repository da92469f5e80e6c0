//! How a picture that comes from another tool was made, as the tool has written it into the file.
//!
//! `texts` takes the texts out of the containers, one file below each family of tools reads them.
//! Pure; knows nothing of our own label. Invariant: a text that no tool is known for is no origin,
//! and nothing in a file makes this fail or run long.

use super::containers::{self, Container};
use super::texts::{self, Texts};

mod graph;
mod json;
mod lines;
mod plain;
mod stealth;

/// What another tool has written, as far as it makes sense here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    pub tool: &'static str,
    pub prompt: String,
    pub negative_prompt: String,
    pub seed: Option<u64>,
    pub steps: Option<u32>,
    pub guidance: Option<f64>,
    /// As the tool names it: a file, an endpoint, a family.
    pub model: Option<String>,
    /// Width and height in pixels, as asked for.
    pub size: Option<(u32, u32)>,
    /// The file that it was made from, as the tool names it.
    pub made_from: Option<String>,
}

/// Reads a file's own words; `None` if it tells nothing.
pub fn read(file: &[u8]) -> Option<Origin> {
    let texts = texts::of(file);
    from_texts(&texts).or_else(|| {
        let is_png = containers::of(file) == Some(Container::Png);
        let hidden = is_png.then(|| stealth::text(file)).flatten()?;
        from_texts(&stealth::as_texts(&hidden))
    })
}

/// The more a tool says of itself the earlier it is asked.
fn from_texts(texts: &Texts) -> Option<Origin> {
    json::read(texts)
        .or_else(|| graph::read(texts))
        .or_else(|| plain::easy_diffusion(texts))
        .or_else(|| lines::read(texts))
        .or_else(|| plain::read(texts))
}

#[cfg(test)]
mod tests;
