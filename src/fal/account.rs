//! What the platform has written down: our requests with their inputs, what each has cost, what the
//! account holds.
//!
//! Nothing here costs or changes anything. Invariant: only amounts in US dollars are answered, and
//! what cannot be read is left out rather than guessed.

use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::Client;
use super::error::{Error, Kind, Step};
use super::http::Call;
use super::profile::join;

/// The platform takes this many ids at once.
pub const MAX_IDS: usize = 50;
/// Their payloads may be large: so many requests a page.
const PAGE: &str = "50";
/// A list that leads on and on is an error: what is not in a part of it may be in the rest.
const MAX_PAGES: usize = 40;

/// One request of the account, wherever it was sent from.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub request_id: String,
    pub endpoint: String,
    /// ISO 8601, as the platform writes it.
    pub sent_at: Option<String>,
    /// It is over, well or not.
    pub status: Option<u16>,
    /// Payloads, where they are stored.
    pub input: Option<Value>,
    pub output: Option<Value>,
}

/// What one request has cost, with its discounts.
#[derive(Clone, Debug, PartialEq)]
pub struct Bill {
    pub request_id: String,
    /// US dollars.
    pub total: f64,
}

impl Client {
    /// Requests to these endpoints since `start` (ISO 8601), with their payloads, newest first as
    /// the platform has them. One that waits in the service's queue may not be there yet.
    ///
    /// # Errors
    /// [`Kind::NotFound`] where the profile has no such interface, [`Kind::Permission`]; network,
    /// key and service failures.
    pub async fn records(&self, endpoints: &[String], start: &str) -> Result<Vec<Record>, Error> {
        let mut url = self.platform(Step::Requests, "v1/models/requests/by-endpoint")?;
        for endpoint in endpoints.iter().take(MAX_IDS) {
            url.query_pairs_mut().append_pair("endpoint_id", endpoint);
        }
        let pairs = [("start", start), ("expand", "payloads"), ("limit", PAGE)];
        url.query_pairs_mut().extend_pairs(pairs);
        let (mut found, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..MAX_PAGES {
            let mut page = url.clone();
            if let Some(cursor) = &cursor {
                page.query_pairs_mut().append_pair("cursor", cursor);
            }
            let body = self.asked(Step::Requests, page).await?;
            let items = body.get("items").and_then(Value::as_array);
            let Some(items) = items else {
                return Err(Error::new(Step::Requests, Kind::Protocol, "the answer holds no list"));
            };
            for item in items {
                // One that cannot be read may be the one that is looked for.
                let unread = || Error::new(Step::Requests, Kind::Protocol, "an item without an id");
                found.push(record(item).ok_or_else(unread)?);
            }
            let next = body.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
            if next.is_none() {
                return Ok(found);
            }
            if next == cursor {
                let text = "the list of requests does not go on";
                return Err(Error::new(Step::Requests, Kind::Protocol, text));
            }
            cursor = next;
        }
        let text = "the list of requests is longer than can be read";
        Err(Error::new(Step::Requests, Kind::Protocol, text))
    }

    /// What these requests have cost, as far as it is billed already; the first 50 are asked for.
    ///
    /// # Errors
    /// As [`Client::records`].
    pub async fn bills(&self, requests: &[String]) -> Result<Vec<Bill>, Error> {
        let mut url = self.platform(Step::Bills, "v1/models/billing-events")?;
        let ids: Vec<&str> = requests.iter().take(MAX_IDS).map(String::as_str).collect();
        url.query_pairs_mut().append_pair("request_id", &ids.join(","));
        let body = self.asked(Step::Bills, url).await?;
        let Some(events) = body.get("billing_events").and_then(Value::as_array) else {
            return Err(Error::new(Step::Bills, Kind::Protocol, "the answer holds no bills"));
        };
        let mut bills: Vec<Bill> = Vec::new();
        for event in
            events.iter().filter_map(bill).filter(|bill| requests.contains(&bill.request_id))
        {
            // One request may be billed in several events.
            match bills.iter_mut().find(|known| known.request_id == event.request_id) {
                Some(known) => known.total += event.total,
                None => bills.push(event),
            }
        }
        Ok(bills)
    }

    /// What the account holds, in US dollars; `None` where it does not say, or in other money.
    ///
    /// # Errors
    /// As [`Client::records`].
    pub async fn balance(&self) -> Result<Option<f64>, Error> {
        let mut url = self.platform(Step::Balance, "v1/account/billing")?;
        url.query_pairs_mut().append_pair("expand", "credits");
        let body = self.asked(Step::Balance, url).await?;
        let credits = body.get("credits");
        let is_usd = |credits: &&Value| {
            credits.get("currency").is_none_or(|currency| currency.as_str() == Some("USD"))
        };
        let amount = credits.filter(is_usd).and_then(|it| it.get("current_balance")?.as_f64());
        Ok(amount.filter(|amount| amount.is_finite()))
    }

    /// An address of the platform's own interface.
    pub(super) fn platform(&self, step: Step, path: &str) -> Result<Url, Error> {
        match &self.settings().hosts.api {
            Some(api) => join(api, path),
            None => Err(Error::new(step, Kind::NotFound, "this profile has no `api_url`")),
        }
    }

    async fn asked(&self, step: Step, url: Url) -> Result<Value, Error> {
        let reply = self.succeed(&Call::new(step, Method::GET, url), &mut |_| ()).await?;
        Ok(reply.json.unwrap_or_default())
    }
}

fn record(item: &Value) -> Option<Record> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    let payload = |name: &str| item.get(name).filter(|payload| !payload.is_null()).cloned();
    let status = item.get("status_code").and_then(Value::as_u64);
    Some(Record {
        request_id: text("request_id")?,
        endpoint: text("endpoint_id")?,
        sent_at: text("sent_at"),
        status: status.and_then(|status| u16::try_from(status).ok()),
        input: payload("json_input"),
        output: payload("json_output"),
    })
}

fn bill(event: &Value) -> Option<Bill> {
    let number = |name: &str| event.get(name).and_then(Value::as_f64);
    // What is only an estimate there is none that is better than ours.
    let total = number("cost_total");
    Some(Bill {
        request_id: event.get("request_id")?.as_str()?.to_owned(),
        total: total.filter(|total| total.is_finite() && *total >= 0.0)?,
    })
}
