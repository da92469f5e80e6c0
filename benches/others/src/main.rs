//! Shows one picture with another library: `others viuer|ratatui-image kitty|iterm2|sixel|blocks
//! FILE`, in 60×30 cells of 10×20 pixels.
//!
//! viuer prints, so that whoever reads the terminal counts; ratatui-image's bytes are counted here,
//! as ratatui's backend writes them. The last line is `took MILLISECONDS`, after `sent BYTES` where
//! they are known.

use std::time::Instant;

use image::DynamicImage;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::widgets::Widget;
use ratatui_image::picker::{Picker, ProtocolType};
use ratatui_image::{Image, Resize};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, protocol, file] = arguments.as_slice() else {
        return Err("others viuer|ratatui-image PROTOCOL FILE".into());
    };
    let bytes = std::fs::read(file)?;
    let began = Instant::now();
    let picture = image::load_from_memory(&bytes)?;
    match library.as_str() {
        "viuer" => viuer(&picture, protocol)?,
        _ => println!("sent {}", ratatui_image(picture, protocol)?),
    }
    println!("\r\ntook {:.1}", began.elapsed().as_secs_f64() * 1_000.0);
    Ok(())
}

fn viuer(picture: &DynamicImage, protocol: &str) -> Outcome {
    let config = viuer::Config {
        width: Some(60),
        height: Some(30),
        truecolor: true,
        use_kitty: protocol == "kitty",
        use_iterm: protocol == "iterm2",
        use_sixel: protocol == "sixel",
        ..viuer::Config::default()
    };
    viuer::print(picture, &config)?;
    Ok(())
}

fn ratatui_image(picture: DynamicImage, protocol: &str) -> Result<usize, Box<dyn std::error::Error>> {
    #[allow(deprecated, reason = "the only way without a terminal that is asked")]
    let mut picker = Picker::from_fontsize((10, 20).into());
    picker.set_protocol_type(match protocol {
        "kitty" => ProtocolType::Kitty,
        "iterm2" => ProtocolType::Iterm2,
        "sixel" => ProtocolType::Sixel,
        _ => ProtocolType::Halfblocks,
    });
    let made = picker.new_protocol(picture, Size::new(60, 30), Resize::Scale(None))?;
    let area = Rect::new(0, 0, 60, 30);
    let before = Buffer::empty(area);
    let mut after = before.clone();
    Image::new(&made).render(area, &mut after);
    let mut out = Vec::new();
    CrosstermBackend::new(&mut out).draw(before.diff(&after).into_iter())?;
    Ok(out.len())
}
