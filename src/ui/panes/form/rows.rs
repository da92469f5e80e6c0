//! The rows of the form: a parameter each, and below a list of objects a row for each field of each
//! object, so that none of it is typed as JSON.
//!
//! Pure. Invariant: what a row sets is the value of its parameter, whole.

use serde_json::{Map, Value};

use crate::app::action::{Action, DraftAction};
use crate::app::model::Model;
use crate::schema::kind::Kind;
use crate::schema::{Param, Problem};

#[derive(Clone, Debug)]
pub(super) struct Row {
    /// What is set here: a parameter, or a field of one item of it.
    pub(super) param: Param,
    /// The list, and which item of it.
    item: Option<(Param, usize)>,
    /// It is the first of its item.
    is_first: bool,
}

/// All that can be selected, without prompt and pictures.
pub(super) fn rows(model: &Model) -> Vec<Row> {
    let Ok(endpoint) = model.endpoint() else { return Vec::new() };
    endpoint.form().flat_map(|param| with_items(model, param)).collect()
}

/// How many there are.
pub(super) fn count(model: &Model) -> usize {
    let of = |param: &Param| 1 + items(model, param).len() * fields(param).map_or(0, <[_]>::len);
    model.endpoint().map_or(0, |endpoint| endpoint.form().map(of).sum())
}

fn with_items(model: &Model, param: &Param) -> Vec<Row> {
    let mut rows = vec![Row { param: param.clone(), item: None, is_first: false }];
    let fields = fields(param).unwrap_or_default();
    for at in 0..items(model, param).len() {
        rows.extend(fields.iter().enumerate().map(|(place, field)| Row {
            param: field.clone(),
            item: Some((param.clone(), at)),
            is_first: place == 0,
        }));
    }
    rows
}

/// Of a list of objects, what each has.
fn fields(param: &Param) -> Option<&[Param]> {
    match &param.kind {
        Kind::List { of, .. } => match &**of {
            Kind::Object { fields, .. } if !fields.is_empty() => Some(fields),
            _other => None,
        },
        _other => None,
    }
}

fn items<'a>(model: &'a Model, list: &Param) -> &'a [Value] {
    let value = model.draft.values.get(&list.name);
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl Row {
    /// Items are added here.
    pub(super) fn is_list(&self) -> bool {
        self.item.is_none() && fields(&self.param).is_some()
    }

    /// They set the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        let item = |row: &Self| row.item.as_ref().map(|(_, at)| *at);
        self.param.name == other.param.name && item(self) == item(other)
    }

    pub(super) fn is_item(&self) -> bool {
        self.item.is_some()
    }

    pub(super) fn label(&self) -> String {
        match &self.item {
            None => self.param.label.clone(),
            Some((_, at)) if self.is_first => format!(" {} {}", at + 1, self.param.label),
            Some(_) => format!("   {}", self.param.label),
        }
    }

    /// What was set; `None`: nothing was.
    pub(super) fn value<'a>(&self, model: &'a Model) -> Option<&'a Value> {
        match &self.item {
            None => model.draft.values.get(&self.param.name),
            Some((list, at)) => items(model, list).get(*at)?.get(&self.param.name),
        }
    }

    pub(super) fn show(&self, model: &Model) -> String {
        match (self.is_list(), items(model, &self.param).len()) {
            (false, _) | (true, 0) => self.param.show(self.value(model)),
            (true, count) => count.to_string(),
        }
    }

    /// `None`: back to the default.
    pub(super) fn set(&self, model: &Model, value: Option<Value>) -> Vec<Action> {
        let Some((list, at)) = &self.item else {
            return set(&self.param, value);
        };
        let mut all = items(model, list).to_vec();
        if let Some(item) = all.get_mut(*at).and_then(Value::as_object_mut) {
            match value {
                Some(value) if !value.is_null() => {
                    drop(item.insert(self.param.name.clone(), value))
                }
                Some(_) | None => drop(item.remove(&self.param.name)),
            }
        }
        set(list, Some(Value::from(all)))
    }

    /// The item of the row goes; where it is no item's, the default comes back.
    pub(super) fn clear(&self, model: &Model) -> Vec<Action> {
        let Some((list, at)) = &self.item else { return set(&self.param, None) };
        let mut all = items(model, list).to_vec();
        if *at < all.len() {
            all.remove(*at);
        }
        set(list, (!all.is_empty()).then(|| Value::from(all)))
    }

    /// What was typed becomes one item more, or several as they are written in short or in JSON.
    pub(super) fn add(&self, model: &Model, typed: &str) -> Result<Vec<Action>, Problem> {
        let mut all = items(model, &self.param).to_vec();
        match self.param.parse(typed) {
            Ok(Value::Array(more)) => all.extend(more),
            Ok(value) => return Ok(set(&self.param, Some(value))),
            Err(problem) => all.push(begun(&self.param, typed).ok_or(problem)?),
        }
        let most = match &self.param.kind {
            Kind::List { max: Some(max), .. } => *max,
            _other => usize::MAX,
        };
        match all.len() {
            count if count > most => Err(Problem::new(format!("{most} are the most"), None)),
            _count => Ok(set(&self.param, Some(Value::from(all)))),
        }
    }
}

fn set(param: &Param, value: Option<Value>) -> Vec<Action> {
    vec![Action::Draft(DraftAction::Set { name: param.name.clone(), value })]
}

/// An object of which one field is known: the first that is needed.
fn begun(list: &Param, typed: &str) -> Option<Value> {
    let fields = fields(list)?;
    let first = fields.iter().find(|field| field.required).or_else(|| fields.first())?;
    let value = first.parse(typed).ok().filter(|value| !value.is_null())?;
    Some(Map::from_iter([(first.name.clone(), value)]).into())
}
