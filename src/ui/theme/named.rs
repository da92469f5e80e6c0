//! The themes that can be named in the config file, each for a dark and for a light ground.
//!
//! Only colours; `palette` makes them readable on the ground that is really there. Invariant: a name
//! that is not in [`names`] is none.

use super::rgb::{Rgb, is_dark};

/// What one theme is made of, on one kind of ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hues {
    pub fg: Rgb,
    pub bg: Rgb,
    pub red: Rgb,
    pub orange: Rgb,
    pub yellow: Rgb,
    pub green: Rgb,
    pub cyan: Rgb,
    pub blue: Rgb,
    pub violet: Rgb,
    pub magenta: Rgb,
}

/// A pair.
#[derive(Debug, PartialEq)]
struct Pair {
    name: &'static str,
    dark: Hues,
    light: Hues,
}

/// Which theme, and for which ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Named {
    pair: &'static Pair,
    /// Whether it was asked for on a dark ground; otherwise the terminal's own decides.
    is_dark: Option<bool>,
}

impl Default for Named {
    fn default() -> Self {
        Self { pair: &EDITREE, is_dark: None }
    }
}

impl Named {
    /// `auto`, `gruvbox` (the terminal's ground decides) or `gruvbox-light`.
    pub fn find(name: &str) -> Option<Self> {
        let of = |name: &str| PAIRS.into_iter().find(|pair| pair.name == name);
        let pair = |name, is_dark| Some(Self { pair: of(name)?, is_dark });
        match (name, name.strip_suffix("-dark"), name.strip_suffix("-light")) {
            ("auto", ..) => Some(Self::default()),
            (_, Some(name), _) => pair(name, Some(true)),
            (_, _, Some(name)) => pair(name, Some(false)),
            (name, None, None) => pair(name, None),
        }
    }

    /// For the ground that the terminal tells of. Without one, the ground that was meant; none where
    /// that is unknown too.
    pub fn hues(self, ground: Option<Rgb>) -> Option<Hues> {
        let is_own = *self.pair == EDITREE && self.is_dark.is_none();
        let dark = match (ground, self.is_dark) {
            (Some(ground), _) => is_dark(ground),
            (None, Some(dark)) => dark,
            (None, None) if is_own => return None,
            (None, None) => true,
        };
        Some(if dark { self.pair.dark } else { self.pair.light })
    }
}

/// All that can be written.
pub fn names() -> Vec<String> {
    let of = |pair: &Pair| ["", "-dark", "-light"].map(|shade| format!("{}{shade}", pair.name));
    ["auto".to_owned()].into_iter().chain(PAIRS.into_iter().flat_map(of)).collect()
}

static PAIRS: [&Pair; 6] = [&EDITREE, &SOLARIZED, &GRUVBOX, &NORD, &CATPPUCCIN, &CONTRAST];

const fn hex(number: u32) -> Rgb {
    let [_, red, green, blue] = number.to_be_bytes();
    [red, green, blue]
}

/// In the order of the fields.
const fn hues(numbers: [u32; 10]) -> Hues {
    let [fg, bg, red, orange, yellow, green, cyan, blue, violet, magenta] = numbers;
    Hues {
        fg: hex(fg),
        bg: hex(bg),
        red: hex(red),
        orange: hex(orange),
        yellow: hex(yellow),
        green: hex(green),
        cyan: hex(cyan),
        blue: hex(blue),
        violet: hex(violet),
        magenta: hex(magenta),
    }
}

#[rustfmt::skip]
static EDITREE: Pair = Pair {
    name: "editree",
    dark: hues([
        0xd8_dce2, 0x14_161a, 0xf2_716b, 0xf0_995a, 0xe6_c35c, 0x7f_c97f, 0x4f_c3d9, 0x6e_a8fe, 0xb7_9cf5, 0xe5_8ac2,
    ]),
    light: hues([
        0x24_292f, 0xff_ffff, 0xb3_261e, 0xa8_4b00, 0x7a_5b00, 0x1f_6f3a, 0x00_707a, 0x1f_5fbf, 0x6a_3fb5, 0xa0_267a,
    ]),
};

#[rustfmt::skip]
static SOLARIZED: Pair = Pair {
    name: "solarized",
    dark: hues([
        0x83_9496, 0x00_2b36, 0xdc_322f, 0xcb_4b16, 0xb5_8900, 0x85_9900, 0x2a_a198, 0x26_8bd2, 0x6c_71c4, 0xd3_3682,
    ]),
    light: hues([
        0x65_7b83, 0xfd_f6e3, 0xdc_322f, 0xcb_4b16, 0xb5_8900, 0x85_9900, 0x2a_a198, 0x26_8bd2, 0x6c_71c4, 0xd3_3682,
    ]),
};

#[rustfmt::skip]
static GRUVBOX: Pair = Pair {
    name: "gruvbox",
    dark: hues([
        0xeb_dbb2, 0x28_2828, 0xfb_4934, 0xfe_8019, 0xfa_bd2f, 0xb8_bb26, 0x8e_c07c, 0x83_a598, 0xd3_869b, 0xd3_869b,
    ]),
    light: hues([
        0x3c_3836, 0xfb_f1c7, 0x9d_0006, 0xaf_3a03, 0xb5_7614, 0x79_740e, 0x42_7b58, 0x07_6678, 0x8f_3f71, 0x8f_3f71,
    ]),
};

#[rustfmt::skip]
static NORD: Pair = Pair {
    name: "nord",
    dark: hues([
        0xd8_dee9, 0x2e_3440, 0xbf_616a, 0xd0_8770, 0xeb_cb8b, 0xa3_be8c, 0x88_c0d0, 0x81_a1c1, 0xb4_8ead, 0xb4_8ead,
    ]),
    light: hues([
        0x2e_3440, 0xec_eff4, 0xbf_616a, 0xd0_8770, 0x9a_7500, 0x4f_7a3a, 0x1f_7a8c, 0x5e_81ac, 0x8f_5f86, 0xb4_8ead,
    ]),
};

#[rustfmt::skip]
static CATPPUCCIN: Pair = Pair {
    name: "catppuccin",
    dark: hues([
        0xcd_d6f4, 0x1e_1e2e, 0xf3_8ba8, 0xfa_b387, 0xf9_e2af, 0xa6_e3a1, 0x94_e2d5, 0x89_b4fa, 0xcb_a6f7, 0xf5_c2e7,
    ]),
    light: hues([
        0x4c_4f69, 0xef_f1f5, 0xd2_0f39, 0xfe_640b, 0xdf_8e1d, 0x40_a02b, 0x17_9299, 0x1e_66f5, 0x88_39ef, 0xea_76cb,
    ]),
};

/// As far apart as colours go.
#[rustfmt::skip]
static CONTRAST: Pair = Pair {
    name: "contrast",
    dark: hues([
        0xff_ffff, 0x00_0000, 0xff_8080, 0xff_b060, 0xff_ff60, 0x80_ff80, 0x60_ffff, 0xa0_c8ff, 0xd8_b8ff, 0xff_a8e8,
    ]),
    light: hues([
        0x00_0000, 0xff_ffff, 0x8b_0000, 0x6e_3000, 0x54_4000, 0x00_4d1a, 0x00_4a55, 0x00_2f8f, 0x43_1a8c, 0x70_0050,
    ]),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_no_other() {
        let names = names();
        assert!(names.len() >= 9, "{names:?}");
        for name in &names {
            assert!(Named::find(name).is_some(), "{name}");
        }
        for wrong in ["", "blue", "gruvbox-red", "auto-dark", "-dark", "Nord"] {
            assert_eq!(Named::find(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_terminals_own_ground_decides_before_the_name() {
        let [named, light] =
            ["nord", "nord-light"].map(|name| Named::find(name).unwrap_or_default());
        assert_eq!(light.hues(Some([0; 3])), Some(NORD.dark));
        assert_eq!(named.hues(Some([255; 3])), Some(NORD.light));
        assert_eq!(light.hues(None), Some(NORD.light));
        assert_eq!(Named::default().hues(None), None);
    }
}
