//! Faults that can be dialled in, each at a step, for a number of times, or now and then.

use std::time::Duration;

/// `STEP:WHAT[@PERCENT][*TIMES][+AFTER]`, such as `submit:503*2`, `run:delay=9000`,
/// `download:drop@30`, `result:page=200*3`, `status:cease*1+3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub step: Step,
    pub what: What,
    /// In so many of a hundred cases.
    pub percent: u8,
    /// `None`: always.
    pub times: Option<u32>,
    /// So many calls go well first.
    pub after: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Submit,
    /// The model itself, after the queue.
    Run,
    Status,
    Result,
    Cancel,
    Upload,
    Download,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Answers with this HTTP status and does nothing.
    Answer(u16),
    /// The same as a box in between does it: a page, without any word of the service.
    Page(u16),
    /// The key is refused, in the service's own words.
    Key,
    /// The account cannot pay.
    Account,
    /// It is over there, but the answer is not there yet: "still in progress".
    Early,
    /// Answers with nothing at all.
    Empty,
    /// Does it and answers with half of it, as if that were all.
    Cut,
    /// Does it and compresses the answer, unasked.
    Gzip,
    /// The same without saying so.
    Packed,
    /// Leads to the very address that was asked, and does nothing.
    Near,
    /// Does it and answers in a list, in place of what it is.
    Wrap,
    /// Does it later, by this many milliseconds.
    Delay(Duration),
    /// Closes the connection and does nothing.
    Drop,
    /// Does it and closes the connection in the middle of the answer.
    Lose,
    /// Does it and answers with something that is not JSON.
    Garble,
    /// The content filter returns a black picture; at `run`.
    Filter,
    /// Waits until `POST /_sim/release`; before doing anything.
    Hold,
    /// Does it, and keeps the answer back until `POST /_sim/release`.
    Mute,
    /// Never answers and does nothing.
    Stall,
    /// Leads to another host and does nothing.
    Redirect,
    /// Does it and answers piece by piece.
    Drip,
    /// Does it and promises more bytes than come.
    Short,
    /// Does it and calls the answer something else.
    Mistype,
    /// Does it and answers without end.
    Flood,
    /// Does it and answers with what unpacks to 200 MB.
    Bomb,
    /// Every event of the status stream twice.
    Repeat,
    /// The status stream ends after its first event.
    Cease,
}

/// What goes by a word alone.
const WORDS: [(&str, What); 24] = [
    ("key", What::Key),
    ("account", What::Account),
    ("early", What::Early),
    ("empty", What::Empty),
    ("cut", What::Cut),
    ("gzip", What::Gzip),
    ("packed", What::Packed),
    ("near", What::Near),
    ("wrap", What::Wrap),
    ("drop", What::Drop),
    ("lose", What::Lose),
    ("garble", What::Garble),
    ("hold", What::Hold),
    ("mute", What::Mute),
    ("stall", What::Stall),
    ("redirect", What::Redirect),
    ("drip", What::Drip),
    ("short", What::Short),
    ("mistype", What::Mistype),
    ("flood", What::Flood),
    ("bomb", What::Bomb),
    ("repeat", What::Repeat),
    ("cease", What::Cease),
    ("filter", What::Filter),
];

impl What {
    /// Until it is released.
    pub(super) fn holds(self) -> bool {
        matches!(self, Self::Hold | Self::Mute)
    }
}

impl Fault {
    /// Reads one specification; the error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let usage = || {
            format!(
                "`{text}` is no fault: STEP:WHAT[@PERCENT][*TIMES][+AFTER] with submit, run, status, \
                 result, cancel, upload or download, and a status such as 503, page=STATUS, \
                 delay=MS, or one of {}",
                WORDS.map(|(word, _)| word).join(", ")
            )
        };
        let (step, rest) = text.split_once(':').ok_or_else(usage)?;
        let (rest, after) = match rest.split_once('+') {
            Some((rest, after)) => (rest, after.parse().map_err(|_| usage())?),
            None => (rest, 0),
        };
        let (rest, times) = match rest.split_once('*') {
            Some((rest, times)) => (rest, Some(times.parse().map_err(|_| usage())?)),
            None => (rest, None),
        };
        let (what, percent) = match rest.split_once('@') {
            Some((what, percent)) => {
                let percent = percent.trim_end_matches('%').parse().map_err(|_| usage())?;
                (what, if percent <= 100 { percent } else { return Err(usage()) })
            }
            None => (rest, 100),
        };
        let step = match step {
            "submit" => Step::Submit,
            "run" => Step::Run,
            "status" => Step::Status,
            "result" => Step::Result,
            "cancel" => Step::Cancel,
            "upload" => Step::Upload,
            "download" => Step::Download,
            _ => return Err(usage()),
        };
        let named = WORDS.iter().find(|(word, _)| *word == what).map(|(_, what)| *what);
        let what = match what {
            _ if named == Some(What::Filter) && step != Step::Run => return Err(usage()),
            other => named.or_else(|| with_number(other)).ok_or_else(usage)?,
        };
        Ok(Self { step, what, percent, times, after })
    }
}

/// What a number belongs to: a status, a page's status, milliseconds.
fn with_number(what: &str) -> Option<What> {
    let status = |text: &str| text.parse().ok().filter(|status| (200..=599).contains(status));
    match what.split_once('=') {
        Some(("delay", ms)) => Some(What::Delay(Duration::from_millis(ms.parse().ok()?))),
        Some(("page", page)) => Some(What::Page(status(page)?)),
        Some(_) => None,
        None => status(what).filter(|status| *status >= 300).map(What::Answer),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn specifications_are_read_and_wrong_ones_explained() {
        let fault = Fault::parse("submit:503*2").unwrap();
        let what = What::Answer(503);
        assert_eq!(
            fault,
            Fault { step: Step::Submit, what, percent: 100, times: Some(2), after: 0 }
        );
        assert_eq!(Fault::parse("status:cease*1+3").unwrap().after, 3);
        assert_eq!(Fault::parse("download:drop@30*4").unwrap().percent, 30);
        assert_eq!(Fault::parse("run:filter").unwrap().what, What::Filter);
        assert_eq!(Fault::parse("result:page=200*3").unwrap().what, What::Page(200));
        assert_eq!(Fault::parse("result:302").unwrap().what, What::Answer(302));
        let delay = What::Delay(Duration::from_secs(2));
        assert_eq!(Fault::parse("status:delay=2000").unwrap().what, delay);
        for wrong in [
            "",
            "submit",
            "submit:200",
            "nowhere:drop",
            "submit:drop*x",
            "status:delay=x",
            "status:page=x",
            "status:page=700",
            "status:200",
            "submit:filter",
            "run:drop@300",
        ] {
            assert!(Fault::parse(wrong).unwrap_err().contains("STEP:WHAT"), "{wrong}");
        }
    }
}
