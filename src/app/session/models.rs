//! Looks for models in the service's catalogue, and adds one.
//!
//! Asks one question at a time: words that are typed meanwhile are asked when it is answered.
//! Invariant: an endpoint that was added is in the catalogue before anything speaks of it.

use crate::app::draft::{Choice, edit};
use crate::app::effect::{Effect, ServiceEffect};
use crate::app::failure::Failure;
use crate::app::follow_up::Effects;
use crate::app::found_models::FoundModels;
use crate::app::hint::{CommandId, Hint};
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone};
use crate::schema::Endpoint;

pub(in crate::app) fn search(model: &mut Model, out: &mut Effects, words: String) {
    let words = words.trim().to_owned();
    let search = &mut model.finder.models;
    if search.asked.is_some() {
        search.next = Some(words);
        return;
    }
    search.asked = Some(words.clone());
    let profile = model.profile.name.clone();
    out.push(Effect::Service(ServiceEffect::FindModels { profile, words }));
}

pub(in crate::app) fn found(
    model: &mut Model,
    out: &mut Effects,
    found: Result<FoundModels, Failure>,
) {
    let search = &mut model.finder.models;
    let asked = search.asked.take().unwrap_or_default();
    match found {
        Ok(found) => (search.found, search.problem) = (found, None),
        Err(failure) => {
            search.found = FoundModels { words: asked, ..FoundModels::default() };
            search.problem = Some(failure.message);
        }
    }
    if let Some(next) = search.next.take().filter(|next| *next != search.found.words) {
        self::search(model, out, next);
    }
}

/// The question was not answered at all: the next one may be put.
pub(in crate::app) fn lost(model: &mut Model) {
    (model.finder.models.asked, model.finder.models.next) = (None, None);
}

/// One that is known already is only chosen.
pub(in crate::app) fn add(model: &mut Model, out: &mut Effects, id: String) {
    if model.catalogue.find(&id).is_ok() {
        return choose(model, &id, "");
    }
    model.say(Notice::new(Tone::Info, format!("`{id}` is being added")));
    let profile = model.profile.name.clone();
    out.push(Effect::Service(ServiceEffect::AddModel { profile, id }));
}

pub(in crate::app) fn added(model: &mut Model, added: Result<Box<Endpoint>, Failure>) {
    let Some(endpoint) = model.or_say(added) else { return };
    let id = endpoint.id.clone();
    let price = match &endpoint.price {
        Some(price) => format!("; {price}"),
        None => "; its price is not known, and asked about".to_owned(),
    };
    *model.catalogue = model.catalogue.with(*endpoint);
    choose(model, &id, &price);
}

fn choose(model: &mut Model, id: &str, price: &str) {
    let short = model.catalogue.find(id).map_or(id, |endpoint| endpoint.short.as_str()).to_owned();
    edit::choose(model, Choice::Fixed(id.to_owned()));
    let notice = Notice::new(Tone::Good, format!("`{short}` is chosen{price}"));
    model.say(notice.hint(Hint::to(CommandId::Endpoint, "choose another")));
}
