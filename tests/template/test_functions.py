"""How the functions are set up, what starts them, and where their failures go."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from translated import Template

from local.paths import EXAMPLES

FUNCTIONS = ("Submit", "Complete", "Reconcile", "Api")
BY_EVENT = ("Submit", "Complete", "Reconcile")
CRATES = Path(__file__).parents[2] / "crates"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_gets_the_variables_that_its_documentation_lists(template: Template, name: str) -> None:
    config = (CRATES / name.lower() / "src" / "config.rs").read_text()
    documented = set(re.findall(r"^/// \| `([A-Z_]+)` \|", config, re.MULTILINE))
    assert documented
    assert set(template.properties(f"{name}Function")["Environment"]["Variables"]) == documented


def test_a_bucket_has_the_name_that_the_functions_are_told(template: Template) -> None:
    variables = template.properties("SubmitFunction")["Environment"]["Variables"]
    assert variables["SOURCE_BUCKET"] == template.properties("SourceBucket")["BucketName"]
    assert variables["CONVERTED_BUCKET"] == template.properties("ConvertedBucket")["BucketName"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_runs_natively_and_within_limits(template: Template, name: str) -> None:
    function = template.properties(f"{name}Function")
    assert function["Runtime"] == "provided.al2023"
    assert function["Architectures"] == ["x86_64"]
    assert function["Timeout"] <= 120
    assert function["MemorySize"] <= 256
    assert "ReservedConcurrentExecutions" not in function


@pytest.fixture(scope="module")
def limits() -> dict[str, int]:
    """The time limits that the functions keep, seconds."""
    return json.loads(subprocess.run([EXAMPLES / "limits"], check=True, stdout=subprocess.PIPE).stdout)


def test_calls_of_services_end_before_lambda_ends_the_function(template: Template, limits: dict[str, int]) -> None:
    call, mediaconvert, last_words = limits["call"], limits["mediaConvertCall"], limits["lastWords"]
    # What each function calls one after the other, where the last of its calls is the one that hangs.
    needed = {
        "Submit": mediaconvert + call + mediaconvert,  # Probe beside the record, the claim, CreateJob
        "Complete": 2 * call,  # the record, and the write
        "Reconcile": mediaconvert + 2 * call,  # of one video
        "Api": 2 * call,
    }
    for name, seconds in needed.items():
        assert seconds + last_words <= template.properties(f"{name}Function")["Timeout"], name
    round_end = limits["roundReserve"] + last_words + mediaconvert
    assert round_end < template.properties("ReconcileFunction")["Timeout"]


def test_a_tombstone_outlives_every_invocation_and_a_round_knows_how_long_a_claim_may_last(
    template: Template, limits: dict[str, int]
) -> None:
    longest = max(template.properties(f"{name}Function")["Timeout"] for name in FUNCTIONS)
    a_minute_for_the_clocks = 60
    assert limits["tombstoneKept"] >= longest + a_minute_for_the_clocks
    assert limits["claim"] == template.properties("SubmitFunction")["Timeout"]


def test_reserved_concurrency_is_a_choice() -> None:
    template = Template({"SubmitReservedConcurrency": "5", "CompleteReservedConcurrency": "7"})
    assert template.properties("SubmitFunction")["ReservedConcurrentExecutions"] == "5"
    assert template.properties("CompleteFunction")["ReservedConcurrentExecutions"] == "7"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_logs_are_json_and_expire(template: Template, name: str) -> None:
    function = template.properties(f"{name}Function")
    assert function["LoggingConfig"] == {
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "LogGroup": f"{name}Logs",
    }
    group = template.properties(f"{name}Logs")
    assert group["LogGroupName"] == f"/aws/lambda/{function['FunctionName']}"
    assert group["RetentionInDays"] == 30


def test_reconcile_starts_every_few_minutes(template: Template) -> None:
    schedule = template.properties("ReconcileSchedule")
    assert schedule["ScheduleExpression"] == "rate(5 minutes)"
    assert schedule["Target"]["Arn"] == "ReconcileFunction.Arn"
    assert template.statements("ScheduleRole")[0]["Resource"] == "ReconcileFunction.Arn"


def test_every_new_object_starts_submit(template: Template) -> None:
    (trigger,) = template.properties("SourceBucket")["NotificationConfiguration"]["LambdaConfigurations"]
    assert trigger == {"Event": "s3:ObjectCreated:*", "Function": "SubmitFunction.Arn"}  # no filter
    assert "SubmitPermission" in template.resources["SourceBucket"]["DependsOn"]


def test_every_status_of_our_jobs_starts_complete(template: Template) -> None:
    (rule,) = template.of_type("AWS::Events::Rule").values()
    assert rule["EventPattern"] == {
        "source": ["aws.mediaconvert"],
        "detail-type": ["MediaConvert Job State Change"],
        "detail": {
            "queue": ["arn:aws:mediaconvert:eu-central-1:123456789012:queues/Default"],
            "userMetadata": {"id": [{"exists": True}], "revision": [{"exists": True}]},
        },
    }
    (target,) = rule["Targets"]
    assert target["Arn"] == "CompleteFunction.Arn"


@pytest.mark.parametrize("name", BY_EVENT)
def test_an_event_that_a_function_gave_up_on_is_kept(template: Template, name: str) -> None:
    (configuration,) = [
        found
        for found in template.of_type("AWS::Lambda::EventInvokeConfig").values()
        if found["FunctionName"] == f"{name}Function"
    ]
    # The next round is the retry of reconcile.
    assert configuration["MaximumRetryAttempts"] == (0 if name == "Reconcile" else 2)
    assert configuration["DestinationConfig"] == {"OnFailure": {"Destination": f"{name}Failures.Arn"}}


def test_an_event_that_was_never_delivered_is_kept(template: Template) -> None:
    (rule,) = template.of_type("AWS::Events::Rule").values()
    (target,) = rule["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": "UndeliveredEvents.Arn"}
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}
    (statement,) = template.statements("UndeliveredEventsPolicy")
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": "CompleteFunctionJobStateChange.Arn"}}


def test_a_failure_is_kept_for_a_fortnight_and_raises_an_alarm(template: Template) -> None:
    queues = template.of_type("AWS::SQS::Queue")
    assert set(queues) == {"SubmitFailures", "CompleteFailures", "ReconcileFailures", "UndeliveredEvents"}
    for queue in queues.values():
        assert queue == {"MessageRetentionPeriod": 14 * 24 * 60 * 60, "SqsManagedSseEnabled": True}
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    watched = {alarm["Dimensions"][0]["Value"] for alarm in alarms if alarm["Namespace"] == "AWS/SQS"}
    assert watched == {f"{name}.QueueName" for name in queues}


def test_alarms_tell_nobody_unless_somebody_is_named(template: Template) -> None:
    assert not template.of_type("AWS::SNS::Topic")
    for alarm in template.of_type("AWS::CloudWatch::Alarm").values():
        assert (alarm["AlarmActions"], alarm["OKActions"]) == ([], [])


def test_every_alarm_tells_who_is_named_and_tells_when_it_is_over() -> None:
    topic = "arn:aws:sns:eu-central-1:123456789012:on-call"
    told = Template({"AlarmEmail": "anna@example.com", "AlarmTopicArn": topic})
    (subscription,) = told.of_type("AWS::SNS::Subscription").values()
    assert subscription == {"TopicArn": "AlarmTopic", "Protocol": "email", "Endpoint": "anna@example.com"}
    alarms = told.of_type("AWS::CloudWatch::Alarm").values()
    assert alarms
    for alarm in alarms:
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["AlarmTopic", topic]


def test_the_outputs_name_what_a_user_needs(template: Template) -> None:
    assert set(template.outputs) == {
        "SourceBucketName",
        "ConvertedBucketName",
        "ConfigurationBucketName",
        "VideosTableName",
        "MediaBaseUrl",
        "DistributionDomain",
        "DistributionId",
        "SiteUrl",
        "ApiUrl",
        "ApiFunctionName",
        "UserPoolId",
        "UserPoolClientId",
        "SubmitFunctionName",
        "CompleteFunctionName",
        "ReconcileFunctionName",
        "MediaConvertRoleArn",
        "MediaConvertQueueArn",
        "SubmitFailuresUrl",
        "CompleteFailuresUrl",
        "ReconcileFailuresUrl",
        "UndeliveredEventsUrl",
    }
