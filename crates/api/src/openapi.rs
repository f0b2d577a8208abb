//! The description of the API, made from the handlers. It is a file of the repository, so that a change of the API is
//! a change that a reviewer sees, and so that nothing has to be put together when somebody asks for it.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::problem::GatewayMessage;
use crate::{captions, edit, imports, library, public, session, storyboard, uploads};

/// The document, as JSON.
pub const DOCUMENT: &str = include_str!("../openapi.json");

/// Makes the document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Video on demand",
        description = "Uploads, library and playback. Errors are RFC 9457 problem documents with a stable `type`; \
            what the gateway refuses before the service sees it (a missing token, a flood) has a `message` only.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/")),
    paths(
        public::health, public::config, public::openapi, public::video, storyboard::index, storyboard::sheet,
        session::sign_in, session::choose_password, session::refresh,
        uploads::begin::create, uploads::send::sign, uploads::send::list, uploads::finish::complete, uploads::finish::abort,
        library::list, library::get,
        edit::edit, edit::delete, edit::reprocess, captions::put, captions::delete,
        imports::import,
    ),
    components(schemas(GatewayMessage)),
    tags(
        (name = "uploads", description = "Bringing a file in, in parts that go straight to S3."),
        (name = "library", description = "Finding, watching and changing videos."),
        (name = "session", description = "Signing in with the stack's own pool of users."),
        (name = "public", description = "What needs no token."),
    ),
    modifiers(&Token),
)]
pub struct Document;

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

#[cfg(test)]
mod tests {
    use super::{DOCUMENT, Document};
    use utoipa::OpenApi;

    /// `UPDATE_OPENAPI=1 cargo test -p api openapi` writes the file anew.
    #[test]
    fn the_file_describes_the_handlers() {
        let made = format!("{}\n", Document::openapi().to_pretty_json().unwrap());
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
            std::fs::write(path, &made).unwrap();
        } else {
            assert!(
                made == DOCUMENT,
                "openapi.json is stale; UPDATE_OPENAPI=1 cargo test -p api openapi"
            );
        }
    }
}
