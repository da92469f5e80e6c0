//! What the endpoints cost now, by the Platform API's pricing route.
//!
//! It computes nothing with prices. Invariant: only prices in US dollars are answered.

use reqwest::Method;
use serde_json::Value;

use super::Client;
use super::error::{Error, Kind, Step};
use super::http::Call;
use super::profile::join;

/// The platform takes this many endpoints at once.
const MAX_ENDPOINTS: usize = 50;

/// One endpoint's price.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    pub endpoint: String,
    /// US dollars for one unit.
    pub each: f64,
    /// What is counted, such as `images`.
    pub unit: String,
}

impl Client {
    /// Prices of those of the endpoints that the platform knows; at most the first 50 are asked for.
    ///
    /// # Errors
    /// [`Kind::NotFound`] where the profile has no such interface; network, key and service failures.
    pub async fn prices(&self, endpoints: &[String]) -> Result<Vec<Price>, Error> {
        let Some(api) = &self.settings().hosts.api else {
            return Err(Error::new(Step::Prices, Kind::NotFound, "this profile has no `api_url`"));
        };
        let mut url = join(api, "v1/models/pricing")?;
        for endpoint in endpoints.iter().take(MAX_ENDPOINTS) {
            url.query_pairs_mut().append_pair("endpoint_id", endpoint);
        }
        let reply = self.succeed(&Call::new(Step::Prices, Method::GET, url), &mut |_| ()).await?;
        let listed = reply.json.as_ref().and_then(|body| body.get("prices")?.as_array());
        let Some(listed) = listed else {
            return Err(Error::new(Step::Prices, Kind::Protocol, "the answer holds no prices"));
        };
        Ok(listed.iter().filter_map(price).collect())
    }
}

fn price(entry: &Value) -> Option<Price> {
    let text = |name: &str| entry.get(name)?.as_str().map(str::to_owned);
    let each = entry.get("unit_price")?.as_f64().filter(|each| each.is_finite() && *each >= 0.0)?;
    (text("currency")? == "USD").then_some(Price {
        endpoint: text("endpoint_id")?,
        each,
        unit: text("unit")?,
    })
}
