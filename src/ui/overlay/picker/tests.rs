//! What typing and moving choose, and where a row is drawn.

use super::*;

fn picker() -> Picker {
    let item = |label: &str| Item { label: label.into(), detail: String::new() };
    Picker::new(["compare with parent", "copy the seed", "cancel"].map(item).into())
}

fn press(picker: &mut Picker, code: KeyCode) -> Picked {
    picker.on_key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn type_in(picker: &mut Picker, text: &str) {
    for c in text.chars() {
        press(picker, KeyCode::Char(c));
    }
}

#[test]
fn typing_narrows_and_enter_chooses_by_the_place_given() {
    let mut picker = picker();
    type_in(&mut picker, "seed");
    assert_eq!(press(&mut picker, KeyCode::Enter), Picked::Chosen(1));
}

#[test]
fn a_query_without_match_chooses_nothing() {
    let mut picker = picker();
    type_in(&mut picker, "zzz");
    assert_eq!(press(&mut picker, KeyCode::Enter), Picked::Stay);
    press(&mut picker, KeyCode::Backspace);
    assert_eq!(picker.query(), "zz");
}

#[test]
fn the_selection_stops_at_both_ends() {
    let mut picker = picker();
    press(&mut picker, KeyCode::Up);
    assert_eq!(picker.selected(), Some(0));
    for _ in 0..9 {
        press(&mut picker, KeyCode::Down);
    }
    assert_eq!(picker.selected(), Some(2));
}

#[test]
fn words_stand_behind_the_columns_of_their_names() {
    let names = ["fog: all", "气球: all", "👍🏽: all"];
    let items = names.map(|label| Item { label: label.into(), detail: String::new() });
    let picker = Picker::new(items.into()).with_names();
    let begins = names.map(|label| {
        let told = picker.told(label);
        told.split_once("all").map(|(name, _)| name.width())
    });
    assert_eq!(begins, [Some(6); 3]);
}

#[test]
fn drawing_stays_inside_any_rectangle() {
    let picker = picker();
    for width in 0..30 {
        for height in 0..5 {
            let area = Rect::new(2, 1, width, height);
            let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 8));
            picker.draw(area, &mut buffer, "> ", Theme::default());
            let outside = (0..40).flat_map(|x| (0..8).map(move |y| Position::new(x, y)));
            for at in outside.filter(|at| !area.contains(*at)) {
                assert_eq!(buffer.cell(at).map(|cell| cell.symbol()), Some(" "), "{area} {at}");
            }
        }
    }
}
