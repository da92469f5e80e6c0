//! What stands at the edges of the screen: the way out at the end of the keys, nothing in the last
//! column, prices at the end of a field.

use ratatui::layout::Rect;

use crate::look::seasons;
use crate::support::driver::Driver;

/// The two rows at the end of the screen.
fn last_rows(driver: &Driver) -> String {
    let screen = driver.screen();
    let rows: Vec<&str> = screen.lines().collect();
    rows[rows.len() - 2..].join("\n")
}

/// Of several things the one that it closes first.
#[test]
fn what_q_closes_is_named() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    for (keys, told) in
        [("<Esc>", "q quit"), ("T", "q back"), ("v", "q back"), ("q", "q unmark"), ("q", "q quit")]
    {
        driver.press(keys);
        driver.workbench.model.notice = None;
        assert!(last_rows(&driver).contains(told), "{keys}: {}", last_rows(&driver));
    }
    driver.workbench.ui.panes.tree.filter = Some("red".into());
    assert!(last_rows(&driver).contains("q end search"), "{}", last_rows(&driver));
    driver.press("q");
    assert!(last_rows(&driver).contains("q quit"), "{}", last_rows(&driver));
}

#[test]
fn nothing_of_the_whole_tree_touches_the_edge_of_the_screen() {
    for (columns, rows) in [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)] {
        let mut driver = seasons(columns, rows);
        driver.press("<Esc>T");
        let cells = driver.frame().cells;
        let edge = |y: u16| cells[(columns - 1, y)].symbol().to_owned();
        let letters: String = (1..rows - 2).map(edge).collect();
        assert_eq!(letters.trim(), "", "{columns}\n{}", driver.screen());
        let touches = |area: Rect| area.right() == columns;
        let frame = driver.frame();
        assert!(!frame.placements.iter().any(|it| touches(it.area)), "{}", driver.screen());
    }
}

/// Where one is about to change it.
#[test]
fn a_price_stands_beside_the_selected_field_only() {
    for (columns, rows) in [(120, 40), (200, 50)] {
        let mut driver = Driver::new(columns, rows);
        let price = |driver: &Driver| {
            let screen = driver.screen();
            let row = screen.lines().find(|row| row.contains("Images")).map(str::to_owned);
            row.is_some_and(|row| row.contains("sim $0.04"))
        };
        driver.press("<Esc><A-2>");
        assert!(!price(&driver), "{}", driver.screen());
        driver.press("jjj");
        assert!(price(&driver), "{}", driver.screen());
        driver.press("<Esc>");
        assert!(!price(&driver), "{}", driver.screen());
    }
}
