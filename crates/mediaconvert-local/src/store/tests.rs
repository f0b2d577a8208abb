use serde_json::json;
use tempfile::TempDir;

use super::*;

fn job(id: &str) -> Job {
    let request = json!({"clientRequestToken": format!("token-{id}"), "settings": {"inputs": []}});
    Job {
        id: id.to_owned(),
        arn: format!("arn:{id}"),
        queue: "arn:queues/Default".to_owned(),
        request: request.as_object().unwrap().clone(),
        state: State::Submitted,
        priority: 3,
        created: Moment::now(),
        started: None,
        finished: None,
        retries: 0,
        warnings: vec!["careful".to_owned().into()],
        transitions: Vec::new(),
        hopped: 0,
        details: Value::Null,
    }
}

fn none(_: &Job) -> Vec<Value> {
    Vec::new()
}

fn event(name: &str) -> Value {
    json!({"detail": {"status": name, "timestamp": Moment::now().milliseconds()}})
}

#[test]
fn jobs_tokens_and_events_outlive_the_store() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state");
    let (store, unfinished) = Store::open(&file).unwrap();
    assert!(unfinished.jobs.is_empty() && unfinished.events.is_empty());
    for id in ["waits", "works", "done"] {
        assert!(matches!(store.add(&job(id)).unwrap(), Added::New));
    }
    store.change(
        "works",
        |job| job.state = State::Progressing(Progress::default()),
        none,
    );
    let told = |_: &Job| vec![event("COMPLETE")];
    store.change("done", |job| job.state = State::Complete, told);
    store.delivered(&store.post(event("GONE"))[0]);
    store.post(json!({"detail": {"status": "STALE", "timestamp": 1_768_471_204_250_u64}}));
    let done = store.get("done").unwrap().resource();
    drop(store);

    let (store, unfinished) = Store::open(&file).unwrap();
    let ids = unfinished
        .jobs
        .iter()
        .map(|job| (job.id.as_str(), job.retries));
    assert_eq!(ids.collect::<Vec<_>>(), [("waits", 0), ("works", 1)]);
    let events = unfinished
        .events
        .iter()
        .map(|posted| &posted.event["detail"]["status"]);
    assert_eq!(
        events.collect::<Vec<_>>(),
        ["COMPLETE"],
        "a day later, nobody waits for an event"
    );
    assert_eq!(store.get("done").unwrap().resource(), done);
    let Added::Replayed(before) = store
        .add(&Job {
            id: "new".to_owned(),
            ..job("done")
        })
        .unwrap()
    else {
        panic!("the token was forgotten");
    };
    assert_eq!(before.id, "done");
    let (page, _) = store.page(|_| true, false, None, 9);
    assert_eq!(
        page.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(),
        ["done", "works", "waits"]
    );
}

#[test]
fn a_final_job_stays_as_it_is() {
    let folder = TempDir::new().unwrap();
    let (store, _) = Store::open(&folder.path().join("state")).unwrap();
    store.add(&job("a")).unwrap();
    assert!(
        store
            .change("a", |job| job.state = State::Canceled, none)
            .is_some()
    );
    assert!(
        store
            .change("a", |job| job.state = State::Complete, none)
            .is_none()
    );
    store.progress("a", Progress::default());
    assert_eq!(store.get("a").unwrap().state, State::Canceled);
}

#[test]
fn a_state_of_another_version_and_one_in_use_are_refused_with_a_way_out() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state");
    let (store, _) = Store::open(&file).unwrap();
    let reason = Store::open(&file).err().unwrap().to_string();
    assert!(
        reason.contains("in use") && reason.contains("--work-dir"),
        "{reason}"
    );
    drop(store);
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 7).unwrap();
    drop(connection);
    let reason = Store::open(&file).err().unwrap().to_string();
    assert!(
        reason.contains("schema 7") && reason.contains("remove the file"),
        "{reason}"
    );
}

#[test]
fn documents_outlive_the_store_and_a_state_of_schema_1_is_taken_over() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state");
    let old = rusqlite::Connection::open(&file).unwrap();
    let tables = "CREATE TABLE jobs (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, job TEXT NOT NULL) STRICT;
        CREATE TABLE outbox (row INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL) STRICT;
        PRAGMA user_version = 1;";
    old.execute_batch(tables).unwrap();
    let mut kept = serde_json::to_value(job("old")).unwrap();
    kept["warnings"] = json!(["without a code"]);
    for new in ["transitions", "hopped"] {
        kept.as_object_mut().unwrap().remove(new);
    }
    let row = rusqlite::params!["old", kept.to_string()];
    old.execute("INSERT INTO jobs (id, job) VALUES (?1, ?2)", row)
        .unwrap();
    drop(old);

    let body = json!({"status": "PAUSED"}).as_object().unwrap().clone();
    let (store, unfinished) = Store::open(&file).unwrap();
    assert_eq!(unfinished.jobs[0].warnings[0].code, 900_000);
    let queue = Document::new("slow", body);
    store
        .edit(Kind::Queue, "slow", |_| Some(queue.clone()))
        .unwrap();
    store
        .edit(Kind::Preset, "gone", |_| Some(queue.clone()))
        .unwrap();
    store.edit(Kind::Preset, "gone", |_| None).unwrap();
    drop(store);

    let (store, _) = Store::open(&file).unwrap();
    assert_eq!(store.document(Kind::Queue, "slow"), Some(queue));
    assert!(store.documents(Kind::Preset).is_empty());
}
