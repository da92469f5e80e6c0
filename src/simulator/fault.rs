//! Faults that can be dialled in, each at a step and for a number of times.

use std::time::Duration;

/// `STEP:WHAT[*TIMES]`, such as `submit:503*2`, `status:delay=2000`, `submit:lose`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub step: Step,
    pub what: What,
    /// `None`: always.
    pub times: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Submit,
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
    /// Does it later, by this many milliseconds.
    Delay(Duration),
    /// Closes the connection and does nothing.
    Drop,
    /// Does it and closes the connection in the middle of the answer.
    Lose,
    /// Does it and answers with something that is not JSON.
    Garble,
}

impl Fault {
    /// Reads one specification; the error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let usage = || {
            format!(
                "`{text}` is no fault: STEP:WHAT[*TIMES] with submit, status, result, cancel, upload \
                 or download, and a status such as 503, delay=MS, drop, lose or garble"
            )
        };
        let (step, rest) = text.split_once(':').ok_or_else(usage)?;
        let (what, times) = match rest.split_once('*') {
            Some((what, times)) => (what, Some(times.parse().map_err(|_| usage())?)),
            None => (rest, None),
        };
        let step = match step {
            "submit" => Step::Submit,
            "status" => Step::Status,
            "result" => Step::Result,
            "cancel" => Step::Cancel,
            "upload" => Step::Upload,
            "download" => Step::Download,
            _ => return Err(usage()),
        };
        let what = match what {
            "drop" => What::Drop,
            "lose" => What::Lose,
            "garble" => What::Garble,
            other => match other.strip_prefix("delay=") {
                Some(ms) => What::Delay(Duration::from_millis(ms.parse().map_err(|_| usage())?)),
                None => {
                    let status = other.parse().map_err(|_| usage())?;
                    (400..=599)
                        .contains(&status)
                        .then_some(What::Answer(status))
                        .ok_or_else(usage)?
                }
            },
        };
        Ok(Self { step, what, times })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn specifications_are_read_and_wrong_ones_explained() {
        let fault = Fault::parse("submit:503*2").unwrap();
        assert_eq!(fault, Fault { step: Step::Submit, what: What::Answer(503), times: Some(2) });
        let delay = What::Delay(Duration::from_secs(2));
        assert_eq!(Fault::parse("status:delay=2000").unwrap().what, delay);
        for wrong in ["", "submit", "submit:200", "nowhere:drop", "submit:drop*x", "status:delay=x"]
        {
            assert!(Fault::parse(wrong).unwrap_err().contains("STEP:WHAT"), "{wrong}");
        }
    }
}
