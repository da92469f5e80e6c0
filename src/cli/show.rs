//! `show`: a picture into the scrollback, by viuer, which is at home there; in words where no
//! graphics are wanted.
//!
//! Kitty pictures are left to the workbench: viuer would ask the terminal and wait without limit.

use std::path::Path;

use image::DynamicImage;

use super::session::{executor, open_store};
use super::values::NodeName;
use super::{CommandError, code, print};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::graphics::protocol::Protocol;
use crate::picture::{self, Limits};
use crate::runtime::open_files::read_picture;
use crate::text::plain;

/// Pixels that are worth printing.
const MOST: u32 = 1 << 20;
/// Columns at most, so that a wide terminal is not filled by one picture.
const WIDEST: u32 = 80;

/// `editree show NODE|FILE`.
pub(crate) fn show(config: Config, what: &str) -> Result<u8, CommandError> {
    let bytes = match NodeName::parse(what) {
        Some(name) => executor()?.block_on(of_node(&config, what, name))?,
        None => read_picture(Path::new(what))?.0,
    };
    let refused = |error| CommandError::usage(format!("`{what}`: {error}"));
    if config.graphics == Some(Protocol::None) {
        let info = picture::decode(&bytes, Limits::default()).map_err(refused)?.info();
        let words = format!("{what}: {} by {}, {}", info.width, info.height, info.format.name());
        return print(format!("{}\n", plain(&words)).as_bytes());
    }
    let decoded = picture::decode(&bytes, Limits::to_reduce_to(MOST)).map_err(refused)?;
    let settings = viuer::Config {
        width: Some(WIDEST.min(u32::from(viuer::terminal_size().0))),
        absolute_offset: false,
        use_kitty: false,
        use_iterm: viuer::is_iterm_supported(),
        ..viuer::Config::default()
    };
    match viuer::print(&DynamicImage::ImageRgba8(decoded.image), &settings) {
        Ok(_) => Ok(0),
        Err(error) => {
            Err(CommandError::new(code::INTERNAL, format!("cannot print the picture: {error}")))
        }
    }
}

async fn of_node(config: &Config, what: &str, name: NodeName) -> Result<Vec<u8>, CommandError> {
    let (store, _) = open_store(config, false).await?;
    let node = store.find_node(name.node).await.map_err(Failure::from)?;
    let hash = node.and_then(|node| Some(node.pictures.get(name.picture - 1)?.hash));
    let hash = hash.ok_or_else(|| {
        CommandError::usage(format!("there is no picture `{what}`"))
            .hint("`editree tree` lists the nodes")
    })?;
    store.media().read(hash).map_err(|error| Failure::from(error).into())
}
