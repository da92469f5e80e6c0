//! What is written when: frames first, whole pieces, and no more than the terminal answers for.

use std::time::{Duration, Instant};

use editree::terminal::queue::{Progress, Queue};
use editree::terminal::send_window::{ACK_TIMEOUT, SILENT_PACE};

const QUESTION: &[u8] = b"\x1b[5n";

fn queue() -> (Queue, Instant) {
    (Queue::new(Some(QUESTION.to_vec())), Instant::now())
}

fn chunks(count: usize, size: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| vec![b'a' + u8::try_from(number % 26).unwrap(); size]).collect()
}

#[test]
fn frames_go_before_pieces_and_never_inside_one() {
    let (mut queue, now) = queue();
    queue.add_job(1, chunks(2, 10), b"tail".to_vec());
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
    queue.add_job(1, chunks(2, 10), b"tail".to_vec());
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
fn a_large_frame_is_on_its_way_like_a_piece() {
    let now = Instant::now();
    let mut queue = Queue::new(Some(QUESTION.to_vec()));
    queue.add_job(1, chunks(1, 10), Vec::new());
    queue.add_frame(&[b'x'; 20_000]);
    assert!(queue.next(now).is_some_and(|portion| portion.bytes.ends_with(QUESTION)));
    assert_eq!(queue.next(now), None, "no piece behind it");
    queue.acknowledge(now);
    assert!(queue.next(now).is_some_and(|portion| !portion.is_frame));
}

#[test]
fn no_more_than_the_window_is_on_its_way() {
    let (mut queue, now) = queue();
    queue.add_job(1, chunks(20, 4096), Vec::new());
    let sent = std::iter::from_fn(|| queue.next(now)).count();
    assert_eq!(sent, 2, "eight kilobytes, before the rate is known");
    assert!(queue.is_unanswered());
    assert!(queue.acknowledge(now));
    assert!(queue.next(now).is_some());
    assert!(queue.wait(now).is_some());
}

/// How long each of the next pieces is waited for.
fn waits(queue: &mut Queue, now: &mut Instant, count: usize) -> Vec<Duration> {
    let mut waits = Vec::new();
    for _ in 0..count {
        let limit = queue.wait(*now).expect("an end");
        *now += limit - Duration::from_millis(1);
        assert_eq!(queue.next(*now), None);
        *now += Duration::from_millis(1);
        assert_eq!(std::iter::from_fn(|| queue.next(*now)).count(), 1, "one at a time");
        assert!(queue.has_given_up());
        waits.push(limit);
    }
    waits
}

#[test]
fn a_terminal_that_answers_nothing_gets_its_whole_picture_by_the_clock() {
    let (mut queue, mut now) = queue();
    queue.add_job(1, chunks(20, 4096), Vec::new());
    while queue.next(now).is_some() {}
    let waits = waits(&mut queue, &mut now, 3);
    assert_eq!(waits, [ACK_TIMEOUT, SILENT_PACE, SILENT_PACE]);
    // An answer after all: the line is measured anew, and filled again.
    while queue.is_unanswered() {
        assert!(queue.acknowledge(now));
    }
    assert!(std::iter::from_fn(|| queue.next(now)).count() > 1);
}

#[test]
fn a_line_that_has_stalled_is_not_filled_by_the_clock() {
    let (mut queue, mut now) = queue();
    queue.add_job(1, chunks(400, 4096), Vec::new());
    queue.next(now);
    now += Duration::from_millis(40);
    assert!(queue.acknowledge(now));
    while queue.next(now).is_some() {}
    let waits = waits(&mut queue, &mut now, 3);
    assert_eq!(waits, [ACK_TIMEOUT; 3]);
}

#[test]
fn a_frame_that_is_not_answered_is_given_up_as_well() {
    let (mut queue, now) = queue();
    queue.add_frame(&[b'x'; 2_000]);
    queue.next(now);
    assert_eq!(queue.wait(now), Some(ACK_TIMEOUT));
    assert_eq!(queue.next(now + ACK_TIMEOUT), None);
    assert!(queue.has_given_up() && !queue.is_unanswered());
    assert_eq!((queue.has_given_up(), queue.wait(now)), (false, None));
}

#[test]
fn what_went_before_a_question_was_answered_is_asked_for_once_there_is_one() {
    let now = Instant::now();
    let mut queue = Queue::new(None);
    queue.add_frame(&[b'x'; 2_000]);
    assert_eq!(queue.next(now).unwrap().bytes, [b'x'; 2_000], "nobody is asked what is unknown");
    queue.set_question(Some(QUESTION.to_vec()));
    assert_eq!(queue.next(now).map(|write| write.bytes), Some(QUESTION.to_vec()));
    assert!(queue.acknowledge(now) && queue.next(now).is_none());
    // The same again is no news.
    queue.set_question(Some(QUESTION.to_vec()));
    assert_eq!(queue.next(now), None);
}

#[test]
fn a_piece_larger_than_the_window_goes_alone() {
    let (mut queue, now) = queue();
    queue.add_job(1, chunks(2, 100_000), Vec::new());
    assert!(queue.next(now).is_some());
    assert!(queue.next(now).is_none());
    queue.acknowledge(now);
    assert!(queue.next(now).is_some());
}

/// A line of so many bytes in a second.
#[derive(Clone, Copy)]
struct Line {
    rate: f64,
    /// What an answer takes besides.
    round_trip: f64,
    /// The seconds between keys.
    between: Option<f64>,
    /// Bytes of the frame that each key makes; larger ones ask for an answer.
    echo: usize,
    /// As through ssh, what is written together arrives together, and is answered in one go.
    packed: bool,
    /// Bytes that asked for nothing, still on the line when the first piece goes.
    before: f64,
    /// So many single pieces came before, each behind as much, with pauses between.
    pauses: u32,
    /// From when on it is known.
    known: f64,
}

/// The seconds until all was answered, and the longest that a key would have waited behind pieces
/// once the line is known, in milliseconds.
fn carry(line: &Line) -> (f64, f64) {
    let &Line { rate, round_trip, between, echo, packed, before, pauses, known } = line;
    let start = Instant::now();
    let mut queue = Queue::new(Some(QUESTION.to_vec()));
    for pause in 0..pauses {
        queue.add_job(0, chunks(1, 2048), Vec::new());
        let at = start + Duration::from_secs(5) * pause;
        assert!(queue.next(at).is_some());
        let took = (before + 2048.0) / rate + round_trip;
        queue.acknowledge(at + Duration::from_secs_f64(took));
    }
    let start = start + Duration::from_secs(5) * pauses;
    queue.add_job(1, chunks(80, 2048), Vec::new());
    let (mut now, mut free_at, mut longest) = (0.0_f64, before / rate, 0.0_f64);
    let (mut answers, mut key) = (std::collections::VecDeque::new(), 0.0);
    loop {
        let at = start + Duration::from_secs_f64(now);
        let keys = between.filter(|_| queue.progress(1) != Progress::Gone);
        if let Some(between) = keys.filter(|_| now >= key) {
            queue.typed(at);
            if now > known {
                longest = longest.max(free_at - now);
            }
            key += between;
            queue.add_frame(&vec![b'f'; echo]);
        }
        let before = answers.len();
        while let Some(portion) = queue.next(at) {
            free_at = free_at.max(now) + portion.bytes.len() as f64 / rate;
            if portion.asks {
                answers.push_back(free_at + round_trip);
            }
        }
        let from = if packed { before } else { answers.len() };
        let together = answers.range_mut(from..);
        together.for_each(|answer| *answer = free_at + round_trip);
        let Some(answer) = answers.front().copied() else {
            return (now, longest * 1_000.0);
        };
        now = if keys.is_some() { answer.min(key) } else { answer };
        assert!(now < 120.0, "the picture never ends");
        if now >= answer {
            answers.pop_front();
            queue.acknowledge(start + Duration::from_secs_f64(now));
        }
    }
}

fn line(rate: f64, between: Option<f64>, packed: bool) -> Line {
    Line { rate, round_trip: 0.04, between, echo: 0, packed, before: 0.0, pauses: 0, known: 0.3 }
}

#[test]
fn a_line_that_was_full_when_it_was_measured_is_measured_again_while_somebody_types() {
    for packed in [false, true] {
        for (rate, most_wait) in [(32_000.0, 80.0), (125_000.0, 60.0)] {
            for between in [0.12, 0.25] {
                let line = line(rate, Some(between), packed);
                for pauses in [0, 6] {
                    let (_, wait) = carry(&Line { before: 7_200.0, pauses, known: 3.0, ..line });
                    assert!(wait <= most_wait, "{rate} {packed} {pauses}: a key waits {wait} ms");
                }
            }
        }
    }
}

#[test]
fn a_picture_goes_on_while_a_key_is_held_whose_frames_ask() {
    for rate in [125_000.0, 1_250_000.0] {
        let line = Line { round_trip: 0.08, echo: 1_200, ..line(rate, Some(0.033), false) };
        let (time, _) = carry(&line);
        let frames = time / 0.033 * 1_200.0;
        let ideal = (80.0 * 2052.0 + frames) / rate + 0.08;
        assert!(time <= ideal * 3.0, "{rate}: {time} s of {ideal} s");
    }
}

#[test]
fn a_line_is_filled_and_a_key_waits_for_little() {
    let bytes = 80.0 * (2048.0 + QUESTION.len() as f64);
    for (rate, most_wait, most_time) in
        [(32_000.0, 80.0, 1.7), (125_000.0, 45.0, 1.2), (1_250_000.0, 40.0, 1.9)]
    {
        let ideal = bytes / rate + 0.04;
        for between in [None, Some(0.12), Some(0.25)] {
            let (time, wait) = carry(&line(rate, between, false));
            assert!(time <= ideal * most_time, "{rate}: {time} s of {ideal} s");
            assert!(wait <= most_wait, "{rate}: a key waits {wait} ms");
        }
    }
}

#[test]
fn answers_that_come_in_one_go_make_no_line_look_faster() {
    // On the slowest line, what went before anything was known is still waited for. While somebody
    // types, a picture pays for the echo.
    for (rate, most_wait, most_time, most_typing) in
        [(32_000.0, 800.0, 1.2, 1.6), (125_000.0, 90.0, 1.2, 1.4), (1_250_000.0, 40.0, 1.7, 1.7)]
    {
        let ideal = 80.0 * (2048.0 + QUESTION.len() as f64) / rate + 0.04;
        for between in [None, Some(0.12), Some(0.25)] {
            let (time, wait) = carry(&line(rate, between, true));
            let most = if between.is_some() { most_typing } else { most_time };
            assert!(time <= ideal * most, "{rate}, {between:?}: {time} s of {ideal} s");
            assert!(wait <= most_wait, "{rate}: a key waits {wait} ms");
        }
    }
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
    queue.add_job(1, chunks(3, 10), b"tail".to_vec());
    queue.add_job(2, chunks(1, 5), Vec::new());
    queue.next(now);
    queue.drop_job(1);
    assert_eq!(queue.next(now).unwrap().bytes, [[b'a'; 5].as_slice(), QUESTION].concat());
    assert_eq!(queue.next(now), None);
}

/// Who leaves waits for answers as long as the line needs, and for none that will not come.
#[test]
fn what_is_on_its_way_is_waited_for_as_long_as_its_line_needs() {
    let (mut queue, mut now) = queue();
    assert_eq!(queue.answers_take(), Duration::ZERO);
    queue.add_job(1, chunks(400, 4096), Vec::new());
    queue.next(now);
    assert_eq!(queue.answers_take(), Duration::from_secs(1), "an unknown line");
    now += Duration::from_millis(400);
    queue.acknowledge(now);
    while queue.next(now).is_some() {}
    assert_eq!(queue.answers_take(), Duration::from_millis(1_600), "four times an empty line's");
    now += ACK_TIMEOUT;
    queue.next(now);
    assert_eq!(queue.answers_take(), Duration::ZERO, "it has fallen silent");
}

/// At a start, and when another terminal may be there, bytes leave before it is known what this one
/// answers. On a slow line they would make it look longer, and more would be sent ahead of a key.
#[test]
fn bytes_that_nothing_asks_for_do_not_make_the_line_look_longer() {
    let (rate, round_trip) = (32_000.0, 0.04);
    let start = Instant::now();
    let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
    let mut queue = Queue::new(None);
    queue.add_frame(&[b'x'; 7_000]);
    queue.next(at(0.0)).unwrap();
    queue.set_question(Some(QUESTION.to_vec()));
    queue.next(at(round_trip)).unwrap();
    let mut free_at = 7_000.0 / rate;
    queue.acknowledge(at(free_at + round_trip));
    let now = at(free_at + round_trip);
    queue.add_job(1, chunks(4, 2_000), Vec::new());
    free_at += round_trip;
    let sent = std::iter::from_fn(|| queue.next(now)).count();
    assert!(sent > 1, "they wait behind each other");
    for _ in 0..sent {
        free_at += (2_000.0 + QUESTION.len() as f64) / rate;
        queue.acknowledge(at(free_at + round_trip));
    }
    let took = queue.link().unwrap().round_trip.as_millis();
    assert!((35..=50).contains(&took), "{took} ms");
}

#[test]
fn a_small_frame_may_be_taken_by_another_who_gives_back_what_he_cannot_write() {
    let (mut queue, now) = queue();
    assert_eq!(queue.take_small_frame(), None);
    queue.add_frame(b"a frame");
    assert_eq!(queue.take_small_frame(), Some(b"a frame".to_vec()));
    assert!(!queue.has_frame());
    queue.add_frame(b", the next");
    queue.put_back(b"frame");
    assert_eq!(queue.next(now).unwrap().bytes, b"frame, the next");
}

#[test]
fn a_frame_that_pictures_wait_for_is_not_taken_by_another() {
    let (mut queue, now) = queue();
    queue.add_frame(b"some rows");
    queue.ask();
    assert_eq!(queue.take_small_frame(), None);
    assert!(queue.next(now).unwrap().asks);
    queue.add_frame(&[b'x'; 2000]);
    assert_eq!(queue.take_small_frame(), None);
    assert!(queue.next(now).unwrap().asks);
}
