//! Does what the event bus would do: asks for the rules of the default bus, lets EventBridge itself
//! match their patterns, and invokes the functions they target.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::types::{RuleState, Target};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde_json::Value;
use tracing::{debug, error, warn};

use super::transform;
use crate::storage::said;

#[derive(Clone)]
pub(super) struct Bus {
    rules: aws_sdk_eventbridge::Client,
    functions: aws_sdk_lambda::Client,
}

impl Bus {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self {
            rules: aws_sdk_eventbridge::Client::new(config),
            functions: aws_sdk_lambda::Client::new(config),
        }
    }

    /// Delivers to all targets of all rules that match. A retry delivers to all of them again:
    /// delivery is at least once, as on AWS.
    pub(super) async fn deliver(&self, event: &Value) -> Result<(), String> {
        let text = event.to_string();
        let mut token = None;
        loop {
            let page = self.rules.list_rules().set_next_token(token).send().await;
            let page = page.map_err(|error| format!("list the rules: {}", said(&error)))?;
            for rule in page.rules() {
                let (Some(name), Some(pattern)) = (rule.name(), rule.event_pattern()) else {
                    continue;
                };
                if rule.state() == Some(&RuleState::Disabled)
                    || !self.matches(name, pattern, &text).await?
                {
                    continue;
                }
                for target in self.targets(name).await? {
                    self.invoke(rule.arn().unwrap_or(name), &target, event)
                        .await?;
                }
            }
            token = page.next_token().map(ToOwned::to_owned);
            if token.is_none() {
                return Ok(());
            }
        }
    }

    async fn matches(&self, rule: &str, pattern: &str, event: &str) -> Result<bool, String> {
        let answer = self
            .rules
            .test_event_pattern()
            .event_pattern(pattern)
            .event(event)
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.result()),
            // One broken pattern must not keep the event from the other rules.
            Err(error)
                if error
                    .raw_response()
                    .is_some_and(|r| r.status().is_client_error()) =>
            {
                warn!(
                    rule,
                    "left out a rule whose pattern can't be tested: {}",
                    said(&error)
                );
                Ok(false)
            }
            Err(error) => Err(format!("test the pattern of rule {rule}: {}", said(&error))),
        }
    }

    async fn targets(&self, rule: &str) -> Result<Vec<Target>, String> {
        let mut targets = Vec::new();
        let mut token = None;
        loop {
            let page = self
                .rules
                .list_targets_by_rule()
                .rule(rule)
                .set_next_token(token)
                .send()
                .await;
            let page =
                page.map_err(|error| format!("list the targets of rule {rule}: {}", said(&error)))?;
            token = page.next_token().map(ToOwned::to_owned);
            targets.extend(page.targets.unwrap_or_default());
            if token.is_none() {
                return Ok(targets);
            }
        }
    }

    async fn invoke(&self, rule: &str, target: &Target, event: &Value) -> Result<(), String> {
        let function = target.arn();
        if !function.contains(":lambda:") {
            warn!(
                rule,
                target = function,
                "left out a target that is no Lambda function"
            );
            return Ok(());
        }
        let payload = match payload(rule, target, event) {
            Ok(payload) => payload,
            Err(reason) => {
                error!(rule, target = function, "left out a target: {reason}");
                return Ok(());
            }
        };
        let answer = self
            .functions
            .invoke()
            .function_name(function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(payload))
            .send()
            .await;
        match answer {
            Ok(_) => {
                debug!(rule, target = function, "delivered an event");
                Ok(())
            }
            // A function that is gone won't come back by asking again.
            Err(error)
                if error
                    .raw_response()
                    .is_some_and(|r| r.status().as_u16() == 404) =>
            {
                error!(
                    rule,
                    target = function,
                    "left out a target: {}",
                    said(&error)
                );
                Ok(())
            }
            Err(error) => Err(format!("invoke {function}: {}", said(&error))),
        }
    }
}

fn payload(rule: &str, target: &Target, event: &Value) -> Result<String, String> {
    if let Some(input) = target.input() {
        return Ok(input.to_owned());
    }
    if let Some(path) = target.input_path() {
        return transform::select(path, event)
            .map(ToString::to_string)
            .ok_or_else(|| format!("its input path {path} leads nowhere"));
    }
    if let Some(transformer) = target.input_transformer() {
        let paths = transformer.input_paths_map().into_iter().flatten();
        let paths = paths.map(|(name, path)| (name.as_str(), path.as_str()));
        return transform::apply(transformer.input_template(), paths, event, rule);
    }
    Ok(event.to_string())
}
