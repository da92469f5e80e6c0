//! Endpoints that editree does not offer, and that the tests of the service's own clients call.
//!
//! Served as simply as those tests allow. Invariant: nothing here is listed by `editree models`.

use axum::response::Response;
use serde_json::json;

use super::responses::respond;
use crate::schema::Catalogue;

const DOCUMENTS: [&str; 2] = [
    include_str!("test_endpoints/fast-sdxl.json"),
    include_str!("test_endpoints/fast-sdxl-image.json"),
];

/// A stream of words: `POST` to the run host.
pub(super) const WORDS: &str = "fal-ai/any-llm/stream";

/// All that the simulator serves: these beside the ones that are offered.
pub(super) fn beside(offered: Catalogue) -> Catalogue {
    let read = |text: &&str| serde_json::from_str(text).ok();
    let guests = DOCUMENTS.iter().filter_map(read);
    guests.fold(offered, |catalogue, guest| catalogue.with(guest))
}

/// A few events, each with all words so far, as the service streams a language model.
pub(super) fn words() -> Response {
    let sentence = ["This", "is", "a", "simulator:", "it", "knows", "no", "jokes."];
    let events: String = (1..=sentence.len())
        .map(|count| {
            let output = sentence.iter().take(count).copied().collect::<Vec<_>>().join(" ");
            let partial = count < sentence.len();
            format!("data: {}\n\n", json!({ "output": output, "partial": partial, "error": null }))
        })
        .collect();
    respond(200, "text/event-stream", events.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guest_is_served_and_none_is_offered() {
        let (offered, served) = (Catalogue::builtin(), beside(Catalogue::builtin()));
        assert_eq!(served.endpoints().count(), offered.endpoints().count() + 2);
        assert!(served.find("fal-ai/fast-sdxl/image-to-image").is_ok());
        assert!(offered.find("fal-ai/fast-sdxl").is_err());
    }
}
