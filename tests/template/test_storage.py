"""Buckets, table and distribution: private, encrypted, kept, and readable in one way only."""

import pytest
from translated import Template

BUCKETS = ("SourceBucket", "ConvertedBucket")


def test_data_survives_deletion_and_replacement(template: Template) -> None:
    kept = {name for name, found in template.resources.items() if found.get("DeletionPolicy") == "Retain"}
    assert kept == {*BUCKETS, "VideosTable"}
    for name in kept:
        assert template.resources[name]["UpdateReplacePolicy"] == "Retain"


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
    }
    assert all(index["Projection"] == {"ProjectionType": "KEYS_ONLY"} for index in table["GlobalSecondaryIndexes"])
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def _keys(keyed: dict) -> list[str]:
    return [key["AttributeName"] for key in keyed["KeySchema"]]


def test_the_distribution_signs_its_requests_and_only_reads(template: Template) -> None:
    (distribution,) = template.of_type("AWS::CloudFront::Distribution").values()
    configuration = distribution["DistributionConfig"]
    (origin,) = configuration["Origins"]
    assert origin["OriginAccessControlId"] == "OriginAccessControl"
    assert origin["DomainName"] == "ConvertedBucket.RegionalDomainName"
    signing = template.properties("OriginAccessControl")["OriginAccessControlConfig"]
    assert (signing["SigningBehavior"], signing["SigningProtocol"]) == ("always", "sigv4")
    behaviour = configuration["DefaultCacheBehavior"]
    assert behaviour["AllowedMethods"] == ["GET", "HEAD", "OPTIONS"]
    assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"


def test_a_missing_key_is_not_remembered_for_long(template: Template) -> None:
    responses = template.properties("Distribution")["DistributionConfig"]["CustomErrorResponses"]
    assert {response["ErrorCode"]: response["ErrorCachingMinTTL"] for response in responses} == {403: 5, 404: 5}


def test_plain_http_is_all_that_the_local_stack_changes(template: Template, local_template: Template) -> None:
    policy = local_template.resources.pop("ConvertedBucketPolicy")
    assert [statement["Sid"] for statement in policy["Properties"]["PolicyDocument"]["Statement"]] == [
        "AllowDistribution"
    ]
    behaviour = local_template.properties("Distribution")["DistributionConfig"]["DefaultCacheBehavior"]
    assert behaviour.pop("ViewerProtocolPolicy") == "allow-all"
    behaviour["ViewerProtocolPolicy"] = "redirect-to-https"
    unchanged = dict(template.resources)
    del unchanged["ConvertedBucketPolicy"], unchanged["SourceBucketPolicy"]
    assert local_template.resources == unchanged
