"""What is said of an account before a deploy."""

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local.deployed import Deployed
from local.errors import LocalError
from local.preflight import BAD, NOTE, OK, Verdict, check, name_problem, run

DOMAIN = "videos.example.com"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"
OWN_DOMAIN = {"DomainName": DOMAIN, "CertificateArn": CERTIFICATE}
DISTRIBUTION: dict[str, Any] = {
    **dict.fromkeys(("Id", "ARN", "Status", "DomainName", "Comment", "WebACLId"), "d"),
    **{"LastModifiedTime": datetime(2026, 1, 1, tzinfo=UTC), "Enabled": True, "Staging": False, "IsIPV6Enabled": True},
    **{
        "PriceClass": "PriceClass_100",
        "HttpVersion": "http2",
        "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "d"}]},
        "Aliases": {"Quantity": 0},
    },
    **{"DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"}},
    **{"CacheBehaviors": {"Quantity": 0}, "CustomErrorResponses": {"Quantity": 0}, "ViewerCertificate": {}},
    **{"Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}}},
}
LIST = {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": 0}
EMPTY: dict[str, Any] = {
    "describe_stacks": "ValidationError: Stack with id vod does not exist",
    "get_caller_identity": {"Account": "123456789012"},
    "head_bucket": "404",
    "describe_table": "ResourceNotFoundException",
    "list_user_pools": {"UserPools": []},
    "describe_log_groups": {"logGroups": []},
    "get_queue": {"Queue": {"Name": "Default", "Status": "ACTIVE", "ConcurrentJobs": 20}},
    "get_service_quota": {"Quota": {"QuotaName": "Concurrent jobs", "Value": 20.0}},
    "get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}},
    "list_distributions": {"DistributionList": {**LIST, "Items": [DISTRIBUTION]}},
    "describe_certificate": {"Certificate": {"DomainName": "*.example.com", "Status": "ISSUED"}},
    "get_topic_attributes": {"Attributes": {}},
}
"""What an account answers that has room for the stack; a text is an error's code, with its message."""

SERVICES = {
    "cloudformation": ["describe_stacks"],
    "sts": ["get_caller_identity"],
    "s3": ["head_bucket"],
    "dynamodb": ["describe_table"],
    "cognito-idp": ["list_user_pools"],
    "logs": ["describe_log_groups"],
    "mediaconvert": ["get_queue", "list_queues"],
    "service-quotas": ["get_service_quota"],
    "lambda": ["get_account_settings"],
    "cloudfront": ["list_distributions"],
    "acm": ["describe_certificate"],
    "sns": ["get_topic_attributes"],
}
"""Each call that a preflight makes: none but these is answered."""


class Account:
    """An account that gives these answers, checked against the services' own models."""

    _stubs: dict[str, Stubber] = {}

    def __init__(self, region: str = "eu-central-1", **answers: Any) -> None:
        self._region = region
        self._answers = {**EMPTY, **answers}

    def client(self, service: str, region_name: str | None = None) -> Any:
        client = self._client(service, region_name or self._region)
        if service in self._stubs:
            self._stubs.pop(service).deactivate()
        stub = self._stubs[service] = Stubber(client)
        calls = [call for call in SERVICES[service] if call in self._answers]
        for call in calls if len(calls) > 1 else calls * 3:
            self._answer(stub, call, self._answers[call])
        stub.activate()
        return client

    @staticmethod
    @cache
    def _client(service: str, region: str) -> Any:
        return boto3.client(service, region_name=region, aws_access_key_id="a", aws_secret_access_key="b")

    @staticmethod
    def _answer(stub: Stubber, call: str, answer: Any) -> None:
        if isinstance(answer, str):
            code, _, message = answer.partition(": ")
            stub.add_client_error(call, code, message)
        else:
            stub.add_response(call, answer)


def verdicts(asked: dict[str, str] | None = None, name: str = "vod", **answers: Any) -> list[Verdict]:
    return list(check(Deployed(name, Account(**answers).client), asked or {}))


def found(subject: str, verdicts: list[Verdict]) -> Verdict:
    (verdict,) = [verdict for verdict in verdicts if verdict.subject == subject and verdict.kind != OK]
    return verdict


def test_an_account_with_room_is_told_so_and_what_it_costs(capsys: pytest.CaptureFixture[str]) -> None:
    run(Deployed("vod", Account().client), {"AlarmEmail": "anna@example.com", **OWN_DOMAIN})
    said = capsys.readouterr().out.splitlines()
    assert "costs nothing" in said[0]
    assert said[-1] == "vod can be deployed."
    assert not [line for line in said if line.startswith(BAD)]


def test_each_verdict_is_one_line() -> None:
    for verdict in verdicts():
        assert "\n" not in str(verdict)


@pytest.mark.parametrize("name", ["vod", "video-on-demand-of-example", "v1"])
def test_a_name_that_fits_into_those_of_buckets_is_accepted(name: str) -> None:
    assert (name_problem(name) is None) == (len(name) <= 25)


@pytest.mark.parametrize("name", ["Vod", "1vod", "my_vod", "a" * 26, "xn--vod", "vod.example"])
def test_a_name_that_no_bucket_could_have_ends_the_preflight_before_any_call(name: str) -> None:
    def no_client(service: str, region_name: str | None = None) -> None:
        raise AssertionError(service)

    (first, *rest) = list(check(Deployed(name, no_client), {}))
    assert (first.kind, first.subject) == (BAD, "stack name")
    assert [verdict.subject for verdict in rest] == ["parameters"]


def test_a_wrong_parameter_is_bad() -> None:
    assert "JwtAudience" in found("parameters", verdicts({"JwtIssuer": "https://id.example"})).text


@pytest.mark.parametrize(
    ("subject", "answers", "kind", "said"),
    [
        ("stack", {"describe_stacks": "ROLLBACK_COMPLETE"}, BAD, "delete-stack --stack-name vod"),
        ("stack", {"describe_stacks": "UPDATE_IN_PROGRESS"}, BAD, "wait"),
        ("stack", {"describe_stacks": "UPDATE_ROLLBACK_FAILED"}, BAD, "continue-update-rollback"),
        ("names", {"head_bucket": {}}, BAD, "make adopt STACK=vod"),
        ("names", {"list_user_pools": {"UserPools": [{"Id": "p", "Name": "vod"}]}}, NOTE, "make adopt STACK=vod"),
        ("names", {"describe_table": {}}, BAD, "VideosTable"),
        ("stack", {"head_bucket": "403"}, BAD, "another account's"),
        (
            "names",
            {"describe_log_groups": {"logGroups": [{"logGroupName": "/aws/lambda/vod-api"}]}},
            BAD,
            "delete-log-group",
        ),
        (
            "queue",
            {"get_queue": "NotFoundException: none", "list_queues": {"Queues": [{"Name": "Default"}]}},
            BAD,
            "but Default",
        ),
        (
            "queue",
            {"get_queue": {"Queue": {"Name": "Default", "Status": "PAUSED"}}},
            NOTE,
            "update-queue",
        ),
        (
            "Lambda concurrency",
            {"get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 10}}},
            NOTE,
            "L-B99A9384",
        ),
        ("CloudFront", {"list_distributions": {"DistributionList": LIST}}, NOTE, "must be verified"),
        ("region", {"region": "eu-south-1"}, BAD, "mediaconvert"),
        ("MediaConvert quota", {"get_service_quota": "AccessDeniedException: no"}, NOTE, "can't be looked at"),
        ("alarms", {}, NOTE, "AlarmEmail"),
    ],
)
def test_what_is_in_the_way_is_told_with_a_next_step(
    subject: str, answers: dict[str, Any], kind: str, said: str
) -> None:
    status = answers.get("describe_stacks")
    if status:
        stack = {"StackName": "vod", "CreationTime": datetime(2026, 1, 1, tzinfo=UTC), "StackStatus": status}
        answers = {**answers, "describe_stacks": {"Stacks": [stack]}}
    verdict = found(subject, [item for item in verdicts(**answers) if item.kind == kind or item.subject != subject])
    assert verdict.kind == kind
    assert said in str(verdict)


def test_more_cannot_be_reserved_than_lambda_has_to_spare() -> None:
    limit = {"AccountLimit": {"ConcurrentExecutions": 120, "UnreservedConcurrentExecutions": 120}}
    fits = verdicts({"SubmitReservedConcurrency": "20"}, get_account_settings=limit)
    assert not [verdict for verdict in fits if verdict.kind == BAD]
    asked = {"SubmitReservedConcurrency": "20", "CompleteReservedConcurrency": "1"}
    assert found("Lambda concurrency", verdicts(asked, get_account_settings=limit)).kind == BAD


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        ("ResourceNotFoundException: none", "There is no arn"),
        ({"Certificate": {"DomainName": DOMAIN, "Status": "PENDING_VALIDATION"}}, "PENDING_VALIDATION"),
        ({"Certificate": {"DomainName": "*.videos.example.com", "Status": "ISSUED"}}, "not for videos.example.com"),
        (
            {"Certificate": {"DomainName": DOMAIN, "Status": "ISSUED", "NotAfter": datetime(2020, 1, 1, tzinfo=UTC)}},
            "ended",
        ),
    ],
)
def test_a_certificate_that_would_not_do_is_found_before_the_deploy(certificate: Any, said: str) -> None:
    verdict = found("certificate", verdicts(OWN_DOMAIN, describe_certificate=certificate))
    assert verdict.kind == BAD
    assert said in verdict.text


def test_a_domain_that_another_distribution_has_is_found_before_the_deploy() -> None:
    other = {**DISTRIBUTION, "Aliases": {"Quantity": 1, "Items": [DOMAIN]}}
    answer = {"DistributionList": {**LIST, "Items": [other]}}
    assert found("CloudFront", verdicts(OWN_DOMAIN, list_distributions=answer)).kind == BAD


def test_a_topic_that_is_not_there_or_elsewhere_hears_nothing() -> None:
    topic = {"AlarmTopicArn": "arn:aws:sns:eu-central-1:123456789012:on-call"}
    assert found("alarms", verdicts(topic, get_topic_attributes="NotFound: none")).kind == BAD
    elsewhere = {"AlarmTopicArn": topic["AlarmTopicArn"].replace("eu-central-1", "us-east-1")}
    assert "their own region" in found("alarms", verdicts(elsewhere)).next_step


@pytest.fixture
def issuer() -> Iterator[http.server.ThreadingHTTPServer]:
    """A provider that says what `told` says of it."""

    class Provider(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(self.server.told).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_provider_has_to_answer_under_the_name_that_is_given(issuer: http.server.ThreadingHTTPServer) -> None:
    url = f"http://127.0.0.1:{issuer.server_port}"
    asked = {"JwtIssuer": url, "JwtAudience": "vod"}
    issuer.told = {"issuer": url, "jwks_uri": f"{url}/keys"}
    assert not [verdict for verdict in verdicts(asked) if verdict.kind == BAD]
    issuer.told = {"issuer": f"{url}/", "jwks_uri": f"{url}/keys"}
    assert found("sign-in", verdicts(asked)).kind == BAD
    issuer.told = {"issuer": url}
    assert found("sign-in", verdicts(asked)).kind == BAD
    issuer.told = []
    nobody = {"JwtIssuer": "http://127.0.0.1:9", "JwtAudience": "vod"}
    assert found("sign-in", verdicts(nobody)).kind == BAD


def test_without_credentials_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(LocalError, match="AWS can't be asked"):
        list(check(Deployed("vod", boto3.Session().client), {}))
