//! What only queues have: they are paused, reserved, in use.

use serde_json::{Map, Value, json};

use super::resources::Resource;
use super::{ApiError, App};
use crate::clock::Moment;
use crate::queue;

/// ARN of the queue with this name or ARN.
pub(super) fn find(app: &App, given: &str) -> Result<String, ApiError> {
    let queue = Resource::Queue.find(app, given)?;
    Ok(queue::arn(&app.sender, &queue.name))
}

/// Completes the request of `CreateQueue` to the resource.
pub(super) fn complete(request: &mut Map<String, Value>) -> Result<(), ApiError> {
    request.entry("status").or_insert_with(|| json!("ACTIVE"));
    let reserved = request
        .entry("pricingPlan")
        .or_insert_with(|| json!("ON_DEMAND"))
        == "RESERVED";
    slots(request)?;
    match (reserved, request.remove("reservationPlanSettings")) {
        (true, Some(settings)) => {
            request.insert("reservationPlan".to_owned(), plan(&settings)?);
        }
        (true, None) => {
            return Err(ApiError::bad_request(
                "/: reservationPlanSettings is a required property of a reserved queue",
            ));
        }
        (false, Some(_)) => {
            return Err(ApiError::bad_request(
                "/reservationPlanSettings: Should not be there in an on-demand queue",
            ));
        }
        (false, None) => {}
    }
    if reserved && request.contains_key("concurrentJobs") {
        return Err(ApiError::bad_request(
            "/concurrentJobs: Should not be there in a reserved queue",
        ));
    }
    Ok(())
}

fn slots(request: &Map<String, Value>) -> Result<(), ApiError> {
    match request.get("concurrentJobs").and_then(Value::as_i64) {
        Some(..1) => Err(ApiError::bad_request(
            "/concurrentJobs: Should be greater than or equal to 1",
        )),
        _ => Ok(()),
    }
}

/// A plan that begins now.
fn plan(settings: &Value) -> Result<Value, ApiError> {
    if settings["reservedSlots"]
        .as_i64()
        .is_some_and(|slots| slots < 1)
    {
        return Err(ApiError::bad_request(
            "/reservationPlanSettings/reservedSlots: Should be greater than or equal to 1",
        ));
    }
    let mut plan = settings.clone();
    plan["status"] = json!("ACTIVE");
    plan["purchasedAt"] = Moment::now().seconds();
    plan["expiresAt"] = Moment::now().in_days(365).seconds();
    Ok(plan)
}

/// Applies the request of `UpdateQueue`.
pub(super) fn change(
    queue: &mut Map<String, Value>,
    mut request: Map<String, Value>,
) -> Result<(), ApiError> {
    slots(&request)?;
    let reserved = queue
        .get("pricingPlan")
        .is_some_and(|plan| plan == "RESERVED");
    if let Some(settings) = request.remove("reservationPlanSettings") {
        if !reserved {
            return Err(ApiError::bad_request(
                "/reservationPlanSettings: Should not be there in an on-demand queue",
            ));
        }
        let before = queue.get("reservationPlan");
        let before = before.and_then(|plan| plan["reservedSlots"].as_i64());
        if settings["reservedSlots"].as_i64() < before {
            return Err(ApiError::bad_request(
                "/reservationPlanSettings/reservedSlots: Should not decrease",
            ));
        }
        queue.insert("reservationPlan".to_owned(), plan(&settings)?);
    }
    if reserved && request.contains_key("concurrentJobs") {
        return Err(ApiError::bad_request(
            "/concurrentJobs: Should not be there in a reserved queue",
        ));
    }
    queue.extend(request);
    Ok(())
}

/// Refuses to remove the default queue, and one that jobs need.
pub(super) fn check_unused(app: &App, name: &str, arn: &str) -> Result<(), ApiError> {
    if name == queue::DEFAULT {
        return Err(ApiError::bad_request("The default queue can't be deleted."));
    }
    let (submitted, progressing) = app.store.counts(arn);
    if submitted + progressing > 0 {
        let message = format!(
            "The queue {name} can't be deleted: {submitted} jobs wait in it and {progressing} are at work."
        );
        return Err(ApiError::conflict(message));
    }
    Ok(())
}
