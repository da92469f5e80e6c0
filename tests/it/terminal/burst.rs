//! Text that comes in several reads: what of it is a paste, by the times of the reads.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use editree::terminal::burst::Burst;

use crate::support::driver::{Driver, parse};

/// Milliseconds to the read before, and its keys. Nothing is released before it is due.
fn read(driver: &mut Driver, reads: &[(u64, Vec<Event>)]) {
    let mut burst = Burst::default();
    let mut now = Instant::now();
    for (gap, batch) in reads {
        let then = now + Duration::from_millis(*gap);
        if let Some(due) = burst.due().filter(|due| *due < then) {
            driver.send(burst.release(due));
        }
        now = then;
        driver.send(burst.take(now, batch.clone()));
    }
    if let Some(due) = burst.due() {
        driver.send(burst.release(due));
    }
    assert_eq!(burst.due(), None);
}

/// Requests that were asked for, and what stands in the prompt.
fn outcome(reads: &[(u64, Vec<Event>)]) -> (usize, String) {
    let mut driver = Driver::new(80, 24);
    read(&mut driver, reads);
    let saves = driver.saves();
    (saves, driver.model().draft.prompt.clone())
}

fn spaced(gap: u64, reads: &[&str]) -> Vec<(u64, Vec<Event>)> {
    reads.iter().map(|keys| (gap, parse(keys))).collect()
}

fn bracketed(text: &str) -> Vec<Event> {
    vec![Event::Paste(text.into())]
}

#[test]
fn lines_that_come_one_after_the_other_are_one_draft() {
    let lines = ["one<Enter>", "two<Enter>", "<Enter>", "three<Enter>"];
    for gap in [0, 1, 5, 12, 20, 30, 49] {
        let (saves, words) = outcome(&spaced(gap, &lines));
        assert_eq!((saves, words.as_str()), (0, "one\ntwo\n\nthree\n"), "{gap} ms apart");
    }
}

/// A serial line brings each byte alone.
#[test]
fn letters_that_come_one_by_one_faster_than_typed_are_a_paste() {
    for gap in [0, 1, 4, 10] {
        let text = "Make it red<Enter>Add a hat<C-j><Enter>And a scarf<Enter>";
        let reads: Vec<_> = parse(text).into_iter().map(|key| (gap, vec![key])).collect();
        let (saves, words) = outcome(&reads);
        assert_eq!(saves, 0, "{gap} ms apart");
        assert_eq!(words, "Make it red\nAdd a hat\n\nAnd a scarf\n", "{gap} ms apart");
    }
}

#[test]
fn a_person_who_types_sends_and_goes_on_typing() {
    for gap in [60, 90, 250] {
        let text = "Make it red<Enter>Add a hat<Enter>";
        let reads: Vec<_> = parse(text).into_iter().map(|key| (gap, vec![key])).collect();
        assert_eq!(outcome(&reads), (2, String::new()), "{gap} ms apart");
    }
    // A line that stalls brings words and Enter together; nothing comes behind them.
    assert_eq!(outcome(&spaced(500, &["Make it red<Enter>", "Add a hat<Enter>"])).0, 2);
}

#[test]
fn an_enter_after_a_paste_sends_it_when_a_moment_has_passed() {
    let lines = ["one<Enter>", "two"];
    let mut reads = spaced(20, &lines);
    reads.push((450, parse("<Enter>")));
    assert_eq!(outcome(&reads).0, 1);
    let mut reads = vec![(0, bracketed("one\ntwo"))];
    reads.push((120, parse("<Enter>")));
    assert_eq!(outcome(&reads).0, 1);
}

#[test]
fn what_comes_close_behind_a_closing_bracket_never_pays() {
    for gap in [0, 3, 20, 49] {
        let reads = vec![(0, bracketed("hello")), (gap, parse("<Enter>Make it red<Enter>"))];
        assert_eq!(outcome(&reads), (0, "hello\nMake it red\n".into()), "{gap}");
        let reads =
            vec![(0, bracketed("hello")), (gap, parse("<Enter>")), (gap, parse("Make it red"))];
        assert_eq!(outcome(&reads), (0, "hello\nMake it red".into()), "{gap}");
    }
}

/// Its opening bracket was given up, or got lost: the closing one tells what it was.
#[test]
fn a_closing_bracket_that_comes_later_keeps_an_enter_from_paying() {
    let reads = vec![(0, parse("the last line<Enter>")), (15, bracketed(""))];
    assert_eq!(outcome(&reads), (0, "the last line\n".into()));
}

#[test]
fn keys_among_slow_lines_are_left_out() {
    let control = |c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
    for c in ('a'..='z').filter(|c| !"jklm".contains(*c)).chain("4567".chars()) {
        let mut reads = spaced(20, &["one<Enter>", "two<Enter>"]);
        let mut line = parse("th");
        line.push(control(c));
        line.extend(parse("ree<Enter>"));
        reads.push((20, line));
        reads.push((2, vec![control(c)]));
        reads.extend(spaced(20, &["four<Enter>"]));
        let expected = (0, "one\ntwo\nthree\nfour\n".to_owned());
        assert_eq!(outcome(&reads), expected, "Ctrl-{c}");
    }
}

#[test]
fn reports_of_the_terminal_do_not_part_a_paste() {
    let mut reads = spaced(20, &["one<Enter>"]);
    reads.push((2, vec![Event::FocusLost, Event::Resize(80, 24)]));
    reads.extend(spaced(20, &["two<Enter>"]));
    assert_eq!(outcome(&reads), (0, "one\ntwo\n".into()));
}

#[test]
fn an_interrupt_is_heard_while_lines_pour_in() {
    let mut reads = spaced(20, &["one<Enter>", "two<Enter>"]);
    reads.push((11, parse("<C-c>")));
    let mut driver = Driver::new(80, 24);
    read(&mut driver, &reads);
    assert!(
        driver.take().contains(&editree::app::effect::Effect::Screen(
            editree::app::effect::ScreenEffect::Quit
        ))
    );
}

#[test]
fn a_key_right_behind_a_paste_is_late_and_not_lost() {
    let mut reads = spaced(20, &["one<Enter>", "two<Enter>"]);
    reads.push((5, parse("<C-u>")));
    reads.push((1, parse("<C-c>")));
    let mut driver = Driver::new(80, 24);
    read(&mut driver, &reads);
    assert!(
        driver.take().contains(&editree::app::effect::Effect::Screen(
            editree::app::effect::ScreenEffect::Quit
        ))
    );
}

/// Behind a Tab the letters would be commands of the next pane, and `r` pays.
#[test]
fn a_tab_within_text_that_comes_fast_is_a_blank() {
    for gap in [0, 1, 10] {
        let reads: Vec<_> =
            parse("colour<Tab>red").into_iter().map(|key| (gap, vec![key])).collect();
        assert_eq!(outcome(&reads), (0, "colour red".into()), "{gap} ms apart");
    }
    assert_eq!(outcome(&[(0, parse("colour<Tab>red"))]), (0, "colour red".into()));
}

#[test]
fn keys_that_nothing_follows_come_out_in_their_order() {
    let mut burst = Burst::default();
    let now = Instant::now();
    let batch = parse("x<Enter><Up><C-a>");
    assert_eq!(burst.take(now, batch.clone()), batch[..1]);
    let due = burst.due().unwrap();
    assert!(due - now <= Duration::from_millis(50), "a person would notice");
    assert_eq!(burst.release(now), []);
    assert_eq!(burst.release(due), batch[1..]);
    // An Enter alone waits for less.
    let later = now + Duration::from_secs(1);
    assert_eq!(burst.take(later, parse("<Enter>")), []);
    assert!(burst.due().unwrap() - later <= Duration::from_millis(12));
}
