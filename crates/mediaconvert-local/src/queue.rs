//! A queue, and how a job moves from one to another.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::Moment;
use crate::events::Sender;
use crate::job::Job;
use crate::store::{Document, Kind, Store};

/// The queue of jobs that name none. It is always there.
pub const DEFAULT: &str = "Default";

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Unique.
    pub name: String,
    /// Whether its jobs wait.
    pub paused: bool,
    /// Jobs of it at work at the same time; as many as the server works on when left out.
    pub slots: Option<usize>,
}

impl Queue {
    /// The queue of this name, if there is one.
    pub fn find(store: &Store, name: &str) -> Option<Self> {
        match store.document(Kind::Queue, name) {
            Some(document) => Some(Self::of(&document)),
            None => (name == DEFAULT).then(|| Self {
                name: DEFAULT.to_owned(),
                paused: false,
                slots: None,
            }),
        }
    }

    fn of(document: &Document) -> Self {
        let slots = match document.body.get("reservationPlan") {
            Some(plan) => &plan["reservedSlots"],
            None => document.body.get("concurrentJobs").unwrap_or(&Value::Null),
        };
        Self {
            name: document.name.clone(),
            paused: document.text("status") == Some("PAUSED"),
            slots: slots.as_u64().and_then(|slots| slots.try_into().ok()),
        }
    }
}

/// ARN of the queue of this name.
pub fn arn(sender: &Sender, name: &str) -> String {
    sender.arn("queues", name)
}

/// Name in the ARN of a queue.
pub fn name_of(arn: &str) -> &str {
    arn.split_once(":queues/").map_or(arn, |(_, name)| name)
}

/// A move from one queue to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// When.
    pub at: Moment,
    /// ARN.
    pub from: String,
    /// ARN.
    pub to: String,
}

impl Transition {
    /// As in the job resource.
    pub fn to_json(&self) -> Value {
        json!({
            "timestamp": self.at.seconds(),
            "sourceQueue": self.from,
            "destinationQueue": self.to,
        })
    }
}

/// Where a job may go that waits too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Minutes since the job was submitted.
    pub wait_minutes: u64,
    /// Name or ARN.
    pub queue: String,
    /// In the new queue; as before when left out.
    pub priority: Option<i64>,
}

/// The hops that a job asks for, soonest first.
pub fn hops(job: &Job) -> Vec<Hop> {
    let asked = job.request.get("hopDestinations").and_then(Value::as_array);
    let mut hops: Vec<Hop> = asked.into_iter().flatten().filter_map(hop).collect();
    hops.sort_by_key(|hop| hop.wait_minutes);
    hops
}

fn hop(asked: &Value) -> Option<Hop> {
    Some(Hop {
        wait_minutes: asked["waitMinutes"].as_u64()?,
        queue: asked["queue"].as_str().unwrap_or(DEFAULT).to_owned(),
        priority: asked["priority"].as_i64(),
    })
}

/// Checks the hops of a request that goes to `queue`; `known` tells whether there is such a queue.
///
/// # Errors
///
/// The message of the refusal.
pub fn check_hops(
    request: &Map<String, Value>,
    queue: &str,
    known: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let hops = request.get("hopDestinations").and_then(Value::as_array);
    for (index, hop) in hops.into_iter().flatten().enumerate() {
        let at = format!("/hopDestinations/{index}");
        match hop["waitMinutes"].as_i64() {
            None => return Err(format!("{at}: waitMinutes is a required property")),
            Some(1..=4320) => {}
            Some(_) => return Err(format!("{at}/waitMinutes: Should be from 1 to 4320")),
        }
        let to = name_of(hop["queue"].as_str().unwrap_or(DEFAULT));
        if to == name_of(queue) {
            return Err(format!(
                "{at}/queue: Should be another queue than the job's"
            ));
        }
        if !known(to) {
            return Err(format!("{at}/queue: there is no queue '{to}'"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(hop: &Value) -> Result<(), String> {
        let request = json!({"hopDestinations": [hop]});
        let request = request.as_object().unwrap();
        check_hops(request, "arn:aws:mediaconvert:r:a:queues/slow", |name| {
            [DEFAULT, "slow", "fast"].contains(&name)
        })
    }

    #[test]
    fn a_hop_goes_to_another_queue_after_a_minute_to_three_days() {
        assert_eq!(checked(&json!({"waitMinutes": 1, "queue": "fast"})), Ok(()));
        assert_eq!(checked(&json!({"waitMinutes": 4320})), Ok(()));
        for wrong in [
            json!({"queue": "fast"}),
            json!({"waitMinutes": 0, "queue": "fast"}),
            json!({"waitMinutes": 4321, "queue": "fast"}),
            json!({"waitMinutes": 1, "queue": "slow"}),
            json!({"waitMinutes": 1, "queue": "none"}),
        ] {
            assert!(checked(&wrong).is_err(), "{wrong}");
        }
    }
}
