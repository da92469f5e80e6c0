//! Faults that can be dialled in, each at a step, for a number of times, or now and then.

use std::time::Duration;

use super::account;

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
    /// The platform's own interface, signing aside.
    Api,
    /// Signing of files.
    Sign,
}

const STEPS: [(&str, Step); 9] = [
    ("submit", Step::Submit),
    ("run", Step::Run),
    ("status", Step::Status),
    ("result", Step::Result),
    ("cancel", Step::Cancel),
    ("upload", Step::Upload),
    ("download", Step::Download),
    ("api", Step::Api),
    ("sign", Step::Sign),
];

/// What goes wrong. A fault more: a variant and its row here, and what it does in `apply_fault`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Before(Before),
    After(After),
    /// The content filter returns a black picture; at `run`.
    Filter,
}

/// Instead of the call, or before it: nothing was done yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// With this HTTP status.
    Answer(u16),
    /// The same as a box in between does it: a page, without any word of the service.
    Page(u16),
    Delay(Duration),
    /// A file is not there until it is so old; at `download`.
    Late(Duration),
    Key,
    Account,
    Early,
    Empty,
    Drop,
    Hold,
    Stall,
    Redirect,
    Near,
}

/// To the answer of a call that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    Lose,
    Mute,
    Garble,
    Cut,
    Wrap,
    Gzip,
    Packed,
    Drip,
    Short,
    Mistype,
    Flood,
    Bomb,
    Repeat,
    Cease,
}

/// What goes by a word alone, and what it means.
const WORDS: [(&str, What, &str); 24] = [
    ("key", What::Before(Before::Key), "refuses the key, in the service's own words"),
    ("account", What::Before(Before::Account), "says that the account cannot pay"),
    ("early", What::Before(Before::Early), "says that the request is still in progress"),
    ("empty", What::Before(Before::Empty), "answers with nothing at all"),
    ("drop", What::Before(Before::Drop), "closes the connection and does nothing"),
    ("hold", What::Before(Before::Hold), "waits until POST /_sim/release before doing anything"),
    ("stall", What::Before(Before::Stall), "never answers and does nothing"),
    ("redirect", What::Before(Before::Redirect), "leads to another host and does nothing"),
    ("near", What::Before(Before::Near), "leads to the same address and does nothing"),
    (
        "lose",
        What::After(After::Lose),
        "does it and closes the connection in the middle of the answer",
    ),
    (
        "mute",
        What::After(After::Mute),
        "does it and keeps the answer back until POST /_sim/release",
    ),
    ("garble", What::After(After::Garble), "does it and answers with something that is not JSON"),
    ("cut", What::After(After::Cut), "does it and answers with half of it, as if that were all"),
    ("wrap", What::After(After::Wrap), "does it and answers with a list around the answer"),
    ("gzip", What::After(After::Gzip), "does it and compresses the answer, unasked"),
    ("packed", What::After(After::Packed), "does it and compresses the answer without saying so"),
    ("drip", What::After(After::Drip), "does it and answers piece by piece"),
    ("short", What::After(After::Short), "does it and promises more bytes than come"),
    ("mistype", What::After(After::Mistype), "does it and gives the answer a wrong content type"),
    ("flood", What::After(After::Flood), "does it and answers without end"),
    ("bomb", What::After(After::Bomb), "does it and answers with what unpacks to 200 MB"),
    ("repeat", What::After(After::Repeat), "sends every event of the status stream twice"),
    ("cease", What::After(After::Cease), "ends the status stream after its first event"),
    ("filter", What::Filter, "returns a black picture, as the content filter does; at run only"),
];

/// For `--help`: the form of a specification, all steps and all words.
pub fn help() -> String {
    let steps = STEPS.map(|(word, _)| word).join(", ");
    let mut text = format!(
        "A fault to make: `STEP:WHAT[@PERCENT][*TIMES][+AFTER]`, such as `result:504*6`; may be \
         repeated. `download:drop@30*4` breaks three downloads in ten, four times.\n\n\
         `artifacts:off|mild|strong` sets shift, zoom and re-encoding of results.\n\n\
         {}STEP: {steps}\n\nWHAT:\n",
        account::HELP
    );
    let numbers = [
        ("STATUS", "answers with this HTTP status, such as 503, and does nothing"),
        ("page=STATUS", "the same with a page, as a gateway does it"),
        ("delay=MS", "does it so many milliseconds later"),
        ("late=MS", "knows a file only so many milliseconds after it was made; at download only"),
    ];
    let words = WORDS.map(|(word, _, meaning)| (word, meaning));
    for (word, meaning) in numbers.into_iter().chain(words) {
        text.push_str(&format!("  {word:<12}{meaning}\n"));
    }
    text
}

impl What {
    /// Until it is released.
    pub(super) fn holds(self) -> bool {
        matches!(self, Self::Before(Before::Hold) | Self::After(After::Mute))
    }
}

impl Fault {
    /// Reads one specification; the error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let usage = || {
            format!(
                "`{text}` is not a fault: expected STEP:WHAT[@PERCENT][*TIMES][+AFTER]; STEP is one of \
                 {}; WHAT is a status such as 503, page=STATUS, delay=MS, late=MS, or one of {}",
                STEPS.map(|(word, _)| word).join(", "),
                WORDS.map(|(word, _, _)| word).join(", ")
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
        let step = STEPS.iter().find(|(word, _)| *word == step).ok_or_else(usage)?.1;
        let named = WORDS.iter().find(|(word, ..)| *word == what).map(|(_, what, _)| *what);
        let what = match what {
            _ if named == Some(What::Filter) && step != Step::Run => return Err(usage()),
            late if late.starts_with("late=") && step != Step::Download => return Err(usage()),
            other => named.or_else(|| with_number(other)).ok_or_else(usage)?,
        };
        Ok(Self { step, what, percent, times, after })
    }
}

/// What a number belongs to: a status, a page's status, milliseconds.
fn with_number(what: &str) -> Option<What> {
    let status = |text: &str| text.parse().ok().filter(|status| (200..=599).contains(status));
    match what.split_once('=') {
        Some(("delay", ms)) => {
            Some(What::Before(Before::Delay(Duration::from_millis(ms.parse().ok()?))))
        }
        Some(("late", ms)) => {
            Some(What::Before(Before::Late(Duration::from_millis(ms.parse().ok()?))))
        }
        Some(("page", page)) => Some(What::Before(Before::Page(status(page)?))),
        Some(_) => None,
        None => status(what)
            .filter(|status| *status >= 300)
            .map(|status| What::Before(Before::Answer(status))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn specifications_are_read_and_wrong_ones_explained() {
        let fault = Fault::parse("submit:503*2").unwrap();
        let what = What::Before(Before::Answer(503));
        assert_eq!(
            fault,
            Fault { step: Step::Submit, what, percent: 100, times: Some(2), after: 0 }
        );
        assert_eq!(Fault::parse("status:cease*1+3").unwrap().after, 3);
        assert_eq!(Fault::parse("download:drop@30*4").unwrap().percent, 30);
        assert_eq!(Fault::parse("run:filter").unwrap().what, What::Filter);
        assert_eq!(
            Fault::parse("result:page=200*3").unwrap().what,
            What::Before(Before::Page(200))
        );
        assert_eq!(Fault::parse("result:302").unwrap().what, What::Before(Before::Answer(302)));
        let delay = What::Before(Before::Delay(Duration::from_secs(2)));
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
            "run:late=5",
            "download:late=x",
            "run:drop@300",
        ] {
            assert!(Fault::parse(wrong).unwrap_err().contains("STEP:WHAT"), "{wrong}");
        }
    }
}
