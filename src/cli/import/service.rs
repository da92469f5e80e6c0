//! `import --from-service`: requests that were sent elsewhere, from the service's page or a script, come
//! into the tree with recipe, cost and pictures.
//!
//! Nothing here costs. Invariant: a request that is here already stays as it is, and one that cannot be
//! brought whole is named and left for the next time.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::session::{Session, executor};
use super::super::{CommandError, print, print_json, say};
use crate::app::failure::Failure;
use crate::app::job::{Job, JobId, State};
use crate::app::money::bills;
use crate::config::Config;
use crate::fal::account::{MAX_IDS, Record};
use crate::runtime::client::Provider;
use crate::runtime::listed::{self, Listed};
use crate::runtime::store_result;
use crate::schema::body::{Sameness, sameness};
use crate::schema::{Endpoint, Usd};
use crate::tree::{Hash, Node, Picture, Timestamp};

/// So far back without `--since`: what the service keeps at least.
const DAYS: i64 = 7;
/// The list goes no further back.
const MOST_DAYS: i64 = 90;

/// What was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) since: Option<String>,
    pub(crate) models: Vec<String>,
    pub(crate) dry_run: bool,
    pub(crate) json: bool,
}

/// What becomes of one request of the list.
enum Fate {
    /// It is here; the pictures it was made from may be too.
    Brought(Box<Node>),
    /// It would come, made from this picture.
    WouldCome {
        has_parent: bool,
    },
    Known,
    /// Why there is nothing to bring.
    Left(String),
    /// It may come the next time.
    Failed(CommandError),
}

/// `editree import --from-service`.
pub(crate) fn import(config: &Config, wanted: &Wanted) -> Result<u8, CommandError> {
    executor()?.block_on(async {
        let session = Session::open(config, false).await?;
        let since = start(wanted.since.as_deref())?;
        let endpoints = endpoints(&session, &wanted.models)?;
        let provider = session.runtime.provider(&config.profile.name)?;
        let mut listed = Vec::new();
        for part in endpoints.chunks(MAX_IDS) {
            listed.extend(provider.records(part, &since).await?);
        }
        // Who was made from whom: parents come first.
        listed.sort_by(|a, b| a.sent_at.cmp(&b.sent_at));
        let bring = Bring { session: &session, provider: &provider, dry_run: wanted.dry_run };
        let costs = bring.costs(&listed).await;
        let mut fates = Vec::with_capacity(listed.len());
        for record in &listed {
            let fate = bring.one(record, costs.get(&record.request_id).copied()).await;
            let fate = fate.unwrap_or_else(|failure| Fate::Failed(failure.into()));
            if !wanted.json {
                tell(record, &fate, &session)?;
            }
            fates.push(fate);
        }
        report(&listed, &fates, &costs, wanted)
    })
}

/// A day or a moment of the person's, as the service takes it.
fn start(since: Option<&str>) -> Result<String, CommandError> {
    let now = jiff::Zoned::now();
    let wrong = |text: &str| {
        CommandError::usage(format!("`{text}` is not a date"))
            .hint("use for example --since 2026-11-01")
    };
    let at = match since {
        None => now.timestamp() - jiff::SignedDuration::from_hours(24 * DAYS),
        Some(text) => match text.parse::<jiff::civil::Date>() {
            Ok(day) => {
                let start = day.to_zoned(now.time_zone().clone()).map_err(|_| wrong(text))?;
                start.timestamp()
            }
            Err(_) => text.parse::<jiff::Timestamp>().map_err(|_| wrong(text))?,
        },
    };
    let earliest = now.timestamp() - jiff::SignedDuration::from_hours(24 * MOST_DAYS);
    if at < earliest {
        say(&format!("the service lists no requests older than {MOST_DAYS} days"));
    }
    Ok(at.max(earliest).to_string())
}

/// Those that were named, else all that are known here.
fn endpoints(session: &Session, models: &[String]) -> Result<Vec<String>, CommandError> {
    let catalogue = &session.model.catalogue;
    if models.is_empty() {
        return Ok(catalogue.endpoints().map(|endpoint| endpoint.id.clone()).collect());
    }
    let found = models.iter().map(|name| match catalogue.find(name) {
        Ok(endpoint) => Ok(endpoint.id.clone()),
        Err(_) => Err(CommandError::usage(format!("there is no endpoint `{name}`"))
            .hint("`editree models` lists them; `editree models add` adds another")),
    });
    found.collect()
}

struct Bring<'a> {
    session: &'a Session,
    provider: &'a Provider,
    dry_run: bool,
}

impl Bring<'_> {
    /// What each has cost, where the key may see it.
    async fn costs(&self, listed: &[Record]) -> BTreeMap<String, Usd> {
        let ids: Vec<String> = listed.iter().map(|record| record.request_id.clone()).collect();
        let mut costs = BTreeMap::new();
        for part in ids.chunks(bills::MOST) {
            match self.provider.bills(part).await {
                Ok(found) => costs.extend(found),
                Err(failure) => {
                    say(&format!("costs are not known: {}", failure.message));
                    break;
                }
            }
        }
        costs
    }

    async fn one(&self, record: &Record, cost: Option<Usd>) -> Result<Fate, Failure> {
        let store = &self.session.runtime.store;
        let known = store.known_requests(vec![record.request_id.clone()]).await;
        if !known.map_err(Failure::from)?.is_empty() {
            return Ok(Fate::Known);
        }
        let left = |why: &str| Ok(Fate::Left(why.to_owned()));
        match record.status {
            None => return left("it is not finished yet"),
            Some(200..=299) => {}
            Some(code) => return Ok(Fate::Left(format!("it has failed ({code})"))),
        }
        let (Some(input), Some(output)) =
            (record.input.as_ref().and_then(Value::as_object), &record.output)
        else {
            return left("its payload is not stored at the service");
        };
        if let Some(job) = self.may_be(record, input) {
            let text = format!("it may be {job}, whose answer was lost: `editree wait {job}`");
            return Ok(Fate::Left(text));
        }
        let Ok(endpoint) = self.session.model.catalogue.find(&record.endpoint) else {
            return left("its endpoint is not known here");
        };
        let files = listed::files(output);
        if files.is_empty() {
            return left("its answer names no picture");
        }
        let inputs = self.inputs(endpoint, input).await?;
        if self.dry_run {
            let has_parent = inputs.first().is_some_and(|input| input.get("picture").is_some());
            return Ok(Fate::WouldCome { has_parent });
        }
        let mut pictures = Vec::with_capacity(files.len());
        for file in files {
            pictures.push(self.fetched(file).await?);
        }
        let described = self.described(record, endpoint, (input, output), inputs, cost);
        let profile = self.session.model.profile.name.clone();
        let kept = store.adopt(described, pictures, profile).await.map_err(Failure::from)?;
        Ok(kept.map_or(Fate::Known, |node| Fate::Brought(Box::new(node))))
    }

    /// A request of ours that the service is still asked about.
    fn may_be(&self, record: &Record, input: &Map<String, Value>) -> Option<JobId> {
        let input = Value::Object(input.clone());
        let is_it = |job: &&Job| {
            matches!(job.state, State::Unknown | State::Sending)
                && job.spec.recipe.endpoint == record.endpoint
                && job.body.as_ref().is_none_or(|body| sameness(body, &input) != Sameness::Other)
        };
        self.session.model.jobs.values().find(is_it).map(|job| job.id)
    }

    async fn fetched(&self, file: Listed) -> Result<Picture, Failure> {
        let report = self.session.runtime.report();
        let arrived = self.provider.download(JobId(0), &file, &report).await?;
        store_result::check(&arrived.bytes, &file)?;
        let media = self.session.runtime.store.media();
        crate::runtime::blocking(move || store_result::store_picture(&media, &arrived.bytes, &file))
            .await?
    }

    /// Its pictures by what is known of them here: by address, by their bytes, else as an address.
    async fn inputs(
        &self,
        endpoint: &Endpoint,
        input: &Map<String, Value>,
    ) -> Result<Vec<Value>, Failure> {
        let mut inputs = Vec::new();
        for (_, _, url) in endpoint.takes.pictures(input) {
            inputs.push(match self.shown(url).await? {
                Some(picture) => json!({ "picture": picture.to_string() }),
                // The picture itself is no address.
                None if url.starts_with("data:") => continue,
                None => json!({ "url": url }),
            });
        }
        Ok(inputs)
    }

    async fn shown(&self, url: &str) -> Result<Option<Hash>, Failure> {
        let store = &self.session.runtime.store;
        let by_address = store.picture_at(url.to_owned()).await.map_err(Failure::from)?;
        let hash = match by_address {
            Some(hash) => Some(hash),
            // Nothing is fetched from elsewhere just to be compared.
            None if url.starts_with("data:") || self.provider.client.is_stored_there(url) => {
                let report = self.session.runtime.report();
                let file = Listed { url: url.to_owned(), nsfw: false, is_picture: true };
                let arrived = self.provider.download(JobId(0), &file, &report).await.ok();
                arrived.map(|arrived| Hash::of(&arrived.bytes))
            }
            None => None,
        };
        match hash {
            Some(hash) if store.is_shown(hash).await.map_err(Failure::from)? => Ok(Some(hash)),
            Some(_) | None => Ok(None),
        }
    }

    /// As it would stand beside its pictures.
    fn described(
        &self,
        record: &Record,
        endpoint: &Endpoint,
        (input, output): (&Map<String, Value>, &Value),
        inputs: Vec<Value>,
        cost: Option<Usd>,
    ) -> Value {
        let is_param = |name: &str| {
            name != "prompt"
                && !endpoint.takes.holds(name)
                && endpoint.params.iter().any(|param| param.name == name)
        };
        let params: Map<String, Value> = input
            .iter()
            .filter(|(name, value)| is_param(name) && !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let parent = inputs.first().filter(|input| input.get("picture").is_some()).cloned();
        json!({ "global": format!("request:{}", record.request_id),
            "simulated": self.session.model.profile.simulated, "at": sent_at(record).0,
            "endpoint": endpoint.id, "prompt": input.get("prompt").and_then(Value::as_str),
            "params": params, "inputs": inputs, "parent": parent, "seed": listed::seed(output),
            "request_id": record.request_id, "cost": cost.map(Usd::to_f64),
            "cost_exact": cost.is_some(), "timings": output.get("timings") })
    }
}

fn sent_at(record: &Record) -> Timestamp {
    let at = record.sent_at.as_ref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    at.map_or_else(crate::runtime::now, |at| Timestamp(at.as_millisecond()))
}

fn words(record: &Record) -> String {
    let prompt = record.input.as_ref().and_then(|input| input.get("prompt")?.as_str());
    prompt.unwrap_or("without a prompt").chars().take(60).collect()
}

/// A line for each, as soon as it is known; what was here before is only counted.
fn tell(record: &Record, fate: &Fate, session: &Session) -> Result<(), CommandError> {
    let endpoint = session.model.catalogue.find(&record.endpoint);
    let short = endpoint.map_or(record.endpoint.as_str(), |endpoint| &endpoint.short);
    let left = |why: &str| {
        say(&format!("left {} ({short}): {why}", record.request_id));
        Ok(())
    };
    let line = match fate {
        Fate::Brought(node) => format!("{} {short} {}", node.id, words(record)),
        Fate::WouldCome { has_parent: true } => {
            format!("would come {short} {} (from a picture that is here)", words(record))
        }
        Fate::WouldCome { has_parent: false } => format!("would come {short} {}", words(record)),
        Fate::Known => return Ok(()),
        Fate::Left(why) => return left(why),
        Fate::Failed(failed) => return left(&failed.message),
    };
    print(format!("{}\n", crate::text::plain(&line)).as_bytes()).map(|_| ())
}

fn report(
    listed: &[Record],
    fates: &[Fate],
    costs: &BTreeMap<String, Usd>,
    wanted: &Wanted,
) -> Result<u8, CommandError> {
    let count = |is: fn(&Fate) -> bool| fates.iter().filter(|fate| is(fate)).count();
    let new = count(|fate| matches!(fate, Fate::Brought(_) | Fate::WouldCome { .. }));
    let known = count(|fate| matches!(fate, Fate::Known));
    let left = count(|fate| matches!(fate, Fate::Left(_) | Fate::Failed(_)));
    if wanted.json {
        let rows = listed.iter().zip(fates).map(|(record, fate)| {
            let (state, node, why) = match fate {
                Fate::Brought(node) => ("imported", Some(&**node), None),
                Fate::WouldCome { .. } => ("would_import", None, None),
                Fate::Known => ("known", None, None),
                Fate::Left(why) => ("left", None, Some(why)),
                Fate::Failed(failed) => ("failed", None, Some(&failed.message)),
            };
            let parent = node.and_then(|node| node.parent).map(|parent| parent.node.to_string());
            json!({ "request_id": record.request_id, "endpoint": record.endpoint, "state": state,
                "at": record.sent_at, "node": node.map(|node| node.id.to_string()),
                "parent": parent, "why": why,
                "cost": costs.get(&record.request_id).map(|cost| cost.to_f64()) })
        });
        print_json(&json!({ "requests": rows.collect::<Vec<_>>() }))?;
    } else {
        let verb = if wanted.dry_run { "would be imported" } else { "imported" };
        say(&format!("{new} {verb}, {known} already in the tree, {left} left"));
    }
    let failed = fates.iter().filter_map(|fate| match fate {
        Fate::Failed(failed) => Some(failed.code),
        Fate::Brought(_) | Fate::WouldCome { .. } | Fate::Known | Fate::Left(_) => None,
    });
    Ok(failed.max().unwrap_or(0))
}
