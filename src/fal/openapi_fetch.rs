//! Public documents of the service: no key, no cookies, limits on size and time.

use std::time::Duration;

use super::error::{Error, Kind, Step};

/// Larger than any OpenAPI document of the service.
const MAX_BYTES: usize = 8 << 20;
const TIMEOUT: Duration = Duration::from_secs(30);

/// The JSON at the address. A model's page, or its bare id, means the queue document that the
/// service publishes for it (`fal.ai/api/openapi/queue/openapi.json`).
pub async fn document(address: &str) -> Result<serde_json::Value, Error> {
    let url = address_of(address);
    let fail = |message: String| Error::new(Step::Download, Kind::Network, message);
    let client = reqwest::Client::builder().timeout(TIMEOUT).build();
    let client = client.map_err(|error| fail(error.without_url().to_string()))?;
    let answer = client.get(&url).send().await;
    let mut answer = answer.map_err(|error| fail(format!("`{url}`: {}", error.without_url())))?;
    if !answer.status().is_success() {
        let status = answer.status().as_u16();
        return Err(Error::new(
            Step::Download,
            Kind::NotFound,
            format!("`{url}` answers {status}"),
        ));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) =
        answer.chunk().await.map_err(|error| fail(format!("`{url}`: {}", error.without_url())))?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_BYTES {
            return Err(Error::new(
                Step::Download,
                Kind::Protocol,
                format!("`{url}` is larger than any document"),
            ));
        }
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        Error::new(Step::Download, Kind::Protocol, format!("`{url}` is not JSON: {error}"))
    })
}

fn address_of(address: &str) -> String {
    let published =
        |id: &str| format!("https://fal.ai/api/openapi/queue/openapi.json?endpoint_id={id}");
    let page = address.strip_prefix("https://fal.ai/models/");
    match page {
        Some(id) => published(id.trim_end_matches("/api").trim_matches('/')),
        None if address.contains("://") => address.to_owned(),
        None => published(address.trim_matches('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_page_and_its_bare_id_mean_the_published_document() {
        let published = "https://fal.ai/api/openapi/queue/openapi.json?endpoint_id=fal-ai/x/y";
        for address in [
            "fal-ai/x/y",
            "https://fal.ai/models/fal-ai/x/y",
            "https://fal.ai/models/fal-ai/x/y/api",
        ] {
            assert_eq!(address_of(address), published);
        }
        assert_eq!(address_of("http://127.0.0.1:1/o.json"), "http://127.0.0.1:1/o.json");
    }
}
