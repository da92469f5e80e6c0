//! What a key costs does not grow with what there is: counts of work, never times.

use std::collections::BTreeSet;
use std::sync::Arc;

use editree::app::message::{ServiceResult, TaskResult};
use editree::app::money::account::{Account, Entry};
use editree::schema::Usd;
use editree::tree::{Node, NodeId, Timestamp};
use editree::ui::theme::Role;
use editree::ui::tree_caption::Caption;
use ratatui::style::{Color, Modifier};

use crate::look::{coloured, theme};
use crate::screens::ten_jobs;
use crate::support::driver::Driver;

/// So often was worked out what follows from all jobs, which rows the tree has, and what the words
/// of the loaded nodes are.
fn work(driver: &Driver) -> [u64; 4] {
    let model = driver.model();
    let rows = driver.workbench.ui.panes.tree.rows.changes();
    [model.jobs.changes(), rows, model.nodes.changes(), model.catalogue.changes()]
}

#[test]
fn no_key_goes_through_all_jobs_rows_or_nodes_again() {
    let mut driver = ten_jobs(120, 40);
    let places = [("<Esc>gt", "jkjk"), ("<Esc>gq", "jkjkv"), ("<Esc>gl", "jk"), ("<Esc>gp", "hat")];
    for (place, keys) in places {
        driver.press(place);
        let before = work(&driver);
        driver.press(keys);
        assert_eq!(work(&driver), before, "{place}{keys}");
    }
}

/// A copy of the newest node: one more take of it.
fn take(driver: &mut Driver) -> NodeId {
    let newest = driver.model().tree.newest().unwrap();
    let id = NodeId(newest.0 + 1);
    let take = Node { id, global: id.to_string(), ..driver.model().nodes[&newest].clone() };
    driver.workbench.model.insert_node(take);
    driver.press("<Esc>");
    id
}

fn caption(driver: &Driver, id: NodeId) -> Arc<Caption> {
    driver.workbench.ui.panes.captions.of(driver.model(), &driver.model().nodes[&id])
}

#[test]
fn what_a_row_says_is_made_anew_when_a_sibling_comes_and_not_when_another_node_does() {
    let mut driver = Driver::new(120, 40);
    for prompt in ["Make it red", "Make it blue"] {
        driver.press(&format!("{prompt}<Enter>"));
        driver.answer_all();
    }
    let (red, blue) = (NodeId(2), NodeId(3));
    let before = [red, blue].map(|id| caption(&driver, id));
    assert_eq!(before[1].differs, None);
    take(&mut driver);
    let after = [red, blue].map(|id| caption(&driver, id));
    assert!(Arc::ptr_eq(&before[0], &after[0]));
    assert_eq!(after[1].differs.as_deref(), Some("take 1"));
}

#[test]
fn takes_at_hand_are_told_apart_by_number_beyond_the_hundredth() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    let takes: Vec<NodeId> = (0..250).map(|_| take(&mut driver)).collect();
    let told: BTreeSet<_> = takes.iter().map(|id| caption(&driver, *id).differs.clone()).collect();
    assert_eq!(told.len(), takes.len());
    assert_eq!(caption(&driver, takes[249]).differs.as_deref(), Some("take 251"));
}

#[test]
fn a_change_of_one_job_is_seen_in_what_follows_from_all() {
    let mut driver = ten_jobs(120, 40);
    let before = driver.model().jobs.counts().clone();
    assert!(before.under_way > 0 && !driver.model().jobs.waiting().is_empty());
    assert_eq!(driver.model().jobs.listed().len(), driver.model().jobs.len());
    driver.answer_all();
    let jobs = &driver.model().jobs;
    let after = jobs.counts();
    assert_eq!((after.under_way, jobs.waiting().len(), after.open), (0, 0, 0));
    let newest = jobs.keys().next_back().copied();
    assert_eq!(after.last_done.map(|(_, job)| job), newest);
}

/// Parts of a row that stand apart, such as columns and panes.
fn parts(row: &str) -> impl Iterator<Item = &str> {
    row.split("   ").flat_map(|part| part.split(['┃', '│', '▌', '━']))
}

#[test]
fn no_sum_of_the_simulator_looks_like_real_money_at_any_size() {
    let is_sum = |part: &str| {
        let mut at = part.match_indices('$');
        at.any(|(at, _)| part[at + 1..].starts_with(|next: char| next.is_ascii_digit()))
    };
    for (columns, rows) in [(40, 12), (60, 20), (80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(columns, rows);
        driver.press("Make it red<Enter>");
        driver.answer_all();
        driver.press("Make it {blue|green}<Enter>");
        let mut seen = 0;
        let places = ["", "y", "<Esc>", "I", "<Esc>gt", "gq", "gl", "<Esc>T", "<Esc>S", "<Esc>$"];
        for keys in places.into_iter().chain(["<Esc><Home>d", "n/red", "<Esc>B", "<Esc>:"]) {
            driver.press(keys);
            driver.answer_all();
            let screen = driver.screen();
            let mut is_said = false;
            for row in screen.lines() {
                // A narrow log says it once for all rows below its title, which begin with the time.
                is_said |= row.contains("log · sim prices");
                let begins = |part: &str| part.trim().split(' ').next().map(str::to_owned);
                let is_time = |word: String| word.len() == 5 && word.get(2..3) == Some(":");
                let is_in_log = |part: &str| is_said && begins(part).is_some_and(is_time);
                let is_in_log = parts(row).any(is_in_log);
                for part in parts(row).filter(|part| is_sum(part)) {
                    // What a model asks for is a fact of the service.
                    let is_told = part.contains("sim ") || part.contains("per ") || is_in_log;
                    assert!(is_told, "{columns} {keys}: {part}\n{screen}");
                    seen += 1;
                }
            }
            assert!(!screen.contains("billed"), "{columns} {keys}: {screen}");
        }
        assert!(seen > 4, "{columns}: {seen}");
    }
}

#[test]
fn the_account_of_the_simulator_says_that_its_balance_begins_anew() {
    let mut driver = Driver::new(80, 24);
    driver.workbench.model.money.account = Some(Account::default());
    driver.press("<Esc>$");
    let held = ServiceResult::Balance(Ok(Some(Usd(50_000_000))));
    driver.finish(TaskResult::Service(held));
    let told = "balance sim $50.00 · starts afresh with the simulator";
    let screen = driver.screen().replace('┃', " ");
    let words: Vec<&str> = screen.split_whitespace().collect();
    assert!(words.join(" ").contains(told), "{}", driver.screen());
}

#[test]
fn the_account_counts_what_the_filter_made_black() {
    let entry = |is_filtered| Entry {
        endpoint: "fal-ai/flux-pro/kontext".into(),
        sent_at: Timestamp(0),
        ended_at: Some(Timestamp(4_000)),
        estimate: Some(Usd(40_000)),
        cost: Some(Usd(40_000)),
        is_done: true,
        is_filtered,
        is_exact: false,
    };
    for (entries, told) in [
        ([false, false], "model  sent  failed       cost"),
        ([false, true], "model  sent  failed  filtered       cost"),
    ] {
        let mut driver = Driver::new(80, 24);
        let account = Account::of(&entries.map(entry), |_| "2026-11-29".into());
        driver.workbench.model.money.account = Some(account);
        driver.press("<Esc>$");
        let screen = driver.screen();
        assert!(screen.contains(told), "{screen}");
        assert_eq!(screen.contains("   2       0         1  sim $0.08"), entries[1], "{screen}");
    }
}

/// What each number is stands left of it, what is asked for first above; sums have the colour of
/// money.
#[test]
fn the_account_stands_in_two_columns_and_is_whole_on_the_smallest_screen() {
    let entry = |at: i64| Entry {
        endpoint: "fal-ai/flux-pro/kontext".into(),
        sent_at: Timestamp(0),
        ended_at: Some(Timestamp(4_000 + at)),
        estimate: Some(Usd(40_000)),
        cost: Some(Usd(40_000)),
        is_done: true,
        is_filtered: false,
        is_exact: false,
    };
    for (columns, rows) in [(60, 20), (80, 24), (120, 40), (200, 50)] {
        let mut driver = coloured(Driver::new(columns, rows));
        let account = Account::of(&[0, 1, 2].map(entry), |_| "2026-11-29".into());
        driver.workbench.model.money.account = Some(account);
        driver.press("<Esc>$");
        let held = ServiceResult::Balance(Ok(Some(Usd(50_000_000))));
        driver.finish(TaskResult::Service(held));
        let (frame, screen) = (driver.frame(), driver.screen());
        let area = *frame.covers.last().unwrap();
        let inside = area.y + 1..area.bottom() - 1;
        let row =
            |y| (area.x + 1..area.right() - 1).map(|x| frame.cells[(x, y)].symbol()).collect();
        let lines: Vec<String> = inside.clone().map(row).collect();
        assert!(lines[0].starts_with(" today "), "{screen}");
        assert!(lines.iter().all(|line| !line.contains('…')) && !screen.contains("more below"));
        assert!(screen.contains("2026-11-29  pro"), "{screen}");
        // In rows that go on there is nothing in the column of the names.
        let facts: Vec<&String> = lines.iter().take_while(|line| !line.trim().is_empty()).collect();
        assert!(facts.iter().any(|line| line.starts_with(" balance       sim $50.00")), "{screen}");
        let value =
            |line: &&&String| line.get(13..15) == Some("  ") && line.get(15..16) != Some(" ");
        let told: Vec<_> = facts.iter().filter(value).collect();
        assert_eq!(told.len(), facts.len(), "{screen}");
        let fg = |role: Role| theme(&driver).role(role).fg.unwrap_or(Color::Reset);
        for (y, line) in inside.zip(&facts) {
            let cell = |at: usize| &frame.cells[(area.x + 1 + u16::try_from(at).unwrap(), y)];
            if !line.starts_with("  ") {
                assert_eq!(cell(1).fg, fg(Role::Secondary), "{screen}");
            }
            // Green is what will cost.
            let is_bold = |at: usize| cell(at).modifier.contains(Modifier::BOLD);
            for (at, _) in line.match_indices("sim $") {
                assert_eq!([at, at + 5, at + 10].map(is_bold), [true, true, false], "{screen}");
                assert_ne!(cell(at).fg, fg(Role::Money), "{screen}");
            }
        }
    }
}

#[test]
fn what_was_paid_has_not_the_colour_of_what_will_be() {
    for (keys, is_to_come) in [("<Esc>1Gd", false), ("<Esc>iMake it {1..3}<Enter>", true)] {
        let mut driver = coloured(crate::screens::sixty(120, 40));
        driver.press(keys);
        let (cells, area) = (driver.frame().cells, *driver.frame().covers.last().unwrap());
        let dollars = area.positions().filter(|at| cells[*at].symbol() == "$");
        let money = theme(&driver).role(Role::Money).fg;
        let are_green: BTreeSet<bool> = dollars.map(|at| Some(cells[at].fg) == money).collect();
        assert_eq!(are_green, BTreeSet::from([is_to_come]), "{}", driver.screen());
    }
}
