//! The description of the API, made from the handlers. It is a file of the repository, so that a change of the API is
//! a change that a reviewer sees, and so that nothing has to be put together when somebody asks for it.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::problem::GatewayMessage;

/// The document, as JSON.
pub const DOCUMENT: &str = include_str!("../openapi.json");

/// The document but for its operations, which [`operations`](crate::router::operations) adds.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Video on demand",
        description = "Uploads, library and playback. Errors are RFC 9457 problem documents with a stable `type`; \
            what the gateway refuses before the service sees it (a missing token, a flood) has a `message` only.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/")),
    components(schemas(GatewayMessage)),
    tags(
        (name = "uploads", description = "Bringing a file in, in parts that go straight to S3."),
        (name = "library", description = "Finding, watching and changing videos."),
        (name = "session", description = "Signing in with the stack's own pool of users."),
        (name = "public", description = "What needs no token."),
    ),
    modifiers(&Token),
)]
pub(crate) struct Frame;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "An access token, from `/api/session` or the OpenID Connect provider.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}
