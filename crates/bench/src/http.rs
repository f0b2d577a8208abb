//! A small HTTP/1.1 server on loopback: whole requests in, whole answers out, connections kept alive.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// An answer.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Answers requests.
pub(crate) trait Handler: 'static {
    /// Answers one request; its body is complete.
    async fn answer(&self, head: Parts, body: Bytes) -> Answer;
}

/// An answer of this status, type and body.
pub(crate) fn answer(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = hyper::header::HeaderValue::from_static(content_type);
    response
        .headers_mut()
        .insert(hyper::header::CONTENT_TYPE, content_type);
    response
}

/// Serves on a free port of loopback until the runtime ends; over TLS with an acceptor.
pub(crate) async fn serve<H: Handler>(
    handler: Rc<H>,
    tls: Option<TlsAcceptor>,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true); // only costs time where it fails
            let (handler, tls) = (Rc::clone(&handler), tls.clone());
            tokio::task::spawn_local(async move {
                match tls {
                    None => converse(stream, handler).await,
                    // A client that doesn't trust the certificate says so itself.
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            converse(stream, handler).await;
                        }
                    }
                }
            });
        }
    });
    Ok(address)
}

async fn converse<H: Handler>(stream: impl AsyncRead + AsyncWrite + Unpin, handler: Rc<H>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let handler = Rc::clone(&handler);
        async move {
            let (head, body) = request.into_parts();
            let answer = match body.collect().await {
                Ok(body) => handler.answer(head, body.to_bytes()).await,
                Err(error) => answer(400, "text/plain", error.to_string()),
            };
            Ok::<_, Infallible>(answer)
        }
    });
    // A connection ends when its process does, in the middle of anything.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
