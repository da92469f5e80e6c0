//! One line: who serves, what it goes to, how pictures are shown.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::model::Model;
use crate::ui::Graphics;
use crate::ui::cells::{put, put_right};
use crate::ui::theme::Theme;

pub fn draw(area: Rect, buffer: &mut Buffer, model: &Model, graphics: &Graphics, theme: Theme) {
    let mut x = put(buffer, area, 0, 0, " editree ", theme.accent());
    if model.profile.simulated {
        let long = " SIMULATOR: nothing is sent, nothing costs ";
        let text = if area.width >= 70 { long } else { " SIMULATOR " };
        x += put(buffer, area, x, 0, text, theme.banner());
    } else {
        let text = format!("{} ({})", model.profile.name, model.profile.host);
        x += put(buffer, area, x, 0, &text, theme.good());
    }
    if let Some(offline) = offline(model) {
        x += put(buffer, area, x + 1, 0, &offline, theme.warning()) + 1;
    }
    let endpoint = match model.endpoint() {
        Ok(endpoint) => endpoint.short.clone(),
        Err(_) => "no endpoint".into(),
    };
    x += put(buffer, area, x + 1, 0, &endpoint, theme.accent()) + 1;
    let follow = if model.trail.follow { "" } else { "follow off · " };
    let level = graphics.level.map_or(String::new(), |level| format!(" · {level}"));
    let link = graphics.link.as_deref().map_or(String::new(), |link| format!(" · {link}"));
    for right in [
        format!("{follow}{}: {}{link}{level} ", graphics.protocol, graphics.why),
        format!("{follow}{}{link}{level} ", graphics.protocol),
        format!("{follow}{} ", graphics.protocol),
    ] {
        if usize::from(x) + 1 + right.chars().count() <= usize::from(area.width) {
            put_right(buffer, area, x, 0, &right, theme.dim());
            return;
        }
    }
}

/// Since when the network is down, and how many jobs wait for it.
fn offline(model: &Model) -> Option<String> {
    let (hours, minutes, _) = model.clock(model.session.offline_since?);
    let waiting = match model.waiting_for_network() {
        1 => "1 job waiting".to_owned(),
        jobs => format!("{jobs} jobs waiting"),
    };
    Some(format!("offline since {hours:02}:{minutes:02}, {waiting}"))
}
