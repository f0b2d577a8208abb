//! A site that the program can be run against, and the program.

use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A site, and a home directory of somebody who is signed in to it.
pub(crate) struct Site {
    pub(crate) server: MockServer,
    pub(crate) home: TempDir,
}

impl Site {
    /// A site where `ada` signs in with `open sesame`.
    pub(crate) async fn start() -> Self {
        let site = Self {
            server: MockServer::start().await,
            home: TempDir::new().unwrap(),
        };
        site.answer(
            "GET",
            "/api/config",
            200,
            json!({"signIn": {"kind": "password"}}),
        )
        .await;
        Mock::given(method("POST"))
            .and(path("/api/session"))
            .and(body_json(
                json!({"username": "ada", "password": "open sesame"}),
            ))
            .respond_with(ResponseTemplate::new(200).set_body_json(
                json!({"accessToken": "first", "refreshToken": "again", "expiresInSeconds": 3600}),
            ))
            .mount(&site.server)
            .await;
        site
    }

    /// A site that somebody is signed in to.
    pub(crate) async fn signed_in() -> Self {
        let site = Self::start().await;
        let url = site.server.uri();
        site.vod(&["login", &url, "--username", "ada", "--password-stdin"])
            .write_stdin("open sesame\n")
            .assert()
            .success();
        site
    }

    /// Answers a call of whoever is signed in.
    pub(crate) async fn answer(&self, verb: &str, route: &str, status: u16, body: Value) {
        let mut answer = ResponseTemplate::new(status);
        if status != 204 {
            answer = answer.set_body_json(body);
        }
        Mock::given(method(verb))
            .and(path(route))
            .respond_with(answer)
            .mount(&self.server)
            .await;
    }

    /// Answers one call that carries this token, before all other answers.
    pub(crate) async fn answer_once(
        &self,
        verb: &str,
        route: &str,
        token: &str,
        status: u16,
        body: Value,
    ) {
        Mock::given(method(verb))
            .and(path(route))
            .and(header("authorization", format!("Bearer {token}").as_str()))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .up_to_n_times(1)
            .with_priority(1)
            .mount(&self.server)
            .await;
    }

    /// The program, with a home of its own.
    pub(crate) fn vod(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vod"));
        command
            .env_remove("VOD_URL")
            .env_remove("VOD_TOKEN")
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path())
            .args(arguments);
        command
    }

    /// Bodies of the requests that came to a route, in order.
    pub(crate) async fn bodies(&self, verb: &str, route: &str) -> Vec<Vec<u8>> {
        let requests = self.server.received_requests().await.unwrap();
        requests
            .into_iter()
            .filter(|request| request.method.as_str() == verb && request.url.path() == route)
            .map(|request| request.body)
            .collect()
    }

    /// A file of this content.
    pub(crate) fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, content).unwrap();
        text(&path)
    }
}

/// A video as the API describes it.
pub(crate) fn video(id: &str, status: &str) -> Value {
    json!({"id": id, "title": "Bikes", "status": status, "owner": "ada", "createdAt": "2026-11-23T04:00:00.000Z"})
}

/// A problem document.
pub(crate) fn problem(slug: &str, status: u16, detail: &str) -> Value {
    json!({"type": format!("/problems/{slug}"), "title": slug, "status": status, "detail": detail})
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
