//! Posts events to a URL.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use tracing::debug;

use crate::web;

/// How long the other side may take to connect, and then to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A URL that takes events.
#[derive(Debug)]
pub(super) struct Webhook {
    url: String,
    connector: Connector,
}

impl Webhook {
    pub(super) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            connector: web::connector(PATIENCE, PATIENCE),
        }
    }

    /// Posts the plain event; any status of 2xx means that it has arrived.
    pub(super) async fn deliver(&self, event: &Value) -> Result<(), String> {
        let mut request = HttpRequest::new(SdkBody::from(event.to_string()));
        let to_text = |error: &dyn std::fmt::Display| format!("post to {}: {error}", self.url);
        request
            .set_method("POST")
            .map_err(|error| to_text(&error))?;
        request
            .set_uri(self.url.as_str())
            .map_err(|error| to_text(&error))?;
        request
            .headers_mut()
            .insert("content-type", "application/json");
        let answer = self.connector.call(request).await;
        let answer = answer.map_err(|error| to_text(&error))?;
        if answer.status().is_success() {
            debug!("posted an event");
            Ok(())
        } else {
            Err(to_text(&format!("status {}", answer.status())))
        }
    }
}
