//! Endpoint ids and the rule that shortens them.
//!
//! It knows no endpoint by name. Invariant: an [`Endpoint`] holds only letters that can stand in
//! a path as they are, so a path built from it cannot leave its place.

use super::error::{Error, Step};

/// An id such as `fal-ai/flux-pro/kontext/max/multi`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    full: String,
    app: String,
}

impl Endpoint {
    /// # Errors
    /// Refused when it is not `owner/alias[/path]`. One segment passes in its old form
    /// `12345-name`, which means `12345/name`.
    pub(super) fn parse(step: Step, text: &str) -> Result<Self, Error> {
        let refuse = || {
            let message = format!(
                "`{text}` is not an endpoint id; expected OWNER/NAME, such as `fal-ai/flux-pro/kontext`"
            );
            Error::unsent(step, message)
        };
        let trimmed = text.trim().trim_matches('/');
        let mut segments: Vec<&str> = trimmed.split('/').collect();
        if let [single] = segments.as_slice() {
            let (owner, alias) = single.split_once('-').ok_or_else(refuse)?;
            if !owner.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(refuse());
            }
            segments = vec![owner, alias];
        }
        if !segments.iter().all(|segment| is_plain(segment)) {
            return Err(refuse());
        }
        // These two are namespaces before the owner; the shortened form keeps them.
        let kept = match segments.first() {
            Some(&"workflows" | &"comfy") => 3,
            Some(_) | None => 2,
        };
        let app = segments.get(..kept).ok_or_else(refuse)?.join("/");
        Ok(Self { full: segments.join("/"), app })
    }

    /// All of it: where to submit.
    pub(super) fn full(&self) -> &str {
        &self.full
    }

    /// Owner and alias alone: where everything after submit lives.
    pub(super) fn app(&self) -> &str {
        &self.app
    }
}

fn is_plain(segment: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !segment.is_empty() && segment != "." && segment != ".." && segment.bytes().all(letters)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_owner_and_alias_remain_after_submit() {
        let table = [
            ("fal-ai/flux-pro/kontext", "fal-ai/flux-pro/kontext", "fal-ai/flux-pro"),
            (
                "/fal-ai/flux-pro/kontext/max/multi/",
                "fal-ai/flux-pro/kontext/max/multi",
                "fal-ai/flux-pro",
            ),
            ("fal-ai/flux-kontext/dev", "fal-ai/flux-kontext/dev", "fal-ai/flux-kontext"),
            ("fal-ai/fast-sdxl", "fal-ai/fast-sdxl", "fal-ai/fast-sdxl"),
            ("workflows/me/mine/x", "workflows/me/mine/x", "workflows/me/mine"),
            ("comfy/me/mine", "comfy/me/mine", "comfy/me/mine"),
            ("12345-name", "12345/name", "12345/name"),
        ];
        for (text, full, app) in table {
            let endpoint = Endpoint::parse(Step::Submit, text).unwrap();
            assert_eq!((endpoint.full(), endpoint.app()), (full, app), "{text}");
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused_before_anything_is_sent() {
        for text in [
            "",
            "/",
            "flux",
            "fal-ai",
            "a//b",
            "a/../b",
            "a/b?c",
            "https://x/y",
            "a/b c",
            "workflows/me",
            "a/b#c",
            "a/%2e",
        ] {
            assert!(Endpoint::parse(Step::Submit, text).is_err(), "{text}");
        }
    }
}
