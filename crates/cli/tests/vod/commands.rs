//! What each command asks of the API, and what it says and exits with.

use crate::site::{Site, problem, video};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::{Value, json};
use wiremock::matchers::{body_json, method, path, query_param, query_param_is_missing};
use wiremock::{Mock, ResponseTemplate};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_follows_the_cursor_up_to_its_limit() {
    let site = Site::signed_in().await;
    let pages = [
        (
            None,
            json!({"videos": [video("1", "READY"), video("2", "FAILED")], "nextCursor": "a+b"}),
        ),
        (
            Some("a+b"),
            json!({"videos": [video("3", "READY")], "nextCursor": "c"}),
        ),
    ];
    for (cursor, page) in pages {
        let given = Mock::given(method("GET")).and(path("/api/videos"));
        let given = match cursor {
            Some(cursor) => given.and(query_param("cursor", cursor)),
            None => given.and(query_param_is_missing("cursor")),
        };
        given
            .and(query_param("search", "b & c"))
            .respond_with(ResponseTemplate::new(200).set_body_json(page))
            .mount(&site.server)
            .await;
    }
    site.vod(&["list", "--limit", "3", "--search", "b & c"])
        .assert()
        .success()
        .stdout(
            contains("1")
                .and(contains("2026-11-23 04:00"))
                .and(contains("3")),
        )
        .stderr(contains("There are more"));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_all_that_the_api_said() {
    let site = Site::signed_in().await;
    let mut said = video("1", "READY");
    said["cost"] = json!({"currency": "USD", "actual": 0.01});
    site.answer("GET", "/api/videos/1", 200, json!({"video": said}))
        .await;
    let output = site.vod(&["show", "1", "--json"]).output().unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&output.stdout).unwrap(),
        said
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_price_of_each_output_is_told_with_what_makes_it_dear() {
    let site = Site::signed_in().await;
    let mut said = video("1", "READY");
    said["cost"] = json!({"currency": "USD", "actual": 0.3, "perRendition": [
        {"name": "1080p", "amount": 0.25, "professional": ["its codec", "a deinterlacer"]},
        {"name": "audio", "amount": 0.05, "professional": []},
    ]});
    site.answer("GET", "/api/videos/1", 200, json!({"video": said}))
        .await;
    site.vod(&["show", "1"]).assert().success().stdout(
        contains("0.3000 USD\n")
            .and(contains(
                "0.2500 1080p, professional tier for its codec and a deinterlacer\n",
            ))
            .and(contains("0.0500 audio\n")),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_anew_says_what_is_to_change_and_nothing_else() {
    for (arguments, asked) in [
        (&[][..], json!({})),
        (&["--download"], json!({"download": true})),
        (
            &["--profile", "small", "--download=false"],
            json!({"profile": "small", "download": false}),
        ),
        (
            &["--from", "12.5", "--to", "1:00"],
            json!({"clip": {"fromSeconds": 12.5, "toSeconds": 60.0}}),
        ),
        (&["--whole"], json!({"clip": null})),
    ] {
        let site = Site::signed_in().await;
        let again = json!({"video": video("1", "SUBMITTED")});
        Mock::given(method("POST"))
            .and(path("/api/videos/1/reprocess"))
            .and(body_json(asked))
            .respond_with(ResponseTemplate::new(202).set_body_json(again))
            .mount(&site.server)
            .await;
        let mut command = vec!["reprocess", "1"];
        command.extend(arguments);
        site.vod(&command).assert().success();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_video_is_told_in_the_sites_words_or_its_document() {
    let site = Site::signed_in().await;
    let refusal = problem("not-found", 404, "There is no such video.");
    site.answer("GET", "/api/videos/1", 404, refusal.clone())
        .await;
    site.vod(&["show", "1"])
        .assert()
        .failure()
        .stderr("error: There is no such video.\n");
    let output = site.vod(&["show", "1", "--json"]).output().unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&output.stderr).unwrap(),
        refusal
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_can_not_name_another_route() {
    let site = Site::signed_in().await;
    let refusal = problem("not-found", 404, "There is no such video.");
    site.answer("DELETE", "/api/videos/%2E%2E%2Fsession", 404, refusal)
        .await;
    site.vod(&["delete", "--yes", "../session"])
        .assert()
        .failure()
        .stderr(contains("There is no such video."));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deleted_where_nobody_can_be_asked() {
    let site = Site::signed_in().await;
    site.answer(
        "GET",
        "/api/videos/1",
        200,
        json!({"video": video("1", "READY")}),
    )
    .await;
    site.vod(&["delete", "1"])
        .assert()
        .failure()
        .stderr(contains("--yes"));
    assert!(site.bodies("DELETE", "/api/videos/1").await.is_empty());
    site.answer("DELETE", "/api/videos/1", 204, Value::Null)
        .await;
    site.vod(&["delete", "1", "--yes"]).assert().success();
    assert_eq!(site.bodies("DELETE", "/api/videos/1").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_ends_with_the_last_video_and_tells_of_a_failure() {
    let site = Site::signed_in().await;
    let mut running = video("1", "PROCESSING");
    running["progressPercent"] = json!(40);
    site.answer_once(
        "GET",
        "/api/videos/1",
        "first",
        200,
        json!({"video": running}),
    )
    .await;
    site.answer(
        "GET",
        "/api/videos/1",
        200,
        json!({"video": video("1", "READY")}),
    )
    .await;
    let mut failed = video("2", "FAILED");
    failed["failure"] =
        json!({"code": "UNREADABLE_SOURCE", "sentence": "The file is not a video."});
    site.answer("GET", "/api/videos/2", 200, json!({"video": failed}))
        .await;
    site.vod(&["watch-status", "1", "2"])
        .assert()
        .code(1)
        .stdout(contains("PROCESSING 40 %").and(contains("FAILED: The file is not a video.")));
    site.vod(&["watch-status", "1"]).assert().success();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_to_its_last_page() {
    let site = Site::signed_in().await;
    let first =
        json!({"imported": [{"id": "1", "key": "a.mp4"}], "skipped": 2, "nextCursor": "more"});
    site.answer_once("POST", "/api/imports", "first", 200, first)
        .await;
    let last = json!({"imported": [{"id": "2", "key": "b.mp4"}], "skipped": 1});
    site.answer("POST", "/api/imports", 200, last).await;
    site.vod(&["import", "s3://films/2026/"])
        .assert()
        .success()
        .stdout(contains("a.mp4").and(contains("b.mp4")))
        .stderr(contains("Imported 2; 3 were there already."));
    let asked: Vec<Value> = site
        .bodies("POST", "/api/imports")
        .await
        .iter()
        .map(|body| serde_json::from_slice(body).unwrap())
        .collect();
    assert_eq!(asked[0], json!({"bucket": "films", "prefix": "2026/"}));
    assert_eq!(asked[1]["cursor"], "more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_something_else_is_recognised() {
    let site = Site::signed_in().await;
    site.vod(&["show", "1"])
        .assert()
        .failure()
        .stderr(contains("404").and(contains("check its address")));
}

#[tokio::test(flavor = "multi_thread")]
async fn captions_are_sent_as_they_are_and_removed() {
    let site = Site::signed_in().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("film.srt");
    std::fs::write(&file, "1\n00:00:01,000 --> 00:00:02,000\nFish\n").unwrap();
    Mock::given(method("PUT"))
        .and(path("/api/videos/1/captions/pt%2DBR"))
        .and(query_param("label", "a & b"))
        .and(wiremock::matchers::body_string_contains("Fish"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(json!({"video": video("1", "READY")})),
        )
        .expect(1)
        .mount(&site.server)
        .await;
    let file = file.to_str().unwrap();
    site.vod(&["captions", "1", "pt-BR", file, "--label", "a & b"])
        .assert()
        .success()
        .stdout("1 has captions in pt-BR.\n");
    site.answer(
        "DELETE",
        "/api/videos/1/captions/de",
        200,
        json!({"video": video("1", "READY")}),
    )
    .await;
    site.vod(&["captions", "1", "de", "--remove"])
        .assert()
        .success()
        .stdout("1 has no added captions in de.\n");
    site.vod(&["captions", "1", "de"]).assert().failure();
}
