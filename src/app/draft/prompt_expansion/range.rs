//! `1..4`, `10..1..3`, `0.5..1.5..0.25`: numbers from one to another.

/// More digits are no number that anybody counts with.
const DIGITS: usize = 19;

/// All of them, in their order, at most so many. `None`: it is no range. Parts of one need a step.
pub fn numbers(text: &str, most: usize) -> Option<Vec<String>> {
    let parts: Vec<&str> = text.split("..").map(str::trim).collect();
    let (from, to, step) = match parts.as_slice() {
        [from, to] => (*from, *to, None),
        [from, to, step] => (*from, *to, Some(*step)),
        _other => return None,
    };
    let places = [from, to, step.unwrap_or_default()].map(decimals).into_iter().max()?;
    if places > 0 && step.is_none() {
        return None;
    }
    let (from, to) = (scaled(from, places)?, scaled(to, places)?);
    let step = step.map_or(Some(1), |step| scaled(step, places))?.abs();
    if step == 0 {
        return None;
    }
    let count =
        usize::try_from(to.checked_sub(from)?.abs() / step).unwrap_or(most).saturating_add(1);
    let sign = if from <= to { 1 } else { -1 };
    let number = |place: usize| written(from + sign * step * place as i128, places);
    Some((0..count.min(most)).map(number).collect())
}

fn decimals(number: &str) -> usize {
    number.split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

/// In units of its last place.
fn scaled(number: &str, places: usize) -> Option<i128> {
    let (sign, digits) = number.strip_prefix('-').map_or((1, number), |digits| (-1, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_plain =
        |text: &str| !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit());
    if !is_plain(whole) || !is_plain(decimals) || digits.len() + places > 2 * DIGITS {
        return None;
    }
    let decimals = decimals.get(..places.min(decimals.len()))?;
    let number: i128 = format!("{whole}{decimals:0<places$}").parse().ok()?;
    Some(sign * number)
}

fn written(number: i128, places: usize) -> String {
    if places == 0 {
        return number.to_string();
    }
    let unit = 10_i128.pow(places as u32);
    let sign = if number < 0 { "-" } else { "" };
    let (whole, decimals) = (number.abs() / unit, number.abs() % unit);
    format!("{sign}{whole}.{decimals:0>places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_nobody_counts_with_are_words() {
        let nines = "9".repeat(38);
        assert_eq!(numbers(&format!("-{nines}..{nines}"), 5), None);
    }
}
