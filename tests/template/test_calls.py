"""The calls that the functions' programs can make, and whether their policies allow these and nothing else.

Which calls there are is read from the programs, what a policy means from AWS's list of actions, not from the template.
What a call is made on is written down here, by hand: an operation that is new in a program has to be added.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from iam import Statement, allows, as_list, covers, exists, mistakes
from programs import FUNCTIONS, operations
from translated import PSEUDO_PARAMETERS, Template

REGION, ACCOUNT = PSEUDO_PARAMETERS["AWS::Region"], PSEUDO_PARAMETERS["AWS::AccountId"]
PLACE = f"{REGION}:{ACCOUNT}"
VIDEO, REVISION = "6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77", "759f1595e0ce528b"

SOURCES = f"arn:aws:s3:::vod-source-{ACCOUNT}-{REGION}"
OUTPUTS = f"arn:aws:s3:::vod-converted-{ACCOUNT}-{REGION}"
CONFIGURATION = f"arn:aws:s3:::vod-config-{ACCOUNT}-{REGION}"
UPLOAD = f"{SOURCES}/videos/{VIDEO}/source.mp4"
DROP_IN = f"{SOURCES}/films/café.mp4"
CAPTIONS = f"{SOURCES}/videos/{VIDEO}/captions/de/1.vtt"
FOLDER = f"{OUTPUTS}/{VIDEO}/{REVISION}"
MANIFESTS = (f"{FOLDER}/video.m3u8", f"{FOLDER}/video.mpd")
EDITIONS = tuple(f"{FOLDER}/captions-1{name}" for name in (".m3u8", ".mpd", "/de.m3u8"))
TABLE = f"arn:aws:dynamodb:{PLACE}:table/vod-videos"
MEDIACONVERT = f"arn:aws:mediaconvert:{PLACE}"
QUEUE, JOB = f"{MEDIACONVERT}:queues/Default", f"{MEDIACONVERT}:jobs/1768471204000-job001"
JOB_ROLE = f"arn:aws:iam::{ACCOUNT}:role/MediaConvertRole"

Needs = dict[str, dict[str, tuple[str, ...]]]
"""The actions, each with resources, that a caller is asked for at an operation."""

RECORDS: Needs = {
    "dynamodb:GetItem": {"dynamodb:GetItem": (TABLE,)},
    "dynamodb:UpdateItem": {"dynamodb:UpdateItem": (TABLE,)},
}
JOBS: Needs = {
    "mediaconvert:CancelJob": {"mediaconvert:CancelJob": (JOB,)},
    "mediaconvert:GetJob": {"mediaconvert:GetJob": (JOB,)},
    "mediaconvert:ListJobs": {"mediaconvert:ListJobs": (QUEUE,)},
    "mediaconvert:SearchJobs": {"mediaconvert:SearchJobs": (QUEUE,)},
}


def invoked(*functions: str) -> tuple[str, ...]:
    return tuple(f"arn:aws:lambda:{PLACE}:function:vod-{name}" for name in functions)


NEEDS: dict[str, Needs] = {
    "Submit": RECORDS
    | JOBS
    | {
        "mediaconvert:CreateJob": {
            # Presets are what a job template of somebody's own may name in its outputs.
            "mediaconvert:CreateJob": (QUEUE, f"{MEDIACONVERT}:presets/house"),
            "iam:PassRole": (JOB_ROLE,),
        },
        "mediaconvert:GetJobTemplate": {"mediaconvert:GetJobTemplate": (f"{MEDIACONVERT}:jobTemplates/house",)},
        # The service reads the source with the caller's rights.
        "mediaconvert:Probe": {"mediaconvert:Probe": ("*",), "s3:GetObject": (UPLOAD, DROP_IN)},
        "s3:GetObject": {
            "s3:GetObject": (DROP_IN, f"{CONFIGURATION}/profiles/house.json", f"{CONFIGURATION}/prices.json"),
            "s3:GetObjectVersion": (UPLOAD, DROP_IN),
            # Without it, what is missing is forbidden (403) and not gone (404).
            "s3:ListBucket": (SOURCES, CONFIGURATION),
        },
        "s3:GetObjectTagging": {"s3:GetObjectTagging": (DROP_IN,), "s3:GetObjectVersionTagging": (DROP_IN,)},
        "s3:HeadObject": {
            "s3:GetObject": (UPLOAD, DROP_IN),
            "s3:GetObjectVersion": (UPLOAD, DROP_IN),
            "s3:ListBucket": (SOURCES,),
        },
        "s3:ListObjectsV2": {"s3:ListBucket": (SOURCES,)},
    },
    "Complete": RECORDS
    | {
        "s3:GetObject": {"s3:GetObject": (CAPTIONS, *MANIFESTS), "s3:ListBucket": (SOURCES, OUTPUTS)},
        "s3:PutObject": {"s3:PutObject": EDITIONS},
    },
    "Reconcile": RECORDS
    | JOBS
    | {
        "dynamodb:DeleteItem": {"dynamodb:DeleteItem": (TABLE,)},
        "dynamodb:Query": {"dynamodb:Query": (f"{TABLE}/index/by-check",)},
        "lambda:Invoke": {"lambda:InvokeFunction": invoked("submit")},
        "s3:AbortMultipartUpload": {"s3:AbortMultipartUpload": (UPLOAD,)},
        # With If-Match it is a read as well.
        "s3:DeleteObject": {"s3:DeleteObject": (DROP_IN,), "s3:GetObject": (DROP_IN,)},
        "s3:DeleteObjects": {
            "s3:DeleteObject": (f"{FOLDER}/video.m3u8",),
            "s3:DeleteObjectVersion": (UPLOAD, DROP_IN, CAPTIONS),
        },
        "s3:GetObject": {"s3:GetObject": (CAPTIONS, *MANIFESTS), "s3:ListBucket": (SOURCES, OUTPUTS)},
        "s3:HeadObject": {
            "s3:GetObject": (CAPTIONS, DROP_IN, *MANIFESTS, f"{FOLDER}/video_1080p.mp4"),
            "s3:GetObjectVersion": (UPLOAD, DROP_IN),
            "s3:ListBucket": (SOURCES, OUTPUTS),
        },
        "s3:ListObjectVersions": {"s3:ListBucketVersions": (SOURCES,)},
        "s3:ListObjectsV2": {"s3:ListBucket": (OUTPUTS,)},
        "s3:PutObject": {"s3:PutObject": EDITIONS},
    },
    "Api": RECORDS
    | {
        "cognito-idp:InitiateAuth": {},  # Nobody signs these two, so nobody is asked.
        "cognito-idp:RespondToAuthChallenge": {},
        "dynamodb:BatchGetItem": {"dynamodb:BatchGetItem": (TABLE,)},
        "dynamodb:Query": {"dynamodb:Query": (f"{TABLE}/index/by-owner", f"{TABLE}/index/by-creation")},
        "lambda:Invoke": {"lambda:InvokeFunction": invoked("submit", "reconcile")},
        "s3:AbortMultipartUpload": {"s3:AbortMultipartUpload": (UPLOAD,)},
        "s3:CompleteMultipartUpload": {"s3:PutObject": (UPLOAD,)},
        "s3:CreateMultipartUpload": {"s3:PutObject": (UPLOAD,)},
        "s3:GetObject": {
            "s3:GetObject": (f"{FOLDER}/video_thumb.0000001.jpg", CAPTIONS, *MANIFESTS),
            "s3:ListBucket": (SOURCES, OUTPUTS),
        },
        "s3:HeadObject": {"s3:GetObject": (UPLOAD,), "s3:ListBucket": (SOURCES,)},
        "s3:ListObjectVersions": {"s3:ListBucketVersions": (SOURCES,)},
        "s3:ListParts": {"s3:ListMultipartUploadParts": (UPLOAD,)},
        "s3:PutObject": {"s3:PutObject": (CAPTIONS, *EDITIONS)},
    },
}

WITHOUT_THE_SDK: dict[str, Needs] = {
    # The addresses of parts are signed, not sent; whoever uses one has the function's rights.
    "Api": {"s3:UploadPart": {"s3:PutObject": (UPLOAD,)}},
    "Schedule": {"lambda:Invoke": {"lambda:InvokeFunction": invoked("reconcile")}},
    # https://docs.aws.amazon.com/mediaconvert/latest/ug/creating-the-iam-role-in-mediaconvert-configured.html
    "MediaConvert": {
        "s3:GetObject": {
            "s3:GetObject": (UPLOAD, DROP_IN, f"{CONFIGURATION}/watermarks/logo.png"),
            "s3:ListBucket": (SOURCES, CONFIGURATION),
        },
        "s3:PutObject": {"s3:PutObject": (f"{FOLDER}/video_1080p.cmfv",)},
    },
}
"""What others do in a function's name, or with a role."""

ONLY_FOR_S3_EXPRESS = {"s3:CreateSession"}
"""Linked into every client of S3; sent for buckets of S3 Express alone, whose names say so."""

SAME_NAME = "an action of the operation's own name"
ASKED_FOR = {
    "lambda:Invoke": {"lambda:InvokeFunction"},
    "mediaconvert:CreateJob": {SAME_NAME, "iam:PassRole"},
    "mediaconvert:Probe": {SAME_NAME, "s3:GetObject"},
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    "s3:CompleteMultipartUpload": {"s3:PutObject"},
    "s3:CreateMultipartUpload": {"s3:PutObject"},
    "s3:DeleteObject": {SAME_NAME, "s3:GetObject"},
    "s3:DeleteObjects": {"s3:DeleteObject", "s3:DeleteObjectVersion"},
    "s3:GetObject": {SAME_NAME, "s3:GetObjectVersion", "s3:ListBucket"},
    "s3:GetObjectTagging": {SAME_NAME, "s3:GetObjectVersionTagging"},
    "s3:HeadObject": {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"},
    "s3:ListObjectVersions": {"s3:ListBucketVersions"},
    "s3:ListObjectsV2": {"s3:ListBucket"},
    "s3:ListParts": {"s3:ListMultipartUploadParts"},
    "s3:UploadPart": {"s3:PutObject"},
}
"""Operations whose authorisation has another name, or is of several."""


def needs(role: str) -> Iterator[tuple[str, str, str]]:
    """Operation, action and resource, of all that a role is used for."""
    found = [NEEDS.get(role, {}), WITHOUT_THE_SDK.get(role, {})]
    if role in NEEDS:
        found.append(_runtime(role))
    for by_operation in found:
        for operation, actions in by_operation.items():
            for action, resources in actions.items():
                yield from ((operation, action, resource) for resource in resources)


def _runtime(function: str) -> Needs:
    """What Lambda itself does with a function's role: log, and keep what failed."""
    group = f"arn:aws:logs:{PLACE}:log-group:/aws/lambda/vod-{function.lower()}"
    stream = f"{group}:log-stream:2026/01/15/[$LATEST]0a1b"
    made: Needs = {
        "logs:CreateLogStream": {"logs:CreateLogStream": (stream,)},
        "logs:PutLogEvents": {"logs:PutLogEvents": (stream,)},
    }
    if function != "Api":  # it is invoked by API Gateway, which waits for the answer
        made["sqs:SendMessage"] = {"sqs:SendMessage": (f"arn:aws:sqs:{PLACE}:{function}Failures",)}
    return made


@cache
def _arns(template: Template) -> dict[str, str]:
    """ARNs of the resources, under the text that a reference resolves to."""
    found = {}
    for name, resource in template.resources.items():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::S3::Bucket":
                found[name] = f"arn:aws:s3:::{properties['BucketName']}"
            case "AWS::DynamoDB::Table":
                found[name] = f"arn:aws:dynamodb:{PLACE}:table/{properties['TableName']}"
            case "AWS::Lambda::Function":
                found[name] = f"arn:aws:lambda:{PLACE}:function:{properties['FunctionName']}"
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
            case "AWS::Logs::LogGroup":
                found[name] = f"arn:aws:logs:{PLACE}:log-group:{properties['LogGroupName']}:*"
            case "AWS::SQS::Queue":
                found[name] = f"arn:aws:sqs:{PLACE}:{name}"
            case "AWS::IAM::Role":
                found[name] = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return found


def _as_deployed(template: Template, resource: str) -> str:
    arns = _arns(template)
    whole = re.fullmatch(r"(\w+)\.Arn", resource)
    return arns[whole[1]] if whole else re.sub(r"\$\{(\w+)\.Arn\}", lambda found: arns[found[1]], resource)


def statements(template: Template, name: str) -> list[Statement]:
    """The statements of a role or of a resource's policy, with ARNs."""
    return [
        {**found, "Resource": [_as_deployed(template, resource) for resource in as_list(found["Resource"])]}
        for found in template.statements(name)
    ]


def _calls() -> Iterator[Any]:
    for role in sorted({*NEEDS, *WITHOUT_THE_SDK}):
        for operation, action, resource in needs(role):
            yield role, operation, action, resource


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_calls_that_a_program_can_make_are_written_down(function: str) -> None:
    assert operations(function) - ONLY_FOR_S3_EXPRESS == set(NEEDS[function])


@pytest.mark.parametrize(("role", "operation", "action", "resource"), list(_calls()))
def test_a_call_is_granted(template: Template, role: str, operation: str, action: str, resource: str) -> None:
    assert allows(statements(template, f"{role}Role"), action, resource)


def test_a_grant_is_needed_by_a_call(template: Template) -> None:
    roles = {name.removesuffix("Role") for name in template.of_type("AWS::IAM::Role")}
    assert roles == {*NEEDS, *WITHOUT_THE_SDK}
    unused = [
        f"{role}: {action} on {resource}"
        for role in sorted(roles)
        for statement in statements(template, f"{role}Role")
        for action in as_list(statement["Action"])
        for resource in statement["Resource"]
        if not any(covers(action, asked) and covers(resource, arn) for _, asked, arn in needs(role))
    ]
    assert unused == []


def test_what_a_call_is_asked_for_is_what_aws_says_of_it() -> None:
    for role in {*NEEDS, *WITHOUT_THE_SDK}:
        for operation, action, _ in needs(role):
            known = {operation if name == SAME_NAME else name for name in ASKED_FOR.get(operation, {SAME_NAME})}
            assert action in known, f"{role}: {operation}"
            assert exists(action), action


@pytest.mark.parametrize("parameters", [{}, {"RequireTls": "false"}])
def test_every_statement_has_an_effect_on_aws(parameters: dict[str, str]) -> None:
    template = Template(parameters)
    kinds = ("AWS::IAM::Role", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy")
    names = [name for name, found in template.resources.items() if found["Type"] in kinds]
    assert len(names) >= 8
    found = [
        f"{name}: {mistake}"
        for name in names
        for statement in statements(template, name)
        for mistake in mistakes(statement)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("action", "resource", "condition", "mistake"),
    [
        ("s3:HeadObject", f"{SOURCES}/*", None, "is no action"),
        ("s3:ListObjectVersions", SOURCES, None, "is no action"),
        ("movies:Play", "*", None, "is no action"),
        ("s3:ListBucket", f"{SOURCES}/*", None, "can't be granted on"),
        ("s3:GetObject", SOURCES, None, "can't be granted on"),
        ("dynamodb:GetItem", f"{TABLE}/index/by-owner", None, "can't be granted on"),
        ("mediaconvert:Probe", QUEUE, None, "can't be granted on"),
        ("mediaconvert:CancelJob", QUEUE, None, "can't be granted on"),
        ("logs:PutLogEvents", f"arn:aws:logs:{PLACE}:log-group:/aws/lambda/vod-api", None, "can't be granted on"),
        ("sqs:SendMessage", "*", "iam:PassedToService", "knows no condition"),
        ("iam:PassRole", JOB_ROLE, "mediaconvert:S3InputsAllowed", "knows no condition"),
        ("s3:Get*", f"{SOURCES}/*", None, None),
        ("iam:PassRole", JOB_ROLE, "iam:PassedToService", None),
        ("dynamodb:Query", f"{TABLE}/index/*", "aws:SourceArn", None),
    ],
)
def test_a_mistake_is_found(action: str, resource: str, condition: str | None, mistake: str | None) -> None:
    statement: Statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = {"StringEquals": {condition: "x"}}
    found = list(mistakes(statement))
    assert len(found) == (1 if mistake else 0), found
    assert not mistake or mistake in found[0]


def test_a_denial_outweighs() -> None:
    allowed = {"Effect": "Allow", "Action": "s3:Get*", "Resource": f"{SOURCES}/videos/*"}
    denied = {"Effect": "Deny", "Action": "s3:*", "Resource": f"{SOURCES}/*"}
    assert allows([allowed], "s3:GetObject", UPLOAD)
    assert not allows([allowed], "s3:PutObject", UPLOAD)
    assert not allows([allowed], "s3:GetObject", DROP_IN)
    assert not allows([allowed, denied], "s3:GetObject", UPLOAD)
