//! The web app's files, which are part of the binary: compressed when it was built, and told apart by content.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::config::SignIn;

/// A file of the web app.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File {
    /// Path in the site, without the slash at its beginning.
    pub(crate) path: &'static str,
    /// Media type.
    pub(crate) content_type: &'static str,
    /// The first digits of the content's SHA-256, hexadecimal.
    pub(crate) hash: &'static str,
    /// The content.
    pub(crate) plain: &'static [u8],
    /// The content, gzipped; `None` where that isn't smaller.
    pub(crate) gzip: Option<&'static [u8]>,
    /// The content, compressed by Brotli; `None` where that isn't smaller.
    pub(crate) brotli: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/web_files.rs"));

/// Names with a hash of the content in them, as the build tool writes them: they never change.
const HASHED: &str = "assets/";
const INDEX: &str = "index.html";

/// The file of a path. What looks like no file is an address within the app, which the app itself understands.
fn file(path: &str) -> Option<&'static File> {
    let path = path.trim_start_matches('/');
    let find = |path: &str| {
        let index = FILES.binary_search_by(|file| file.path.cmp(path)).ok()?;
        FILES.get(index)
    };
    let is_file = path.starts_with(HASHED) || path.rsplit('/').next()?.contains('.');
    find(path).or_else(|| find(INDEX).filter(|_| !is_file))
}

/// Serves the web app.
pub(crate) async fn serve(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    let Some(file) = file(uri.path()) else {
        return (
            StatusCode::NOT_FOUND,
            [
                (CACHE_CONTROL, "no-store"),
                (CONTENT_TYPE, "text/plain; charset=utf-8"),
            ],
            "There is no such page.\n",
        )
            .into_response();
    };
    // What the page may load and where it may send; uploads go straight to the bucket.
    let policy = if file.content_type.starts_with("text/html") {
        match app.bucket_url().await {
            Ok(url) => Some(content_security_policy(url, &app.config.sign_in)),
            Err(problem) => return problem.into_response(),
        }
    } else {
        None
    };
    respond(file, &method, &headers, policy.as_deref())
}

fn respond(file: &File, method: &Method, asked: &HeaderMap, policy: Option<&str>) -> Response {
    let (encoding, content) = encoded(file, asked);
    let etag = match encoding {
        Some(encoding) => format!("\"{}-{encoding}\"", file.hash),
        None => format!("\"{}\"", file.hash),
    };
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(CONTENT_TYPE, file.content_type);
    set(
        CACHE_CONTROL,
        if file.path.starts_with(HASHED) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        },
    );
    set(ETAG, &etag);
    set(VARY, "Accept-Encoding");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(REFERRER_POLICY, "no-referrer");
    if let Some(policy) = policy {
        set(CONTENT_SECURITY_POLICY, policy);
        set(X_FRAME_OPTIONS, "DENY");
        set(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        );
    }
    if is_known(asked, file.hash) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    if let Some(encoding) = encoding
        && let Ok(value) = HeaderValue::from_str(encoding)
    {
        headers.insert(CONTENT_ENCODING, value);
    }
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        Body::from(Bytes::from_static(content))
    };
    (headers, body).into_response()
}

/// The smallest form that the client understands.
fn encoded(file: &File, asked: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let accepted = asked
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let accepts = |name: &str| {
        accepted.unwrap_or_default().split(',').any(|entry| {
            let mut words = entry.split(';').map(str::trim);
            let named = words
                .next()
                .is_some_and(|word| word.eq_ignore_ascii_case(name));
            let refused = words
                .filter_map(|word| word.strip_prefix("q="))
                .any(|weight| weight.trim().parse() == Ok(0.0_f32));
            named && !refused
        })
    };
    [("br", file.brotli), ("gzip", file.gzip)]
        .into_iter()
        .find_map(|(name, content)| Some((Some(name), content.filter(|_| accepts(name))?)))
        .unwrap_or((None, file.plain))
}

/// True where the client has this content, in whatever encoding.
fn is_known(asked: &HeaderMap, hash: &str) -> bool {
    let known = asked
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    known.unwrap_or_default().split(',').any(|tag| {
        let tag = tag.trim().trim_start_matches("W/").trim_matches('"');
        tag.split('-').next() == Some(hash)
    })
}

fn content_security_policy(bucket_url: &str, sign_in: &SignIn) -> String {
    // Many providers have their token endpoint on another host than their issuer, and only their discovery document,
    // which the page reads, says on which.
    let provider = match sign_in {
        SignIn::Password { .. } => String::new(),
        SignIn::Oidc { authority, .. } => format!(" {} https:", origin(authority)),
    };
    let bucket = origin(bucket_url);
    // The player makes its source and its worker from memory, and sets the size of things by style attributes.
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         font-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; manifest-src 'self'; \
         connect-src 'self' {bucket}{provider}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |index| index + 3);
    let end = url[host..]
        .find('/')
        .map_or(url.len(), |index| host + index);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::{FILES, File, content_security_policy, encoded, file, origin, respond};
    use crate::config::SignIn;
    use axum::http::header::{
        ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH,
    };
    use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};

    const SCRIPT: File = File {
        path: "assets/index-abc.js",
        content_type: "text/javascript; charset=utf-8",
        hash: "0123456789abcdef",
        plain: b"plain",
        gzip: Some(b"gz"),
        brotli: Some(b"br"),
    };

    fn asked(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_smallest_form_that_the_client_understands_is_sent() {
        let chosen = |accept: &'static str| encoded(&SCRIPT, &asked(ACCEPT_ENCODING, accept)).0;
        assert_eq!(chosen("gzip, deflate, br"), Some("br"));
        assert_eq!(chosen("gzip;q=1.0, br;q=0"), Some("gzip"));
        assert_eq!(chosen("identity"), None);
        assert_eq!(encoded(&SCRIPT, &HeaderMap::new()), (None, &b"plain"[..]));
    }

    #[test]
    fn a_hashed_file_is_kept_for_ever_and_asked_for_once() {
        let answer = respond(&SCRIPT, &Method::GET, &asked(ACCEPT_ENCODING, "br"), None);
        assert_eq!(answer.headers()[CONTENT_ENCODING], "br");
        assert_eq!(answer.headers()[ETAG], "\"0123456789abcdef-br\"");
        assert!(
            answer.headers()[CACHE_CONTROL]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        let known = asked(IF_NONE_MATCH, "W/\"0123456789abcdef-gzip\"");
        let again = respond(&SCRIPT, &Method::GET, &known, None);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn files_are_sorted_and_the_page_is_among_them() {
        assert!(FILES.is_sorted_by_key(|file| file.path));
        assert!(file("/").is_some_and(|file| file.content_type.starts_with("text/html")));
    }

    #[test]
    fn an_address_within_the_app_is_the_page_and_a_missing_file_is_not() {
        assert_eq!(
            file("/watch/6f2a41f0").map(|file| file.path),
            Some("index.html")
        );
        for missing in [
            "/favicon.missing",
            "/assets/nothing",
            "/videos/x/source.mp4",
            "/../Cargo.toml",
        ] {
            assert!(file(missing).is_none(), "{missing}");
        }
    }

    #[test]
    fn the_page_may_send_to_the_bucket_and_a_provider_only() {
        let oidc = SignIn::Oidc {
            authority: "https://id.example/realm".to_owned(),
            client_id: "vod".to_owned(),
            audience: "vod".to_owned(),
        };
        let policy = content_security_policy("http://127.0.0.1:4566/vod-source", &oidc);
        assert!(
            policy.contains("connect-src 'self' http://127.0.0.1:4566 https://id.example https:;")
        );
        let password = SignIn::Password {
            client_id: "vod".to_owned(),
        };
        let policy = content_security_policy("https://vod-source.example/x", &password);
        assert!(policy.contains("connect-src 'self' https://vod-source.example;"));
        assert_eq!(origin("https://a.example"), "https://a.example");
    }
}
