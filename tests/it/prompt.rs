//! No text, key, paste or size makes the prompt panic, and no letter is ever cut.
//!
//! `EDITREE_PROMPT_STEPS=100000 cargo test --test it prompt::` takes longer and finds more.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use editree::schema::tokens;
use editree::ui::prompt::{LONGEST, PromptEditor};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::support::driver::Driver;

/// What breaks text widgets: wide, joined, marked, turned, invisible, steering.
const PIECES: [&str; 34] = [
    "a",
    "word",
    " ",
    "  ",
    "_",
    "-",
    ".",
    "<slot>",
    "<é>",
    "é",
    "e\u{301}",
    "\u{301}",
    "\u{200d}",
    "\u{200b}",
    "\u{fe0f}",
    "漢字",
    "犬",
    "ｱ",
    "👨‍👩‍👧‍👦",
    "👍🏽",
    "🇩🇪",
    "🇩",
    "❤\u{fe0f}",
    "שלום",
    "مرحبا",
    "\u{202e}",
    "\u{2066}",
    "ก็",
    "नमस्ते",
    "\u{600}",
    "각",
    "ᄀ",
    "\t",
    "\u{1b}",
];

fn words(random: &mut fastrand::Rng, most: usize) -> String {
    let mut text = String::new();
    for _ in 0..random.usize(1..=most) {
        match random.u8(0..20) {
            0 => text.push('\n'),
            1 => text.push_str("\r\n"),
            2 => text.push(random.char(..)),
            _ => text.push_str(PIECES[random.usize(..PIECES.len())]),
        }
    }
    text
}

fn key(random: &mut fastrand::Rng) -> KeyEvent {
    use KeyCode as K;
    let codes = [
        K::Left,
        K::Right,
        K::Up,
        K::Down,
        K::Home,
        K::End,
        K::Backspace,
        K::Delete,
        K::Char('b'),
        K::Char('f'),
        K::Char('d'),
        K::Char('k'),
        K::Char('u'),
        K::Char('w'),
        K::Char('y'),
        K::Char('a'),
        K::Char('e'),
        K::Char('h'),
        K::Char('漢'),
        K::Char('\u{301}'),
        K::Char('\u{200d}'),
        K::F(5),
    ];
    let modifiers = [
        KeyModifiers::NONE,
        KeyModifiers::SHIFT,
        KeyModifiers::CONTROL,
        KeyModifiers::ALT,
        KeyModifiers::CONTROL | KeyModifiers::SHIFT,
    ];
    KeyEvent::new(codes[random.usize(..codes.len())], modifiers[random.usize(..modifiers.len())])
}

fn change(editor: &mut PromptEditor, random: &mut fastrand::Rng) -> String {
    match random.u8(0..40) {
        0..16 => {
            let key = key(random);
            editor.edit(&key);
            format!("{key:?}")
        }
        16..22 => {
            let c = words(random, 1).chars().next().unwrap();
            editor.insert(c);
            format!("insert {c:?}")
        }
        22..26 => {
            let words = words(random, 12);
            assert!(editor.paste(&words));
            format!("paste {words:?}")
        }
        26..30 => {
            editor.undo();
            "undo".into()
        }
        30..33 => {
            editor.redo();
            "redo".into()
        }
        33 => {
            let words = words(random, 30);
            editor.replace(&words);
            assert!(editor.holds(&words), "{words:?}");
            format!("replace {words:?}")
        }
        34 => {
            let words = words(random, 30);
            editor.set_text(&words);
            assert!(editor.holds(&words), "{words:?}");
            format!("set {words:?}")
        }
        35 | 36 => format!("slot {}", editor.select_slot()),
        37 => {
            editor.newline();
            "newline".into()
        }
        // Any byte, also one that is inside a letter or no longer there.
        _ => {
            let from = random.bool().then(|| random.usize(0..300));
            editor.dim_behind(from, Style::new().add_modifier(Modifier::DIM));
            format!("dim {from:?}")
        }
    }
}

fn draw(editor: &PromptEditor, area: Rect) -> (Buffer, Option<ratatui::layout::Position>) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 60, 16));
    let cursor = editor.draw(area, &mut buffer, true).cursor;
    (buffer, cursor)
}

#[test]
fn nothing_that_is_done_to_the_prompt_makes_it_panic_or_draws_outside() {
    let steps = std::env::var("EDITREE_PROMPT_STEPS").ok().and_then(|steps| steps.parse().ok());
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut editor = PromptEditor::default();
    let mut area = Rect::new(2, 1, 30, 6);
    let mut done = std::collections::VecDeque::new();
    for step in 0..steps.unwrap_or(4_000) {
        if random.u8(0..12) == 0 {
            let (x, y) = (random.u16(0..50), random.u16(0..14));
            area = Rect::new(x, y, random.u16(0..40), random.u16(0..12));
        }
        done.push_back(change(&mut editor, &mut random));
        if done.len() > 12 {
            done.pop_front();
        }
        if editor.text().len() > 3_000 {
            editor.set_text("");
        }
        let what = || format!("seed {seed}, step {step}, {area:?}, {done:#?}\n{:?}", editor.text());
        let (cells, cursor) = draw(&editor, area);
        let inside = area.intersection(cells.area);
        assert_eq!(cursor.is_some(), !inside.is_empty(), "{}", what());
        assert!(cursor.is_none_or(|at| inside.contains(at)), "{cursor:?} {}", what());
        for at in cells.area.positions() {
            let cell = &cells[at];
            let is_blank = cell.symbol() == " " && cell.modifier.is_empty();
            assert!(inside.contains(at) || is_blank, "{at:?} {}", what());
            assert!(!cell.symbol().chars().any(char::is_control), "{at:?} {}", what());
        }
        assert_eq!(draw(&editor, area), (cells, cursor), "{}", what());
    }
}

#[test]
fn a_key_goes_over_and_deletes_whole_letters_and_undo_brings_them_back() {
    let mut random = fastrand::Rng::with_seed(7);
    let press = |editor: &mut PromptEditor, code| {
        assert!(editor.edit(&KeyEvent::new(code, KeyModifiers::NONE)));
    };
    for _ in 0..300 {
        let mut editor = PromptEditor::default();
        editor.set_text(&words(&mut random, 14).replace('\r', ""));
        let text = editor.text();
        // The text area has lines: a mark at a line's start joins nothing.
        let letters: Vec<&str> = text
            .split_inclusive('\n')
            .flat_map(|line| {
                line.strip_suffix('\n').map_or((line, ""), |rest| (rest, "\n")).into_letters()
            })
            .collect();
        for back in 0..letters.len() {
            press(&mut editor, KeyCode::Backspace);
            let left = letters[..letters.len() - 1 - back].concat();
            assert_eq!(editor.text(), left, "{text:?}");
        }
        for _ in 0..letters.len() + 1 {
            editor.undo();
        }
        let undone = editor.text();
        assert!(undone.is_empty() || undone == text, "{undone:?} {text:?}");
    }
}

trait Letters<'a> {
    fn into_letters(self) -> Vec<&'a str>;
}

impl<'a> Letters<'a> for (&'a str, &'a str) {
    fn into_letters(self) -> Vec<&'a str> {
        self.0.graphemes(true).chain((!self.1.is_empty()).then_some(self.1)).collect()
    }
}

#[test]
fn what_the_model_does_not_read_is_dim_from_its_first_letter_in_any_script() {
    for last in ["— und grün", "漢字漢字", "👨‍👩‍👧‍👦 שלום", "e\u{301}e\u{301}"]
    {
        let read = "the ".repeat(600);
        let mut driver = Driver::new(100, 30);
        driver.send(vec![Event::Paste(format!("{read}\n{last}"))]);
        let text = driver.model().draft.prompt.clone();
        assert!(tokens::read(&text).read_part(512).is_some(), "{last}");
        let frame = driver.frame();
        let dim = frame.cells.content().iter().any(|cell| {
            last.contains(cell.symbol())
                && !cell.symbol().trim().is_empty()
                && cell.style() != Style::default()
        });
        assert!(dim, "{}", driver.screen());
    }
}

#[test]
fn letters_that_the_model_cannot_read_are_marked_while_one_types_and_named() {
    let mut driver = Driver::new(100, 30);
    driver.press("pon una señal roja");
    let frame = driver.frame();
    let marked = |cell: &&Cell| cell.modifier.contains(Modifier::UNDERLINED);
    let letters: String = frame.cells.content().iter().filter(marked).map(Cell::symbol).collect();
    assert_eq!(letters, "ñ");
    assert!(driver.screen().contains("the model cannot read `ñ`"), "{}", driver.screen());
}

#[test]
fn what_is_selected_is_seen_where_it_is_dim_too() {
    let mut editor = PromptEditor::default();
    editor.set_text("ab漢字");
    editor.dim_behind(Some(3), Style::new().add_modifier(Modifier::DIM));
    for _ in 0..3 {
        editor.edit(&KeyEvent::new(KeyCode::Left, KeyModifiers::SHIFT));
    }
    let (cells, _) = draw(&editor, Rect::new(0, 0, 20, 1));
    let styles: Vec<Modifier> = [0, 1, 2, 4, 6].map(|x| cells[(x, 0)].modifier).to_vec();
    let (plain, selected) = (Modifier::empty(), Modifier::REVERSED);
    assert_eq!(styles, [plain, selected, selected, selected, plain]);
    editor.edit(&KeyEvent::new(KeyCode::End, KeyModifiers::NONE));
    let (cells, _) = draw(&editor, Rect::new(0, 0, 20, 1));
    assert_eq!(cells[(2, 0)].modifier, plain);
    assert_eq!(cells[(4, 0)].modifier, Modifier::DIM);
}

#[test]
fn the_cursor_stands_behind_joined_letters_as_wide_as_they_are_drawn() {
    let mut editor = PromptEditor::default();
    editor.set_text("👨‍👩‍👧‍👦e\u{301}");
    let (_, cursor) = draw(&editor, Rect::new(0, 0, 20, 1));
    assert_eq!(cursor.map(|at| at.x), Some(3));
}

#[test]
fn a_paste_that_is_longer_than_any_prompt_says_so_and_changes_nothing() {
    let mut driver = Driver::new(100, 30);
    driver.press("Make it red");
    driver.send(vec![Event::Paste("漢".repeat(LONGEST / 3))]);
    assert_eq!(driver.model().draft.prompt, "Make it red");
    assert!(driver.screen().contains("not pasted: a prompt is at most"), "{}", driver.screen());
}

#[test]
fn lines_that_are_longer_than_the_text_area_counts_are_left_as_they_are() {
    let mut editor = PromptEditor::default();
    let text = "👍🏽".repeat(40_000);
    editor.set_text(&text);
    for code in [KeyCode::Backspace, KeyCode::Left, KeyCode::Delete, KeyCode::Home, KeyCode::End] {
        editor.edit(&KeyEvent::new(code, KeyModifiers::SHIFT));
        draw(&editor, Rect::new(0, 0, 20, 3));
    }
    assert_eq!(editor.text(), text);
    editor.replace("short");
    assert_eq!(editor.text(), "short");
}
