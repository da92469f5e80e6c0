//! What is written when: frames first, whole pieces, and no more than the terminal answers for.

use std::time::{Duration, Instant};

use editree::terminal::queue::{PATIENCE, Progress, Queue};

const QUESTION: &[u8] = b"\x1b[5n";

fn queue() -> (Queue, Instant) {
    (Queue::new(QUESTION.to_vec()), Instant::now())
}

fn pieces(count: usize, size: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| vec![b'a' + u8::try_from(number % 26).unwrap(); size]).collect()
}

#[test]
fn frames_go_before_pieces_and_never_inside_one() {
    let (mut queue, now) = queue();
    queue.add_job(1, pieces(2, 10), b"tail".to_vec());
    queue.add_frame(b"frame");
    assert!(queue.has_frame());
    let frame = queue.next(now).unwrap();
    assert_eq!((frame.bytes.as_slice(), frame.is_frame), (b"frame".as_slice(), true));
    assert_eq!(queue.next(now).unwrap().bytes, [[b'a'; 10].as_slice(), QUESTION].concat());
    queue.add_frame(b"more");
    assert_eq!(queue.next(now).unwrap().bytes, b"more");
    assert_eq!(queue.next(now).unwrap().bytes, [[b'b'; 10].as_slice(), QUESTION].concat());
    assert_eq!(queue.next(now).unwrap().bytes, b"tail\x1b[5n");
    assert_eq!(queue.next(now), None);
}

#[test]
fn a_job_says_how_far_it_is() {
    let (mut queue, now) = queue();
    queue.add_job(1, pieces(2, 10), b"tail".to_vec());
    assert_eq!(queue.progress(1), Progress::Waiting);
    queue.next(now);
    assert_eq!(queue.progress(1), Progress::Open);
    queue.next(now);
    assert_eq!(queue.progress(1), Progress::Closed);
    queue.set_tail(1, b"other".to_vec());
    assert_eq!(queue.next(now).unwrap().bytes, b"other\x1b[5n");
    assert_eq!(queue.progress(1), Progress::Gone);
    assert_eq!(queue.progress(2), Progress::Gone);
}

#[test]
fn no_more_than_the_window_is_on_its_way() {
    let (mut queue, now) = queue();
    queue.add_job(1, pieces(20, 4096), Vec::new());
    let sent = std::iter::from_fn(|| queue.next(now)).count();
    assert_eq!(sent, 8);
    assert!(queue.is_unanswered());
    assert!(queue.acknowledge(now));
    assert!(queue.next(now).is_some());
    assert!(queue.next(now).is_none());
    assert!(queue.wait(now).is_some());
}

#[test]
fn a_silent_terminal_gets_one_piece_each_time_patience_ends() {
    let (mut queue, mut now) = queue();
    queue.add_job(1, pieces(20, 4096), Vec::new());
    while queue.next(now).is_some() {}
    for _ in 0..3 {
        now += PATIENCE - Duration::from_millis(1);
        assert_eq!(queue.next(now), None);
        assert_eq!(queue.wait(now), Some(Duration::from_millis(1)));
        now += Duration::from_millis(1);
        assert!(queue.next(now).is_some());
        assert_eq!(queue.next(now), None);
    }
    // An answer after all.
    assert!(queue.acknowledge(now));
    assert_eq!(std::iter::from_fn(|| queue.next(now)).count(), 8);
}

#[test]
fn a_piece_larger_than_the_window_goes_alone() {
    let (mut queue, now) = queue();
    queue.add_job(1, pieces(2, 100_000), Vec::new());
    assert!(queue.next(now).is_some());
    assert!(queue.next(now).is_none());
    queue.acknowledge(now);
    assert!(queue.next(now).is_some());
}

#[test]
fn answers_that_nobody_waits_for_change_nothing() {
    let (mut queue, now) = queue();
    assert!(!queue.acknowledge(now));
    assert_eq!((queue.next(now), queue.wait(now), queue.is_unanswered()), (None, None, false));
}

#[test]
fn a_dropped_job_sends_nothing_more() {
    let (mut queue, now) = queue();
    queue.add_job(1, pieces(3, 10), b"tail".to_vec());
    queue.add_job(2, pieces(1, 5), Vec::new());
    queue.next(now);
    queue.drop_job(1);
    assert_eq!(queue.next(now).unwrap().bytes, [[b'a'; 5].as_slice(), QUESTION].concat());
    assert_eq!(queue.next(now), None);
}
