"""Each function may do what it does, and nothing else: an action that creeps in has to be written down here too."""

from translated import Template

SOURCE_BUCKET = "vod-source-123456789012-eu-central-1"
CONVERTED_BUCKET = "vod-converted-123456789012-eu-central-1"
QUEUE = "arn:aws:mediaconvert:eu-central-1:123456789012:queues/Default"
PRESETS = "arn:aws:mediaconvert:eu-central-1:123456789012:presets/*"
JOBS = "arn:aws:mediaconvert:eu-central-1:123456789012:jobs/*"

ALLOWED = {
    "SubmitRole": {
        ("logs:CreateLogStream", "SubmitLogs.Arn"),
        ("logs:PutLogEvents", "SubmitLogs.Arn"),
        ("dynamodb:GetItem", "VideosTable.Arn"),
        ("dynamodb:UpdateItem", "VideosTable.Arn"),
        ("s3:GetObject", f"arn:aws:s3:::{SOURCE_BUCKET}/*"),
        ("s3:GetObjectVersion", f"arn:aws:s3:::{SOURCE_BUCKET}/*"),
        ("s3:GetObjectTagging", f"arn:aws:s3:::{SOURCE_BUCKET}/*"),
        ("s3:GetObjectVersionTagging", f"arn:aws:s3:::{SOURCE_BUCKET}/*"),
        ("s3:ListBucket", f"arn:aws:s3:::{SOURCE_BUCKET}"),
        ("s3:ListBucket", "ConfigurationBucket.Arn"),
        ("s3:GetObject", "${ConfigurationBucket.Arn}/*"),
        ("mediaconvert:GetJobTemplate", "arn:aws:mediaconvert:eu-central-1:123456789012:jobTemplates/*"),
        ("mediaconvert:CreateJob", QUEUE),
        ("mediaconvert:CreateJob", PRESETS),
        ("mediaconvert:ListJobs", QUEUE),
        ("mediaconvert:SearchJobs", QUEUE),
        ("mediaconvert:CancelJob", JOBS),
        ("mediaconvert:GetJob", JOBS),
        ("mediaconvert:Probe", "*"),
        ("iam:PassRole", "MediaConvertRole.Arn"),
        ("sqs:SendMessage", "SubmitFailures.Arn"),
    },
    "CompleteRole": {
        ("logs:CreateLogStream", "CompleteLogs.Arn"),
        ("logs:PutLogEvents", "CompleteLogs.Arn"),
        ("dynamodb:GetItem", "VideosTable.Arn"),
        ("dynamodb:UpdateItem", "VideosTable.Arn"),
        ("sqs:SendMessage", "CompleteFailures.Arn"),
        ("s3:GetObject", "${SourceBucket.Arn}/videos/*/captions/*"),
        ("s3:GetObject", "${ConvertedBucket.Arn}/*/video.m3u8"),
        ("s3:GetObject", "${ConvertedBucket.Arn}/*/video.mpd"),
        ("s3:PutObject", "${ConvertedBucket.Arn}/*/captions-*"),
        ("s3:ListBucket", "SourceBucket.Arn"),
        ("s3:ListBucket", "ConvertedBucket.Arn"),
    },
    "ReconcileRole": {
        ("logs:CreateLogStream", "ReconcileLogs.Arn"),
        ("logs:PutLogEvents", "ReconcileLogs.Arn"),
        ("dynamodb:GetItem", "VideosTable.Arn"),
        ("dynamodb:UpdateItem", "VideosTable.Arn"),
        ("dynamodb:Query", "${VideosTable.Arn}/index/by-check"),
        ("dynamodb:DeleteItem", "VideosTable.Arn"),
        ("mediaconvert:CancelJob", JOBS),
        ("mediaconvert:GetJob", JOBS),
        ("mediaconvert:ListJobs", QUEUE),
        ("mediaconvert:SearchJobs", QUEUE),
        ("s3:AbortMultipartUpload", "${SourceBucket.Arn}/*"),
        ("s3:DeleteObject", "${SourceBucket.Arn}/*"),
        ("s3:DeleteObjectVersion", "${SourceBucket.Arn}/*"),
        ("s3:GetObject", "${SourceBucket.Arn}/*"),
        ("s3:GetObjectVersion", "${SourceBucket.Arn}/*"),
        ("s3:DeleteObject", "${ConvertedBucket.Arn}/*"),
        ("s3:ListBucketVersions", "SourceBucket.Arn"),
        ("s3:ListBucket", "SourceBucket.Arn"),
        ("s3:GetObject", "${ConvertedBucket.Arn}/*"),
        ("s3:ListBucket", "ConvertedBucket.Arn"),
        ("lambda:InvokeFunction", "SubmitFunction.Arn"),
        ("sqs:SendMessage", "ReconcileFailures.Arn"),
        ("s3:PutObject", "${ConvertedBucket.Arn}/*/captions-*"),
    },
    "ApiRole": {
        ("logs:CreateLogStream", "ApiLogs.Arn"),
        ("logs:PutLogEvents", "ApiLogs.Arn"),
        ("dynamodb:GetItem", "VideosTable.Arn"),
        ("dynamodb:BatchGetItem", "VideosTable.Arn"),
        ("dynamodb:UpdateItem", "VideosTable.Arn"),
        ("dynamodb:Query", "${VideosTable.Arn}/index/by-owner"),
        ("dynamodb:Query", "${VideosTable.Arn}/index/by-creation"),
        ("s3:PutObject", "${SourceBucket.Arn}/videos/*"),
        ("s3:AbortMultipartUpload", "${SourceBucket.Arn}/videos/*"),
        ("s3:ListMultipartUploadParts", "${SourceBucket.Arn}/videos/*"),
        ("s3:GetObject", "${SourceBucket.Arn}/videos/*"),
        ("s3:ListBucket", "SourceBucket.Arn"),
        ("s3:ListBucketVersions", "SourceBucket.Arn"),
        ("s3:GetObject", "${ConvertedBucket.Arn}/*/video_thumb.*.jpg"),
        ("s3:ListBucket", "ConvertedBucket.Arn"),
        ("lambda:InvokeFunction", "SubmitFunction.Arn"),
        ("lambda:InvokeFunction", "ReconcileFunction.Arn"),
        ("s3:GetObject", "${ConvertedBucket.Arn}/*/video.m3u8"),
        ("s3:GetObject", "${ConvertedBucket.Arn}/*/video.mpd"),
        ("s3:PutObject", "${ConvertedBucket.Arn}/*/captions-*"),
    },
    "ScheduleRole": {
        ("lambda:InvokeFunction", "ReconcileFunction.Arn"),
    },
    "MediaConvertRole": {
        ("s3:GetObject", f"arn:aws:s3:::{SOURCE_BUCKET}/*"),
        ("s3:GetObject", "${ConfigurationBucket.Arn}/watermarks/*"),
        ("s3:PutObject", f"arn:aws:s3:::{CONVERTED_BUCKET}/*"),
        ("s3:ListBucket", f"arn:aws:s3:::{SOURCE_BUCKET}"),
        ("s3:ListBucket", "ConfigurationBucket.Arn"),
    },
}


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_roles_allow_exactly_what_is_listed(template: Template) -> None:
    allowed = {
        name: {
            (action, resource)
            for statement in template.statements(name)
            for action in as_list(statement["Action"])
            for resource in as_list(statement["Resource"])
        }
        for name in template.of_type("AWS::IAM::Role")
    }
    assert allowed == ALLOWED


def test_who_may_read_objects_is_told_when_one_is_missing() -> None:
    for role, allowed in ALLOWED.items():
        read = {bucket(resource) for action, resource in allowed if action == "s3:GetObject"}
        listed = {bucket(resource) for action, resource in allowed if action == "s3:ListBucket"}
        assert read <= listed, role


def bucket(resource: str) -> str:
    """The bucket of an object's or a bucket's ARN, or of what stands for one."""
    return resource.split("/")[0].strip("${}")


def test_roles_have_no_managed_policies(template: Template) -> None:
    for name, role in template.of_type("AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role, name


def test_the_local_stack_enforces_the_same_permissions(template: Template, local_template: Template) -> None:
    for name in ALLOWED:
        assert local_template.statements(name) == template.statements(name)


def test_submit_may_pass_the_job_role_to_mediaconvert_only(template: Template) -> None:
    (statement,) = [found for found in template.statements("SubmitRole") if found["Action"] == "iam:PassRole"]
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "mediaconvert.amazonaws.com"}}


def test_only_lambda_takes_the_functions_roles(template: Template) -> None:
    for name in ("SubmitRole", "CompleteRole", "ReconcileRole", "ApiRole"):
        (statement,) = template.properties(name)["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_only_mediaconvert_takes_the_job_role_and_only_for_our_queue(template: Template) -> None:
    (statement,) = template.properties("MediaConvertRole")["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "mediaconvert.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEqualsIfExists": {"aws:SourceAccount": "123456789012"},
        "ArnEqualsIfExists": {"aws:SourceArn": QUEUE},
    }


def test_s3_may_invoke_submit_for_our_bucket_only(template: Template) -> None:
    permission = template.properties("SubmitPermission")
    assert permission["Principal"] == "s3.amazonaws.com"
    assert permission["SourceAccount"] == "123456789012"
    assert permission["SourceArn"] == f"arn:aws:s3:::{SOURCE_BUCKET}"


def test_every_other_event_comes_from_our_rule(template: Template) -> None:
    permissions = template.of_type("AWS::Lambda::Permission")
    del permissions["SubmitPermission"], permissions["ApiPermission"]
    (permission,) = permissions.values()
    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["SourceArn"] == "CompleteFunctionJobStateChange.Arn"
    assert permission["FunctionName"] == "CompleteFunction"


def test_only_our_http_api_may_invoke_the_api(template: Template) -> None:
    permission = template.properties("ApiPermission")
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"] == "arn:aws:execute-api:eu-central-1:123456789012:${HttpApi}/*"
