//! Colours by role can be read: on the grounds that people use, in every theme, in 256 colours and
//! in all.

use editree::ui::theme::named::{Named, names};
use editree::ui::theme::palette::{Depth, Ground, Palette, ThemeChoice, colour_named};
use editree::ui::theme::rgb::{MARK, Rgb, TEXT, contrast, of_index};
use editree::ui::theme::{Mark, Role, Theme};
use ratatui::style::{Color, Modifier, Style};

use crate::look::{coloured, seasons, theme, turned_away};
use crate::support::driver::Driver;

/// Ink and ground as these palettes have them.
const GROUNDS: [(&str, Rgb, Rgb); 10] = [
    ("black", [0xe5; 3], [0; 3]),
    ("white", [0; 3], [0xff; 3]),
    ("Solarized dark", [0x83, 0x94, 0x96], [0x00, 0x2b, 0x36]),
    ("Solarized light", [0x65, 0x7b, 0x83], [0xfd, 0xf6, 0xe3]),
    ("Gruvbox dark", [0xeb, 0xdb, 0xb2], [0x28, 0x28, 0x28]),
    ("Gruvbox light", [0x3c, 0x38, 0x36], [0xfb, 0xf1, 0xc7]),
    ("Nord", [0xd8, 0xde, 0xe9], [0x2e, 0x34, 0x40]),
    ("Catppuccin latte", [0x4c, 0x4f, 0x69], [0xef, 0xf1, 0xf5]),
    ("Catppuccin mocha", [0xcd, 0xd6, 0xf4], [0x1e, 0x1e, 0x2e]),
    ("a grey in the middle", [0xff; 3], [0x6e; 3]),
];

fn choice(name: &str) -> ThemeChoice {
    ThemeChoice { named: Named::find(name).expect("a theme"), roles: Vec::new() }
}

/// What a terminal shows; `own` is what it shows where nothing is said.
fn shown(colour: Color, own: Rgb) -> Rgb {
    match colour {
        Color::Reset => own,
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(index @ 16..) => of_index(index),
        other => panic!("{other:?} looks as the terminal likes"),
    }
}

fn all() -> impl Iterator<Item = (String, Rgb, Rgb, Palette)> {
    let grounds =
        GROUNDS.into_iter().flat_map(|ground| [Depth::True, Depth::Indexed].map(|it| (ground, it)));
    grounds.flat_map(|((name, fg, bg), depth)| {
        names().into_iter().map(move |theme| {
            let palette = choice(&theme).palette(Some(Ground { fg: Some(fg), bg }), depth);
            (format!("{theme} on {name}, {depth:?}"), fg, bg, palette)
        })
    })
}

#[test]
fn a_role_is_listed_at_the_place_of_its_number() {
    for (place, role) in Role::ALL.into_iter().enumerate() {
        assert_eq!(role as usize, place, "{role:?}");
    }
}

#[test]
fn words_and_marks_of_every_role_can_be_read_on_every_ground() {
    for (place, fg, bg, palette) in all() {
        for role in Role::ALL {
            let wanted = if role == Role::Line { MARK } else { TEXT };
            let found = contrast(shown(palette.get(role), fg), bg);
            assert!(found >= wanted, "{role:?} of {place}: {found:.2}");
        }
    }
}

#[test]
fn a_selected_row_can_be_read_in_every_role() {
    for (place, fg, bg, palette) in all() {
        let (ink, bar) = palette.selected().expect("a bar where the ground is known");
        let bar = shown(bar, bg);
        assert!(contrast(shown(ink, fg), bar) >= TEXT, "{place}");
        // It is the row that is read: its secondary words too.
        for role in Role::ALL {
            let wanted = if role == Role::Line { MARK } else { TEXT };
            let found = contrast(shown(palette.get_selected(role), fg), bar);
            assert!(found >= wanted, "{role:?} of {place}: {found:.2}");
        }
    }
}

#[test]
fn what_is_written_in_a_field_can_be_read_in_every_role() {
    for (place, fg, bg, palette) in all() {
        let theme = Theme { palette, ..Theme::default() };
        let ground = shown(theme.field().bg.expect("a field where the ground is known"), bg);
        let ink = |style: Style| shown(style.fg.unwrap_or(Color::Reset), fg);
        assert!(contrast(ink(theme.field()), ground) >= TEXT, "{place}");
        for role in Role::ALL {
            let wanted = if role == Role::Line { MARK } else { TEXT };
            let found = contrast(ink(theme.in_field().role(role)), ground);
            assert!(found >= wanted, "{role:?} of {place}: {found:.2}");
        }
        // Solid, it is the ground that is written with.
        let solid = theme.in_field().banner();
        assert!(contrast(ink(solid), ground) >= TEXT, "{place}");
    }
}

/// A multiplexer may keep the answer of a white terminal to itself.
#[test]
fn where_the_ground_is_not_known_words_can_be_read_on_black_and_on_white() {
    for depth in [Depth::Indexed, Depth::True] {
        let palette = ThemeChoice::default().palette(None, depth);
        for (ground, own) in [([0; 3], [255; 3]), ([255; 3], [0; 3])] {
            for role in Role::ALL {
                let found = contrast(shown(palette.get(role), own), ground);
                assert!(found >= 4.0, "{role:?} on {ground:?}: {found:.2}");
            }
        }
    }
}

#[test]
fn nothing_is_written_in_the_colour_that_some_palettes_hide() {
    let hidden = [Color::DarkGray, Color::Indexed(8)];
    for depth in [Depth::Ansi, Depth::Indexed, Depth::True] {
        for name in names() {
            let palette = choice(&name).palette(None, depth);
            assert!(Role::ALL.iter().all(|role| !hidden.contains(&palette.get(*role))), "{name}");
        }
    }
}

#[test]
fn roles_that_mean_different_things_are_told_apart() {
    use Role::{Changed, Failed, Focus, Held, Money, Parent, Running, Secondary};
    let different = [Focus, Parent, Running, Failed, Money, Secondary];
    let is_meant = |place: &str| place.starts_with("auto") && !place.contains("middle");
    for (place, _, _, palette) in all().filter(|(place, ..)| is_meant(place)) {
        let mut colours = different.map(|role| format!("{:?}", palette.get(role))).to_vec();
        colours.sort_unstable();
        colours.dedup();
        assert_eq!(colours.len(), different.len(), "{place}");
        assert_ne!(palette.get(Held), palette.get(Failed));
        assert_ne!(palette.get(Changed), palette.get(Running));
    }
}

#[test]
fn a_role_takes_the_colour_of_the_config_file_as_it_is() {
    for (text, colour) in [
        ("#010203", Some(Color::Rgb(1, 2, 3))),
        ("red", Some(Color::Indexed(1))),
        ("bright-red", Some(Color::Indexed(9))),
        ("208", Some(Color::Indexed(208))),
        ("default", Some(Color::Reset)),
        ("#12345", None),
        ("256", None),
        ("bright-pink", None),
    ] {
        assert_eq!(colour_named(text), colour, "{text}");
    }
    let roles = vec![(Role::Money, Color::Indexed(208))];
    let palette = ThemeChoice { roles, ..ThemeChoice::default() }.palette(None, Depth::Ansi);
    assert_eq!(palette.get(Role::Money), Color::Indexed(208));
}

#[test]
fn without_colours_a_weight_or_a_mark_says_the_same() {
    let mono = Theme { mono: true, ..Theme::default() };
    for role in Role::ALL {
        assert_eq!(mono.role(role).fg, None, "{role:?}");
    }
    assert_eq!(mono.dim(), Style::new().add_modifier(Modifier::DIM));
    for ascii in [false, true] {
        let mut signs = Mark::ALL.map(|mark| mark.sign(ascii)).to_vec();
        signs.sort_unstable();
        signs.dedup();
        assert_eq!(signs.len(), Mark::ALL.len(), "one mark has one meaning");
        assert!(signs.iter().all(|sign| sign.chars().count() == 1 && (!ascii || sign.is_ascii())));
    }
}

/// What went well is quieter in the log than in the tree; only what did not has a colour.
#[test]
fn the_log_is_quiet_where_all_went_well() {
    let mut driver = coloured(seasons(200, 50));
    let colour = |driver: &Driver, row: &str, sign: &str| {
        let (cells, screen) = (driver.frame().cells, driver.screen());
        let log = screen.lines().position(|line| line.contains("[5] log")).unwrap();
        let (y, line) = screen
            .lines()
            .enumerate()
            .skip(log)
            .find(|(_, line)| line.contains(row))
            .unwrap_or_else(|| panic!("{row}\n{screen}"));
        let (before, rest) = line.rsplit_once(row).unwrap();
        let at = before.chars().count()
            + format!("{row}{rest}").split_once(sign).unwrap().0.chars().count();
        cells[(u16::try_from(at).unwrap(), u16::try_from(y).unwrap())].fg
    };
    let dim = theme(&driver).dim().fg.unwrap();
    for (row, sign, is_quiet) in [
        ("n4  ✓", "n4", false),
        ("n4  ✓", "✓", true),
        ("n4  ✓", "summer", false),
        ("n4  ✓", "$0.04", true),
        ("n5  ✓", "n5", false),
        ("n5  ✓", "summer", true),
        ("n5  ✓", "seed", true),
        ("n12 ✓", "winter", false),
        ("n13 ✓", "winter", true),
    ] {
        let is = colour(&driver, row, sign) == dim;
        assert_eq!(is, is_quiet, "{row} {sign}\n{}", driver.screen());
    }
    turned_away(&mut driver, "Make it red<Enter>");
    let failed = theme(&driver).role(Role::Failed).fg.unwrap();
    assert_eq!(colour(&driver, "n20 ✗", "✗"), failed, "{}", driver.screen());
}
