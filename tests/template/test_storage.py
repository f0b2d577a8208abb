"""Buckets, table and distribution: private, encrypted, kept, and readable in one way only."""

import fnmatch

import pytest
from translated import Template

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
BUCKETS = ("SourceBucket", "ConvertedBucket", "ConfigurationBucket")


def test_data_survives_deletion_and_replacement(template: Template) -> None:
    kept = {name for name, found in template.resources.items() if found.get("UpdateReplacePolicy") == "Retain"}
    assert kept == {*BUCKETS, "VideosTable", "UserPool"}
    for name in kept:
        # "Retain" alone would also keep what a first deploy that fails has made, and stop every later one by its name.
        assert template.resources[name]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_what_a_failed_first_deploy_made_is_not_in_the_way_of_the_next(template: Template) -> None:
    policies = {found.get("DeletionPolicy", "Delete") for found in template.resources.values()}
    assert policies == {"Delete", "RetainExceptOnCreate"}


def test_there_are_no_other_buckets_or_tables(template: Template) -> None:
    assert set(template.of_type("AWS::S3::Bucket")) == set(BUCKETS)
    assert set(template.of_type("AWS::DynamoDB::Table")) == {"VideosTable"}


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_private_and_encrypted(template: Template, name: str) -> None:
    bucket = template.properties(name)
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_refuses_plain_http(template: Template, name: str) -> None:
    (denied,) = [found for found in template.statements(f"{name}Policy") if found["Effect"] == "Deny"]
    assert denied["Principal"] == "*"
    assert denied["Action"] == "s3:*"
    assert denied["Resource"] == [f"{name}.Arn", f"${{{name}.Arn}}/*"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("name", BUCKETS)
def test_unfinished_uploads_are_removed(template: Template, name: str) -> None:
    rules = template.properties(name)["LifecycleConfiguration"]["Rules"]
    assert [
        rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
        for rule in rules
        if rule["Status"] == "Enabled" and "AbortIncompleteMultipartUpload" in rule
    ] == [7]


def test_nothing_but_our_distribution_is_let_into_a_bucket(template: Template) -> None:
    allowed = [
        statement
        for name in template.of_type("AWS::S3::BucketPolicy")
        for statement in template.statements(name)
        if statement["Effect"] == "Allow"
    ]
    assert allowed == [
        {
            "Sid": "AllowDistribution",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": "${ConvertedBucket.Arn}/*",
            "Condition": {
                "StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::123456789012:distribution/${Distribution}"}
            },
        }
    ]


def test_a_source_keeps_its_versions_for_a_while(template: Template) -> None:
    bucket = template.properties("SourceBucket")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (days,) = [
        rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
        for rule in bucket["LifecycleConfiguration"]["Rules"]
        if "NoncurrentVersionExpiration" in rule
    ]
    assert days == 30
    # A current source is never removed by itself.
    assert not any("ExpirationInDays" in rule for rule in bucket["LifecycleConfiguration"]["Rules"])


def test_sources_are_archived_only_on_request(template: Template) -> None:
    archived = Template({"ArchiveSourceDays": "90"})
    transitions = [
        rule["Transitions"]
        for rule in archived.properties("SourceBucket")["LifecycleConfiguration"]["Rules"]
        if "Transitions" in rule
    ]
    assert transitions == [[{"StorageClass": "GLACIER_IR", "TransitionInDays": "90"}]]
    rules = template.properties("SourceBucket")["LifecycleConfiguration"]["Rules"]
    assert not any("Transitions" in rule for rule in rules)


def test_a_page_can_upload_parts_and_read_their_etags(template: Template) -> None:
    (rule,) = template.properties("SourceBucket")["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedMethods"] == ["PUT"]
    assert rule["ExposedHeaders"] == ["ETag"]


def test_the_table_has_the_keys_of_the_design(template: Template) -> None:
    table = template.properties("VideosTable")
    assert _keys(table) == ["id"]
    assert {index["IndexName"]: _keys(index) for index in table["GlobalSecondaryIndexes"]} == {
        "by-owner": ["owner", "createdAt"],
        "by-check": ["watch", "checkAt"],
        "by-creation": ["library", "createdAt"],
    }
    assert all(index["Projection"] == {"ProjectionType": "KEYS_ONLY"} for index in table["GlobalSecondaryIndexes"])
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def _keys(keyed: dict) -> list[str]:
    return [key["AttributeName"] for key in keyed["KeySchema"]]


def distribution(template: Template) -> dict:
    return template.properties("Distribution")["DistributionConfig"]


def media_behaviour(template: Template) -> dict:
    (found,) = [found for found in distribution(template)["CacheBehaviors"] if found["TargetOriginId"] == "converted"]
    return found


def test_the_distribution_signs_its_requests_for_media_and_only_reads_them(template: Template) -> None:
    (origin,) = [found for found in distribution(template)["Origins"] if found["Id"] == "converted"]
    assert origin["OriginAccessControlId"] == "OriginAccessControl"
    assert origin["DomainName"] == "ConvertedBucket.RegionalDomainName"
    signing = template.properties("OriginAccessControl")["OriginAccessControlConfig"]
    assert (signing["SigningBehavior"], signing["SigningProtocol"]) == ("always", "sigv4")
    assert media_behaviour(template)["AllowedMethods"] == ["GET", "HEAD", "OPTIONS"]


def test_every_behaviour_redirects_to_https(template: Template) -> None:
    found = distribution(template)
    for behaviour in (found["DefaultCacheBehavior"], *found["CacheBehaviors"]):
        assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"


def test_media_are_what_lies_in_the_folder_of_a_uuid(template: Template) -> None:
    pattern = media_behaviour(template)["PathPattern"]
    assert fnmatch.fnmatchcase("/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77/0123456789abcdef/video.m3u8", pattern)
    for path in ("/", "/index.html", "/api/videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77", "/assets/index-abc.js"):
        assert not fnmatch.fnmatchcase(path, pattern), path


def test_of_the_api_only_storyboards_are_kept(template: Template) -> None:
    found = distribution(template)["CacheBehaviors"]
    patterns = [behaviour["PathPattern"] for behaviour in found if behaviour["TargetOriginId"] == "api"]
    folder = "/api/public/videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77/0123456789abcdef/storyboard"
    for path in (f"{folder}.vtt", f"{folder}/0.jpg"):
        assert any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns), path
    for path in ("/api/videos", "/api/public/videos/6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77", "/"):
        assert not any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns), path


def test_no_error_of_one_user_is_told_to_another(template: Template) -> None:
    responses = distribution(template)["CustomErrorResponses"]
    kept = {response["ErrorCode"]: response["ErrorCachingMinTTL"] for response in responses}
    # CloudFront keeps these for ten seconds unless it is told not to, even where it caches nothing else.
    assert kept == dict.fromkeys((403, 404, 405, 500, 502, 503, 504), 0)
    assert distribution(template)["DefaultCacheBehavior"]["CachePolicyId"] == CACHING_DISABLED


def test_addresses_and_plain_http_are_all_that_the_local_stack_changes(
    template: Template, local_template: Template
) -> None:
    policy = local_template.resources.pop("ConvertedBucketPolicy")
    assert [statement["Sid"] for statement in policy["Properties"]["PolicyDocument"]["Statement"]] == [
        "AllowDistribution"
    ]
    local = distribution(local_template)
    for behaviour in (local["DefaultCacheBehavior"], *local["CacheBehaviors"]):
        assert behaviour.pop("ViewerProtocolPolicy") == "allow-all"
        behaviour["ViewerProtocolPolicy"] = "redirect-to-https"
    assert [origin["Id"] for origin in local["Origins"]] == ["converted", "api"]
    assert local["Origins"][1]["DomainName"] == "localhost"
    local["Origins"][1] = distribution(template)["Origins"][1]
    variables = local_template.properties("ApiFunction")["Environment"]["Variables"]
    assert variables["SITE_URL"] == "http://127.0.0.1:4568"
    variables["SITE_URL"] = "https://${Distribution.DomainName}"
    invitation = local_template.properties("UserPool")["AdminCreateUserConfig"]["InviteMessageTemplate"]
    invitation["EmailMessage"] = invitation["EmailMessage"].replace(
        "http://127.0.0.1:4568", "https://${Distribution.DomainName}"
    )
    unchanged = dict(template.resources)
    del unchanged["ConvertedBucketPolicy"], unchanged["SourceBucketPolicy"], unchanged["ConfigurationBucketPolicy"]
    assert local_template.resources == unchanged
