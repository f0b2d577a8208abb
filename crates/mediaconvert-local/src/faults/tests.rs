use proptest::prelude::*;

use super::*;

fn faults(settings: &Value) -> Faults {
    Faults::new(FaultSettings::from_json(settings.to_string().as_bytes()).unwrap())
}

fn event(status: &str) -> Value {
    json!({"detail": {"status": status, "userMetadata": {"video": "a"}}})
}

#[test]
fn nothing_goes_wrong_unless_asked_for() {
    let mut faults = Faults::default();
    assert_eq!(faults.on_call("CreateJob"), None);
    assert_eq!(faults.on_job(&json!({})), JobFate::default());
    assert_eq!(faults.on_event(&event("COMPLETE")), EventFate::default());
}

#[test]
fn the_next_calls_of_an_operation_fail_and_no_others() {
    let rule = json!({"fault": "THROTTLE", "operation": "GetJob", "times": 2});
    let mut faults = faults(&json!({"api": [rule]}));
    assert_eq!(faults.on_call("CreateJob"), None);
    let fates = [(); 3].map(|()| faults.on_call("GetJob"));
    assert_eq!(
        fates,
        [Some(ApiFault::Throttle), Some(ApiFault::Throttle), None]
    );
    assert_eq!(faults.to_json()["applied"]["api"], json!([2]));
}

#[test]
fn jobs_are_chosen_by_input_and_metadata() {
    let fail =
        json!({"fault": "FAIL", "code": 1404, "input": "bad", "userMetadata": {"video": "a"}});
    let slow = json!({"fault": "SLOW", "delayMilliseconds": [20, 20]});
    let mut faults = faults(&json!({"jobs": [fail, slow]}));
    let job = |url: &str, video: &str| json!({"settings": {"inputs": [{"fileInput": url}]}, "userMetadata": {"video": video}});
    for (url, video, code) in [
        ("s3://in/bad.mp4", "a", Some(1404)),
        ("s3://in/bad.mp4", "b", None),
        ("s3://in/good.mp4", "a", None),
    ] {
        let fate = faults.on_job(&job(url, video));
        assert_eq!(fate.failure.map(|failure| failure.code), code, "{url}");
        assert_eq!(fate.delay, Duration::from_millis(20));
    }
}

#[test]
fn the_faults_of_an_event_add_up_and_to_lose_it_wins() {
    let rules = json!([{"fault": "DUPLICATE"}, {"fault": "REORDER", "status": "PROGRESSING"},
        {"fault": "LOSE", "status": "ERROR", "userMetadata": {"video": "a"}}]);
    let mut faults = faults(&json!({"events": rules}));
    let fate = faults.on_event(&event("PROGRESSING"));
    assert_eq!((fate.copies, fate.held), (2, true));
    assert_eq!(faults.on_event(&event("ERROR")).copies, 0);
}

#[test]
fn a_mistake_is_told_with_its_place() {
    for (settings, place) in [
        (
            json!({"api": [{"fault": "NOISE"}]}),
            "unknown variant `NOISE`",
        ),
        (json!({"evnts": []}), "unknown field `evnts`"),
        (
            json!({"api": [{"fault": "THROTTLE", "operation": "MakeJob"}]}),
            "/api/0/operation: ",
        ),
        (
            json!({"jobs": [{"fault": "SLOW"}]}),
            "/jobs/0/delayMilliseconds: ",
        ),
        (
            json!({"events": [{"fault": "DELAY", "delayMilliseconds": [2, 1]}]}),
            "/events/0/delayM",
        ),
        (
            json!({"events": [{"fault": "LOSE", "status": "DONE"}]}),
            "/events/0/status: ",
        ),
        (
            json!({"events": [{"fault": "LOSE", "probability": 1.5}]}),
            "/events/0/probability: ",
        ),
    ] {
        let message = FaultSettings::from_json(settings.to_string().as_bytes()).unwrap_err();
        assert!(message.contains(place), "{message}");
    }
}

proptest! {
    #[test]
    fn a_seed_repeats_a_run(seed: u64, probability in 0.0..=1.0, statuses in prop::collection::vec(0usize..2, 50)) {
        let rules = json!([{"fault": "LOSE", "probability": probability, "status": "PROGRESSING"},
            {"fault": "DELAY", "probability": probability, "delayMilliseconds": [5, 50]}]);
        let settings = json!({"seed": seed, "events": rules});
        let run = |mut faults: Faults| {
            let fates = statuses.iter().map(|status| faults.on_event(&event(["PROGRESSING", "COMPLETE"][*status])));
            fates.collect::<Vec<_>>()
        };
        prop_assert_eq!(run(faults(&settings)), run(faults(&settings)));
    }

    #[test]
    fn a_rule_does_not_hang_on_what_its_neighbours_see(seed: u64, others in 0..30) {
        let rules = json!([{"fault": "THROTTLE", "operation": "GetJob", "probability": 0.5},
            {"fault": "THROTTLE", "operation": "CreateJob", "probability": 0.5}]);
        let mut alone = faults(&json!({"seed": seed, "api": rules}));
        let mut among = alone.clone();
        for _ in 0..others {
            among.on_call("GetJob");
        }
        for _ in 0..20 {
            prop_assert_eq!(alone.on_call("CreateJob"), among.on_call("CreateJob"));
        }
    }

    #[test]
    fn chances_and_ranges_hold(seed: u64, probability in 0.0..=1.0f64, least in 0u64..1000, width in 0u64..1000) {
        let range = [least, least + width];
        let rules = json!([{"fault": "LOSE", "probability": probability, "status": "ERROR"},
            {"fault": "DELAY", "delayMilliseconds": range, "status": "COMPLETE"}]);
        let mut faults = faults(&json!({"seed": seed, "events": rules}));
        let lost = (0..1000).filter(|_| faults.on_event(&event("ERROR")).copies == 0).count();
        let lost = f64::from(u32::try_from(lost).unwrap()) / 1000.0;
        // Six standard deviations of a coin: once in 500 million.
        prop_assert!((lost - probability).abs() < 0.1, "{} of {}", lost, probability);
        for _ in 0..20 {
            let delay = faults.on_event(&event("COMPLETE")).delay.as_millis();
            prop_assert!(u128::from(range[0]) <= delay && delay <= u128::from(range[1]));
        }
    }

    #[test]
    fn a_rule_applies_no_more_often_than_asked_for(seed: u64, times in 0u64..10, calls in 0..50) {
        let rule = json!({"fault": "ANSWER_500", "probability": 0.7, "times": times});
        let mut faults = faults(&json!({"seed": seed, "api": [rule]}));
        let applied = (0..calls).filter(|_| faults.on_call("Probe").is_some()).count();
        prop_assert!(u64::try_from(applied).unwrap() <= times);
        prop_assert_eq!(&faults.to_json()["applied"]["api"], &json!([applied]));
    }
}
