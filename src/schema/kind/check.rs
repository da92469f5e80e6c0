//! The checks behind [`Kind::check`], each of one property of a value.
//!
//! Invariant: a value that is refused is told with what would be right.

use serde_json::Value;

use super::range::limits;
use super::{Kind, is_word, short, size_of};
use crate::schema::suggest::{one_of, similar_names};
use crate::schema::{Param, Problem};

impl Kind {
    pub(super) fn check_fields(
        &self,
        fields: &[Param],
        closed: bool,
        value: &Value,
    ) -> Result<(), Problem> {
        let given = value.as_object().ok_or_else(|| self.not(value, "an object"))?;
        let is_known = |name: &String| fields.iter().any(|field| field.name == *name);
        if let Some(other) = given.keys().find(|name| closed && !is_known(name)) {
            return Err(Problem::new(format!("`{other}` is no field of it"), self.range()));
        }
        for field in fields {
            let value = given.get(&field.name).or(field.default.as_ref()).unwrap_or(&Value::Null);
            let named = |problem: Problem| Problem {
                message: format!("`{}`: {}", field.name, problem.message),
                ..problem
            };
            field.check(value).map_err(named)?;
        }
        Ok(())
    }

    pub(super) fn check_length(
        &self,
        letters: usize,
        shortest: Option<usize>,
        longest: Option<usize>,
    ) -> Result<(), Problem> {
        let is_within = shortest.is_none_or(|least| letters >= least)
            && longest.is_none_or(|most| letters <= most);
        let message = || format!("the text has {letters} letters");
        is_within.then_some(()).ok_or_else(|| Problem::new(message(), self.range()))
    }

    pub(super) fn check_multiple(&self, value: &Value, of: Option<f64>) -> Result<(), Problem> {
        let parts = of.zip(value.as_f64()).map(|(of, number)| number / of);
        match parts.is_none_or(|parts| (parts - parts.round()).abs() <= 1e-9 * parts.abs().max(1.0))
        {
            true => Ok(()),
            false => Err(self.not(value, &format!("a multiple of {}", of.unwrap_or_default()))),
        }
    }

    pub(super) fn within<N: PartialOrd + std::fmt::Display>(
        &self,
        number: N,
        min: Option<N>,
        max: Option<N>,
    ) -> Result<(), Problem> {
        match (min, max) {
            (Some(min), _) if number < min => {
                Err(Problem::new(format!("{number} is below {min}"), self.range()))
            }
            (_, Some(max)) if number > max => {
                Err(Problem::new(format!("{number} is above {max}"), self.range()))
            }
            _within => Ok(()),
        }
    }

    pub(super) fn check_choice(
        &self,
        options: &[String],
        open: bool,
        value: &Value,
    ) -> Result<(), Problem> {
        let Some(text) = value.as_str() else {
            return Err(self.not(value, "a text"));
        };
        if options.iter().any(|option| option == text) || (open && is_word(text)) {
            return Ok(());
        }
        let alike = similar_names(text, options.iter().map(String::as_str));
        let hint =
            one_of(&alike).map(|names| format!("did you mean {names}?")).or_else(|| self.range());
        Err(Problem::new(format!("`{}` is not one of the choices", short(value)), hint))
    }

    pub(super) fn check_sides(&self, min: u32, max: u32, value: &Value) -> Result<(), Problem> {
        let known = value.as_object().is_some_and(|sides| sides.len() == 2);
        let (width, height) = size_of(value)
            .filter(|_| known)
            .ok_or_else(|| self.not(value, "a width and a height"))?;
        let hint = limits(Some(min), Some(max)).map(|limits| format!("each side {limits}"));
        for side in [width, height] {
            self.within(side, Some(min), Some(max))
                .map_err(|problem| Problem { hint: hint.clone(), ..problem })?;
        }
        Ok(())
    }

    pub(super) fn check_picture(&self, value: &Value) -> Result<(), Problem> {
        match value.as_str() {
            Some(address) if is_word(address) => Ok(()),
            Some(_) | None => Err(self.not(value, "an address")),
        }
    }

    pub(super) fn check_pictures(
        &self,
        min: usize,
        max: Option<usize>,
        value: &Value,
    ) -> Result<(), Problem> {
        let pictures = value.as_array().ok_or_else(|| self.not(value, "a list of addresses"))?;
        pictures.iter().try_for_each(|picture| self.check_picture(picture))?;
        self.within(pictures.len(), Some(min), max)
    }

    /// Where none takes it, the last one tells why: words to choose from stand before it.
    pub(super) fn check_either(&self, of: &[Self], value: &Value) -> Result<(), Problem> {
        let mut wrong = None;
        for kind in of {
            match kind.check(value) {
                Ok(()) => return Ok(()),
                Err(problem) => wrong = Some(problem),
            }
        }
        wrong.map_or(Ok(()), |problem| Err(Problem { hint: self.range(), ..problem }))
    }
}
