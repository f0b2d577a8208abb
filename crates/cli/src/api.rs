//! The HTTP API, as this program uses it.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::RwLock;
use tokio::time::sleep;
use url::Url;

use crate::session::Session;

/// Time for a connection and for each piece of an answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_mins(1);

/// Waits between attempts at a request that may be repeated, each twice as long as the one before.
const WAITS: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(300))
    .with_max_times(4);

/// The API of a site, for whoever is signed in.
pub(crate) struct Api {
    http: Client,
    session: RwLock<Session>,
}

/// An RFC 9457 problem document.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) detail: String,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

/// Why the API did not answer what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// It refused, and says why.
    #[error("{}", sentence(.0))]
    Refused(Box<Problem>, StatusCode),
    /// It isn't the API that answered, or it is broken.
    #[error("the site answered {0}; check its address, and try again later")]
    Unexpected(StatusCode),
    /// Nobody is signed in (any more).
    #[error("your sign-in has ended; sign in again with: vod login {0}")]
    SignedOut(Url),
    /// It could not be reached, or the answer broke off.
    #[error("the site could not be reached; check your connection and its address, and try again")]
    Unreachable(#[source] reqwest::Error),
    /// It answered with something else than it promises.
    #[error("the site's answer could not be understood; this program may be too old for it")]
    NotUnderstood(#[source] serde_json::Error),
}

impl ApiError {
    /// What the API said.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem, _) => Some(problem),
            _ => None,
        }
    }

    /// Whether it is the API's problem of this `type`.
    pub(crate) fn is_of_kind(&self, kind: &str) -> bool {
        self.problem().is_some_and(|problem| problem.kind == kind)
    }
}

fn sentence(problem: &Problem) -> &str {
    if problem.detail.is_empty() {
        &problem.title
    } else {
        &problem.detail
    }
}

/// What a sign-in comes to.
#[derive(Debug, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(crate) enum SignIn {
    /// Done.
    Tokens {
        access_token: String,
        refresh_token: Option<String>,
        expires_in_seconds: u64,
    },
    /// The password is for the first time only.
    Challenge {
        challenge: String,
        session: String,
        username: String,
    },
}

/// An address below the site's.
fn at(site: &Url, path: &str) -> String {
    format!("{}{path}", site.as_str().trim_end_matches('/'))
}

/// A client for the API, and for the addresses that it signs.
pub(crate) fn http() -> Result<Client, ApiError> {
    Client::builder()
        .user_agent(concat!("vod/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .build()
        .map_err(ApiError::Unreachable)
}

/// Calls a route that needs no sign-in.
pub(crate) async fn call_public<T: DeserializeOwned>(
    http: &Client,
    site: &Url,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<T, ApiError> {
    let mut request = http.request(method, at(site, path));
    if let Some(body) = body {
        request = request.json(body);
    }
    understand(request.send().await.map_err(ApiError::Unreachable)?, site).await
}

impl Api {
    /// The API that `session` is for.
    pub(crate) fn new(session: Session) -> Result<Self, ApiError> {
        Ok(Self {
            http: http()?,
            session: RwLock::new(session),
        })
    }

    /// Address of the site.
    pub(crate) async fn site(&self) -> Url {
        self.session.read().await.url.clone()
    }

    /// The client, for addresses that need no sign-in.
    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    /// Reads.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        self.call(Method::GET, path, None, true).await
    }

    /// Changes.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<T, ApiError> {
        self.call(Method::POST, path, Some(body), false).await
    }

    /// Changes, where doing it twice is doing it once.
    pub(crate) async fn post_repeatable<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<T, ApiError> {
        self.call(Method::POST, path, Some(body), true).await
    }

    /// Sends a file.
    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        file: Vec<u8>,
    ) -> Result<T, ApiError> {
        self.send(Method::PUT, path, Some(&Content::File(file)), true)
            .await
    }

    /// Removes.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), ApiError> {
        self.call::<Option<Value>>(Method::DELETE, path, None, true)
            .await
            .map(drop)
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        repeatable: bool,
    ) -> Result<T, ApiError> {
        let body = body.cloned().map(Content::Json);
        self.send(method, path, body.as_ref(), repeatable).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Content>,
        repeatable: bool,
    ) -> Result<T, ApiError> {
        let site = self.site().await;
        let mut renewed = self
            .renew_if(|session| session.is_stale(SystemTime::now()))
            .await?;
        let mut waits = WAITS.build();
        loop {
            let token = self.session.read().await.access_token.clone();
            let mut request = self
                .http
                .request(method.clone(), at(&site, path))
                .bearer_auth(&token);
            request = match body {
                Some(Content::Json(value)) => request.json(value),
                Some(Content::File(bytes)) => request
                    .header(CONTENT_TYPE, "application/octet-stream")
                    .body(bytes.clone()),
                None => request,
            };
            let answer = request.send().await;
            if is_worth_repeating(repeatable, &answer)
                && let Some(wait) = waits.next()
            {
                sleep(wait).await;
                continue;
            }
            let answer = answer.map_err(ApiError::Unreachable)?;
            if answer.status() == StatusCode::UNAUTHORIZED && !renewed {
                renewed = self
                    .renew_if(|session| session.access_token == token)
                    .await?;
                continue;
            }
            return understand(answer, &site).await;
        }
    }

    /// Renews the access token where that is needed; parts are sent side by side, so another may just have done it.
    async fn renew_if(&self, is_needed: impl Fn(&Session) -> bool) -> Result<bool, ApiError> {
        if !is_needed(&*self.session.read().await) {
            return Ok(false);
        }
        let mut session = self.session.write().await;
        if !is_needed(&session) {
            return Ok(true);
        }
        let signed_out = || ApiError::SignedOut(session.url.clone());
        let refresh_token = session.refresh_token.as_ref().ok_or_else(signed_out)?;
        let body = json!({"refreshToken": refresh_token});
        let path = "/api/session/refresh";
        let answer = call_public(&self.http, &session.url, Method::POST, path, Some(&body)).await;
        let (access_token, seconds) = match answer {
            Ok(SignIn::Tokens {
                access_token,
                expires_in_seconds,
                ..
            }) => (access_token, expires_in_seconds),
            Ok(SignIn::Challenge { .. }) | Err(ApiError::Refused(..) | ApiError::SignedOut(_)) => {
                return Err(signed_out());
            }
            Err(error) => return Err(error),
        };
        session.access_token = access_token;
        session.expires_at = Some(SystemTime::now() + Duration::from_secs(seconds));
        // The next command renews it again: slower, and nothing else.
        let _ = session.save();
        Ok(true)
    }
}

/// What a request carries.
enum Content {
    Json(Value),
    File(Vec<u8>),
}

/// Whether the same request may be sent again: one that isn't `repeatable` only where it surely had no effect.
fn is_worth_repeating(repeatable: bool, answer: &Result<Response, reqwest::Error>) -> bool {
    match answer {
        Err(error) => error.is_connect() || (repeatable && error.is_timeout()),
        Ok(answer) => match answer.status() {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => true,
            status => repeatable && status.is_server_error(),
        },
    }
}

async fn understand<T: DeserializeOwned>(answer: Response, site: &Url) -> Result<T, ApiError> {
    let status = answer.status();
    let is_json = answer
        .headers()
        .get(reqwest::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("json"));
    let body = answer.bytes().await.map_err(ApiError::Unreachable)?;
    if status == StatusCode::NO_CONTENT {
        return serde_json::from_value(Value::Null).map_err(ApiError::NotUnderstood);
    }
    if status.is_success() && is_json {
        return serde_json::from_slice(&body).map_err(ApiError::NotUnderstood);
    }
    // The gateway in front of the API refuses a token in words of its own.
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) if !sentence(&problem).is_empty() => {
            Err(ApiError::Refused(Box::new(problem), status))
        }
        _ if status == StatusCode::UNAUTHORIZED => Err(ApiError::SignedOut(site.clone())),
        _ => Err(ApiError::Unexpected(status)),
    }
}
