//! A colour for each role, readable on the terminal's own ground.
//!
//! Knows no marks and no weights: those are the theme's. Invariant: where the ground is known, words
//! reach a contrast of 4.5 there and on what is selected, lines 3; `tests/it/contrast.rs` computes it. Where
//! it is not known, they reach 4 on black and on white alike; of sixteen colours only the terminal's
//! own eight are used, and never number 8, which some palettes make equal to the ground.

use ratatui::style::Color;

use super::Role;
use super::named::{Hues, Named};
use super::rgb::{MARK, Rgb, TEXT, blend, readable, readable_index};

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The sixteen whose looks are the terminal's own.
    Ansi,
    Indexed,
    True,
}

/// What the terminal writes with where nothing else was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Not all that tell their ground tell their ink.
    pub fg: Option<Rgb>,
    pub bg: Rgb,
}

/// Colours by role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    colours: [Color; Role::ALL.len()],
    /// The same on the ground of what is selected.
    on_bar: [Color; Role::ALL.len()],
    /// Ink and ground of what is selected; reversed without one.
    selected: Option<(Color, Color)>,
    /// The ground of a field where words are typed: as light as that, of no colour.
    field: Option<Color>,
    /// Secondary words that have no colour of their own are dimmed.
    dims: bool,
    /// What all of them stand on, where that is known.
    ground: Option<Rgb>,
}

/// What the config file asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThemeChoice {
    pub named: Named,
    /// Taken as they are.
    pub roles: Vec<(Role, Color)>,
}

const BLACK: Rgb = [0; 3];
const WHITE: Rgb = [255; 3];
/// As far from one as from the other, to the eye.
const MIDDLE: Rgb = [0x76; 3];
/// Contrast on both of them where the ground is not known; more leaves no colours to choose from.
const UNKNOWN: f64 = 4.0;
/// So much of the ink is in secondary words, in lines, and in the ground of what is selected.
const SECONDARY: f64 = 0.62;
const LINE: f64 = 0.38;
const SELECTED: f64 = 0.16;
/// So much of the colour of the focus is in that ground, so that it is found at once.
const TINT: f64 = 0.2;

impl Default for Palette {
    fn default() -> Self {
        let colours = Role::ALL.map(ansi);
        Self { colours, on_bar: colours, selected: None, field: None, dims: true, ground: None }
    }
}

impl ThemeChoice {
    pub fn palette(&self, ground: Option<Ground>, depth: Depth) -> Palette {
        let hues = self.named.hues(ground.map(|ground| ground.bg));
        let mut palette = match (hues, depth) {
            // What is dim in sixteen colours is number 8.
            (_, Depth::Ansi) => Palette { dims: false, ..Palette::default() },
            (None, Depth::Indexed | Depth::True) => {
                self.named.hues(Some(WHITE)).map_or_else(Palette::default, Palette::on_any_ground)
            }
            (Some(hues), Depth::Indexed | Depth::True) => {
                let bg = ground.map_or(hues.bg, |ground| ground.bg);
                let fg = ground.and_then(|ground| ground.fg).unwrap_or(hues.fg);
                Palette::computed(Hues { fg, bg, ..hues }, depth == Depth::True)
            }
        };
        for (role, colour) in &self.roles {
            palette.set(*role, *colour);
        }
        palette
    }
}

impl Palette {
    fn computed(hues: Hues, is_true: bool) -> Self {
        let Hues { fg, bg, .. } = hues;
        let made = |colour: Rgb, grounds: &[(Rgb, f64)]| match is_true {
            true => rgb(readable(colour, grounds)),
            false => Color::Indexed(readable_index(colour, grounds)),
        };
        let shown = |ground: Rgb| match is_true {
            true => ground,
            false => super::rgb::of_index(readable_index(ground, &[])),
        };
        let field = blend(bg, fg, SELECTED);
        let (field, bar) = (shown(field), shown(blend(field, hues.cyan, TINT)));
        let grounds = [(bg, TEXT)];
        // The terminal's own ink stays as it is where it can be read.
        let text = match readable(fg, &[(bg, TEXT)]) == fg {
            true => Color::Reset,
            false => made(fg, &grounds),
        };
        let colours = Role::ALL.map(|role| match role {
            Role::Text => text,
            Role::Line => made(blend(bg, fg, LINE), &[(bg, MARK)]),
            role => made(hue(role, &hues), &grounds),
        });
        let on_bar = Role::ALL.map(|role| {
            let least = if role == Role::Line { MARK } else { TEXT };
            made(hue(role, &hues), &[(bar, least), (field, least)])
        });
        let ground = |of: Rgb| match is_true {
            true => rgb(of),
            false => Color::Indexed(readable_index(of, &[])),
        };
        let selected = Some((made(fg, &[(bar, TEXT), (field, TEXT)]), ground(bar)));
        let field = Some(ground(field));
        Self { colours, on_bar, selected, field, dims: false, ground: Some(bg) }
    }

    /// For a terminal that does not tell its ground: what can be read on black and on white.
    fn on_any_ground(hues: Hues) -> Self {
        let grounds = [(BLACK, UNKNOWN), (WHITE, UNKNOWN)];
        let colours = Role::ALL.map(|role| match role {
            Role::Text => Color::Reset,
            Role::Secondary | Role::Waiting | Role::Line => {
                Color::Indexed(readable_index(MIDDLE, &grounds))
            }
            role => Color::Indexed(readable_index(hue(role, &hues), &grounds)),
        });
        Self { colours, on_bar: colours, selected: None, field: None, dims: false, ground: None }
    }

    pub fn ground(&self) -> Option<Rgb> {
        self.ground
    }

    pub fn get(&self, role: Role) -> Color {
        self.colours.get(role as usize).copied().unwrap_or(Color::Reset)
    }

    /// On the ground of what is selected.
    pub fn get_selected(&self, role: Role) -> Color {
        self.on_bar.get(role as usize).copied().unwrap_or(Color::Reset)
    }

    /// For all that stands on that ground.
    pub fn on_selected(self) -> Self {
        Self { colours: self.on_bar, ..self }
    }

    fn set(&mut self, role: Role, colour: Color) {
        for all in [&mut self.colours, &mut self.on_bar] {
            if let Some(own) = all.get_mut(role as usize) {
                *own = colour;
            }
        }
    }

    pub fn selected(&self) -> Option<(Color, Color)> {
        self.selected
    }

    /// The ground of a field; on it the same can be read as on what is selected.
    pub fn field(&self) -> Option<Color> {
        self.field
    }

    /// Whether the role has to be dimmed to be told from text.
    pub fn is_dimmed(&self, role: Role) -> bool {
        let is_grey = matches!(role, Role::Secondary | Role::Waiting | Role::Line);
        is_grey && self.dims && self.get(role) == Color::Reset
    }
}

/// As the theme has it, before it is made readable.
fn hue(role: Role, hues: &Hues) -> Rgb {
    let Hues { fg, bg, .. } = *hues;
    match role {
        Role::Text => fg,
        Role::Secondary | Role::Waiting => blend(bg, fg, SECONDARY),
        Role::Line => blend(bg, fg, LINE),
        Role::Focus => hues.cyan,
        Role::Parent | Role::Starred => hues.yellow,
        Role::Running => hues.blue,
        Role::Held => hues.violet,
        Role::MaybePaid | Role::Warning => hues.orange,
        Role::Failed => hues.red,
        Role::Money | Role::Good => hues.green,
        Role::Changed => hues.magenta,
    }
}

fn rgb([red, green, blue]: Rgb) -> Color {
    Color::Rgb(red, green, blue)
}

/// Of the terminal's own colours: bright blue, as the other one is not seen on black.
fn ansi(role: Role) -> Color {
    match role {
        Role::Text | Role::Secondary | Role::Line | Role::Waiting => Color::Reset,
        Role::Focus => Color::Cyan,
        Role::Parent | Role::Starred | Role::MaybePaid | Role::Warning => Color::Yellow,
        Role::Running => Color::LightBlue,
        Role::Held | Role::Changed => Color::Magenta,
        Role::Failed => Color::Red,
        Role::Money | Role::Good => Color::Green,
    }
}

/// `#rrggbb`, or one of the terminal's own by name or number: `red`, `bright-red`, `9`, `default`.
pub fn colour_named(text: &str) -> Option<Color> {
    if let Some(digits) = text.strip_prefix('#') {
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6)?;
        let [_, red, green, blue] = number.to_be_bytes();
        return Some(Color::Rgb(red, green, blue));
    }
    const NAMES: [&str; 8] =
        ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
    let base = text.strip_prefix("bright-").unwrap_or(text);
    let place = NAMES.iter().position(|name| *name == base);
    match (text, place.and_then(|place| u8::try_from(place).ok())) {
        ("default", _) => Some(Color::Reset),
        (_, Some(place)) => Some(Color::Indexed(place + if base == text { 0 } else { 8 })),
        (number, None) => number.parse().ok().map(Color::Indexed),
    }
}
