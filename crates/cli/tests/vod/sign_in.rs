//! Signing in, staying signed in, and what is said when that ends.

use crate::site::{Site, problem, video};
use predicates::str::contains;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_in_the_sites_words() {
    let site = Site::start().await;
    let refusal = problem(
        "wrong-credentials",
        401,
        "User name or password is wrong; try again.",
    );
    site.answer("POST", "/api/session", 401, refusal).await;
    let url = site.server.uri();
    site.vod(&["login", &url, "--username", "ada", "--password-stdin"])
        .write_stdin("guess\n")
        .assert()
        .failure()
        .stderr(contains("User name or password is wrong; try again."));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn only_its_owner_can_read_the_session() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::signed_in().await;
    let session = std::fs::metadata(site.home.path().join("vod/session.json")).unwrap();
    assert_eq!(session.permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_token_is_renewed_once_and_the_command_goes_on() {
    let site = Site::signed_in().await;
    let ended = json!({"message": "Unauthorized"});
    site.answer_once("GET", "/api/videos/1", "first", 401, ended)
        .await;
    let renewed = json!({"accessToken": "second", "expiresInSeconds": 3600});
    site.answer("POST", "/api/session/refresh", 200, renewed)
        .await;
    site.answer_once(
        "GET",
        "/api/videos/1",
        "second",
        200,
        json!({"video": video("1", "READY")}),
    )
    .await;
    site.vod(&["show", "1"])
        .assert()
        .success()
        .stdout(contains("READY"));
    let refreshed = site.bodies("POST", "/api/session/refresh").await;
    assert_eq!(refreshed.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_can_not_be_renewed_says_how_to_sign_in() {
    let site = Site::signed_in().await;
    site.answer(
        "GET",
        "/api/videos/1",
        401,
        json!({"message": "Unauthorized"}),
    )
    .await;
    let refusal = problem("session-ended", 401, "The session has ended.");
    site.answer("POST", "/api/session/refresh", 401, refusal)
        .await;
    site.vod(&["show", "1"])
        .assert()
        .failure()
        .stderr(contains("sign in again with: vod login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_sign_in_nothing_is_sent() {
    let site = Site::start().await;
    site.vod(&["list"])
        .assert()
        .failure()
        .stderr(contains("you are not signed in"));
    assert!(site.server.received_requests().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_signs_in_by_its_environment() {
    let site = Site::start().await;
    let page = json!({"videos": []});
    site.answer_once("GET", "/api/videos", "of-a-script", 200, page)
        .await;
    site.vod(&["list", "--json"])
        .env("VOD_URL", site.server.uri())
        .env("VOD_TOKEN", "of-a-script")
        .assert()
        .success()
        .stdout("[]\n");
}
