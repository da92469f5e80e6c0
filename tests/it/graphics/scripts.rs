//! Terminals that answer from a script: what each one's environment is, and what it says.
//!
//! Answers of kitty, foot, xterm, mlterm, Konsole, Alacritty, xterm.js and tmux were measured; those
//! of the others are as their documents tell. All in a window of 100×30 cells of 9×18 pixels.

use editree::graphics::hints::Hints;
use editree::graphics::probe::{Probe, Verdict};

const WINDOW: (u16, u16, u16, u16) = (100, 30, 900, 540);
/// Of a system that knows no pixels.
const BARE: (u16, u16, u16, u16) = (100, 30, 0, 0);
const OK: &str = "\x1b_Gi=31;OK\x1b\\";
const CELL: &str = "\x1b[6;18;9t";
const AREA: &str = "\x1b[4;540;900t";
const LIMIT: &str = "\x1b[?2;0;900;540S";
const BLACK: &str = "\x1b]11;rgb:0000/0000/0000\x1b\\";
const SSH: &str = "xterm-256color SSH=1";
const KEYBOARD: &str = "\x1b[?0u";
const TMUX33: [&str; 2] = ["\x1bP>|tmux 3.3a\x1b\\", "\x1b[?1;2c"];
const TMUX35: [&str; 2] = ["\x1bP>|tmux 3.5a\x1b\\", "\x1b[?1;2;4c"];

pub struct Script {
    pub name: &'static str,
    /// `TERM`, then other variables as `NAME=value`.
    pub environment: &'static str,
    window: (u16, u16, u16, u16),
    /// In the order in which they come.
    pub replies: Vec<String>,
}

fn script(name: &'static str, environment: &'static str, replies: &[&str]) -> Script {
    let replies = replies.iter().map(|reply| (*reply).to_owned()).collect();
    Script { name, environment, window: WINDOW, replies }
}

fn named(name: &str) -> String {
    format!("\x1bP>|{name}\x1b\\")
}

fn attributes(attributes: &str) -> String {
    format!("\x1b[?{attributes}c")
}

/// A terminal that says its name, answers what lies between, and DA1 in the end.
fn modern(
    name: &'static str,
    environment: &'static str,
    (says, between, last): (&str, &[&str], &str),
) -> Script {
    let (says, last) = (named(says), attributes(last));
    let all = [&[says.as_str()], between, &[last.as_str()]].concat();
    script(name, environment, &all)
}

/// tmux's own answers, and after them those from outside; none without passthrough.
fn tmux(name: &'static str, own: [&str; 2], outside: &[&str]) -> Script {
    let environment = "tmux-256color TMUX=1 TERM_PROGRAM=tmux COLORTERM=truecolor";
    script(name, environment, &[&own[..1], &own[1..], outside].concat())
}

pub fn single() -> Vec<Script> {
    let kinds = [
        with_kitty_or_files(),
        with_sixel(),
        on_windows_and_in_editors(),
        others(),
        in_between(),
        unknown(),
    ];
    kinds.into_iter().flatten().collect()
}

fn with_kitty_or_files() -> Vec<Script> {
    let full = [OK, CELL, AREA, BLACK];
    vec![
        modern(
            "kitty",
            "xterm-kitty SSH=1",
            ("kitty(0.48.2)", &[&[KEYBOARD][..], &full].concat(), "62;52;"),
        ),
        modern("kitty, old", "xterm-kitty SSH=1", ("kitty(0.26.5)", &full, "62;")),
        modern("Ghostty", "xterm-ghostty SSH=1", ("ghostty 1.2.3", &full, "62;22;52")),
        modern(
            "WezTerm",
            SSH,
            (
                "WezTerm 20251025-070338-b6e75fd7",
                &[OK, CELL, AREA, LIMIT, BLACK],
                "65;4;6;18;22;52",
            ),
        ),
        modern(
            "iTerm2",
            "xterm-256color SSH=1 LC_TERMINAL=iTerm2",
            (
                "iTerm2 3.6.5",
                &[AREA, LIMIT, "\x1b]11;rgb:1515/1919/1e1e\x07"],
                "64;1;2;4;6;17;18;21;22",
            ),
        ),
        modern(
            "Konsole",
            SSH,
            ("Konsole 26.08.2", &[OK, CELL, AREA, "\x1b[?2;0;16384;16384S"], "62;1;4"),
        ),
    ]
}

fn with_sixel() -> Vec<Script> {
    vec![
        modern(
            "foot",
            "foot SSH=1",
            ("foot(1.28.0)", &[CELL, AREA, LIMIT, BLACK], "62;4;22;28;52"),
        ),
        modern(
            "xterm as a VT340",
            SSH,
            (
                "XTerm(398)",
                &[LIMIT, "\x1b]11;rgb:ffff/ffff/ffff\x1b\\"],
                "63;1;2;4;6;9;15;16;22;28",
            ),
        ),
        modern("xterm", SSH, ("XTerm(398)", &[BLACK], "64;1;2;6;9;15;16;17;18;21;22;28")),
        script(
            "mlterm",
            "mlterm SSH=1",
            &[AREA, CELL, "\x1b[?1;3;0S", BLACK, "\x1b[?63;1;2;3;4;6;7;15;18;22;29c"],
        ),
        modern(
            "Contour",
            "contour SSH=1",
            ("contour 0.6.1", &[CELL, AREA, LIMIT, BLACK], "65;1;4;8;18;22;28;52"),
        ),
        modern("Black Box with sixel", SSH, ("VTE(7600)", &[CELL, AREA, BLACK], "65;1;4;9")),
        modern("GNOME Terminal", SSH, ("VTE(7600)", &[CELL, AREA, BLACK], "61;1;21;22")),
    ]
}

fn on_windows_and_in_editors() -> Vec<Script> {
    vec![
        Script {
            window: BARE,
            ..script(
                "Windows Terminal 1.23",
                SSH,
                &[AREA, CELL, BLACK, "\x1b[?61;4;6;7;14;21;22;23;24;28;32;42;52c"],
            )
        },
        Script {
            window: BARE,
            ..script("Windows Terminal 1.21", SSH, &["\x1b[?61;6;7;14;21;22;23;24;28;32;42c"])
        },
        Script {
            window: BARE,
            ..script(
                "VS Code with images",
                "xterm-256color TERM_PROGRAM=vscode COLORTERM=truecolor",
                &[AREA, CELL, LIMIT, BLACK, "\x1b[?62;4;9;22c"],
            )
        },
        script(
            "VS Code",
            "xterm-256color TERM_PROGRAM=vscode COLORTERM=truecolor",
            &[BLACK, "\x1b[?1;2c"],
        ),
        Script {
            window: BARE,
            ..modern(
                "VS Code, next",
                SSH,
                ("xterm.js(6.1.0-beta.336)", &[OK, CELL, AREA, LIMIT, BLACK], "62;4;9;22"),
            )
        },
    ]
}

fn others() -> Vec<Script> {
    vec![
        modern("Rio", "xterm-rio SSH=1", ("rio 0.2.37", &[OK, CELL, AREA, BLACK], "62;4;6;22")),
        modern(
            "mintty",
            SSH,
            ("mintty 3.7.8", &[CELL, AREA, BLACK], "64;1;2;4;6;9;15;21;22;28;29"),
        ),
        script("Bobcat", "xterm-256color TERM_PROGRAM=Bobcat", &[CELL, "\x1b[?62;4;22c"]),
        script(
            "Tabby",
            "xterm-256color TERM_PROGRAM=Tabby COLORTERM=truecolor",
            &["\x1b[?62;4;9;22c"],
        ),
        script(
            "Hyper",
            "xterm-256color TERM_PROGRAM=Hyper COLORTERM=truecolor",
            &["\x1b[?62;4;9;22c"],
        ),
        modern("Warp", "xterm-256color TERM_PROGRAM=WarpTerminal", ("Warp(v0.2026)", &[OK], "62")),
        script("Alacritty", "alacritty SSH=1", &[AREA, BLACK, "\x1b[?6c"]),
        script(
            "Apple's Terminal",
            "xterm-256color TERM_PROGRAM=Apple_Terminal",
            &["\x1b]11;rgb:ffff/ffff/ffff\x07", "\x1b[?1;2c"],
        ),
        script("Apple's Terminal over ssh", SSH, &["\x1b]11;rgb:ffff/ffff/ffff\x07", "\x1b[?1;2c"]),
    ]
}

fn in_between() -> Vec<Script> {
    vec![
        modern(
            "Zellij",
            "xterm-kitty SSH=1",
            ("Zellij(0.45.0)", &[OK, CELL, AREA, BLACK], "62;4;52"),
        ),
        script("Zellij, old, in iTerm2", "xterm-256color LC_TERMINAL=iTerm2", &["\x1b[?62c"]),
        script("GNU screen", "screen.xterm-256color STY=1 COLORTERM=truecolor", &["\x1b[?1;2c"]),
        script("mosh in kitty", "xterm-kitty SSH=1", &["\x1b[?62c"]),
    ]
}

fn unknown() -> Vec<Script> {
    vec![
        script("unknown, with kitty graphics", SSH, &[OK, CELL, "\x1b[?62;22c"]),
        script("unknown, with sixel", SSH, &[CELL, "\x1b[?62;4;22c"]),
        script(
            "unknown, with a name",
            SSH,
            &["\x1bP>|Fancy\x1b[31m 1.0 \u{202e}\x1b\\", "\x1b[?62;22c"],
        ),
        script("unknown and plain", SSH, &["\x1b[?62;22c"]),
        script("silent", SSH, &[]),
        script("kitty, silent", "xterm-kitty SSH=1", &[]),
        modern("kitty that no longer answers", "xterm-kitty SSH=1", ("kitty(0.48.2)", &[], "62;"))
            .first(1),
        modern(
            "nonsense sizes",
            SSH,
            (
                "foot(1.28.0)",
                &["\x1b[6;2;1t", "\x1b[4;1;7t", "\x1b[?2;0;1000;1000S", "\x1b]11;none\x07"],
                "62;4",
            ),
        ),
        script("no locale", "xterm-kitty LANG=C", &[OK, "\x1b[?62;52;c"]),
    ]
}

pub fn in_tmux() -> Vec<Script> {
    let kitty = [&named("kitty(0.48.2)"), OK, CELL, &attributes("62;52;")];
    let old = [&named("kitty(0.26.5)"), OK, CELL, &attributes("62;")];
    let ghostty = [&named("ghostty 1.2.3"), OK, CELL, &attributes("62;22;52")];
    let wezterm = [&named("WezTerm 20251025"), OK, CELL, &attributes("65;4;6;18;22;52")];
    let iterm2 = [&*named("iTerm2 3.6.5"), &*attributes("64;1;2;4;6;17;18;21;22")];
    let konsole = [&named("Konsole 26.08.2"), OK, CELL, &attributes("62;1;4")];
    let foot = [&named("foot(1.28.0)"), CELL, &attributes("62;4;22;28;52")];
    let alacritty = [attributes("6")];
    let late = script(
        "tmux found by its answer, kitty",
        "screen-256color SSH=1",
        &[&TMUX33[..], &kitty].concat(),
    );
    vec![
        tmux("tmux, kitty", TMUX33, &kitty),
        late,
        tmux("tmux, kitty, half answered", TMUX33, &kitty[..1]),
        tmux("tmux, kitty, old", TMUX33, &old),
        tmux("tmux, Ghostty", TMUX35, &ghostty),
        tmux("tmux, WezTerm", TMUX33, &wezterm),
        tmux("tmux, iTerm2", TMUX35, &iterm2),
        tmux("tmux, Konsole", TMUX33, &konsole),
        tmux("tmux with sixel, foot", TMUX35, &foot),
        tmux("tmux with sixel, Alacritty", TMUX35, &[&alacritty[0]]),
        tmux("tmux without passthrough", TMUX33, &[]),
        tmux("tmux with sixel, without passthrough", TMUX35, &[CELL, AREA, "\x1b[?2;3;0S"]),
        tmux("tmux in tmux", TMUX35, &[&named("tmux 3.3a"), &attributes("1;2")]),
        tmux("tmux, silent", TMUX33, &[]).first(0),
    ]
}

pub fn all() -> Vec<Script> {
    single().into_iter().chain(in_tmux()).collect()
}

/// `TERM`, then other variables as `NAME=value`.
pub fn environment_of(words: &str) -> Hints {
    let mut words = words.split(' ');
    let term = words.next().unwrap().to_owned();
    let get = |name: &str| -> String {
        let value = words.clone().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        value.unwrap_or_default().to_owned()
    };
    Hints {
        colorterm: get("COLORTERM"),
        term_program: get("TERM_PROGRAM"),
        lc_terminal: get("LC_TERMINAL"),
        inline_files: !get("LC_TERMINAL").is_empty(),
        tmux: !get("TMUX").is_empty(),
        screen: !get("STY").is_empty(),
        ssh: !get("SSH").is_empty(),
        x11: !get("DISPLAY").is_empty(),
        utf8: get("LANG").is_empty(),
        no_color: false,
        term,
    }
}

impl Script {
    /// No more comes than so many.
    fn first(mut self, count: usize) -> Self {
        self.replies.truncate(count);
        self
    }

    pub fn hints(&self) -> Hints {
        environment_of(self.environment)
    }

    pub fn probe(&self) -> Probe {
        let mut probe = Probe::new(self.hints(), None);
        let (columns, rows, width, height) = self.window;
        probe.set_window(columns, rows, width, height);
        probe
    }

    pub fn verdict<'a>(&self, replies: impl IntoIterator<Item = &'a String>) -> Verdict {
        let mut probe = self.probe();
        for reply in replies {
            let before = probe.verdict();
            let is_news = probe.reply(reply.as_bytes());
            assert_eq!(is_news, before != probe.verdict(), "{}: {reply:?}", self.name);
        }
        probe.verdict()
    }
}
