"""What is asked of CloudFormation to take over what outlived a stack."""

import json
import re
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from samtranslator.yaml_helper import yaml_parse

from local.adopt import Leftover, bucket_names, find_leftovers, import_request, import_template
from local.deployed import Deployed
from local.errors import LocalError
from local.parameters import TEMPLATE, with_defaults

KEPT = ["SourceBucket", "ConvertedBucket", "ConfigurationBucket", "VideosTable", "UserPool"]
TABLE = Leftover("VideosTable", "AWS::DynamoDB::Table", {"TableName": "vod-videos"})
POOL = Leftover("UserPool", "AWS::Cognito::UserPool", {"UserPoolId": "eu-central-1_abc"})


def mentioned(value: Any) -> set[str]:
    """Every name that something refers to."""
    written = json.dumps(value)
    patterns = (r'"(?:Ref|Fn::GetAtt)": \[?"([A-Za-z]+)', r"\$\{([A-Za-z]+)[.}]", r'"Fn::If": \["([A-Za-z]+)')
    found = {name for pattern in patterns for name in re.findall(pattern, written)}
    return found - {"AWS"}  # pseudo parameters


def test_everything_that_outlives_a_stack_can_be_adopted() -> None:
    resources = yaml_parse(TEMPLATE.read_text())["Resources"]
    assert {name for name, found in resources.items() if found.get("UpdateReplacePolicy") == "Retain"} == set(KEPT)
    assert set(import_template(KEPT)["Resources"]) == set(KEPT)


def test_an_import_holds_what_is_imported_and_nothing_that_it_has_not_itself() -> None:
    template = import_template(KEPT)
    known = {*template["Resources"], *template["Parameters"], *template["Conditions"]}
    assert mentioned(template) <= known
    assert "Outputs" not in template
    assert "Transform" not in template
    for resource in template["Resources"].values():
        assert resource["DeletionPolicy"] == "Retain"
        assert not {"Condition", "DependsOn"} & set(resource)
    # A longer one would have to lie in a bucket.
    assert len(json.dumps(template)) < 51_200


def test_an_import_of_a_part_mentions_no_more_than_that() -> None:
    assert set(import_template(["VideosTable"])) == {"AWSTemplateFormatVersion", "Description", "Resources"}


def test_the_request_is_one_that_cloudformation_knows() -> None:
    request = import_request("vod", [TABLE, POOL], with_defaults({"ArchiveSourceDays": "90"}))
    assert request["ChangeSetType"] == "IMPORT"
    assert request["Parameters"] == []
    cloudformation = boto3.client("cloudformation", region_name="eu-central-1")
    with Stubber(cloudformation) as stub:
        stub.add_response(
            "create_change_set", {"Id": "arn:aws:cloudformation:eu-central-1:1:changeSet/adopt/1"}, request
        )
        cloudformation.create_change_set(**request)


def test_parameters_go_with_what_they_are_of() -> None:
    bucket = Leftover("SourceBucket", "AWS::S3::Bucket", {"BucketName": "vod-source-1-eu-central-1"})
    request = import_request("vod", [bucket], with_defaults({"ArchiveSourceDays": "90"}))
    given = {pair["ParameterKey"]: pair["ParameterValue"] for pair in request["Parameters"]}
    assert given["ArchiveSourceDays"] == "90"
    assert "JwtIssuer" not in given


def test_identifiers_are_those_of_the_types_own_schemas() -> None:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    for kind, identifier in (
        ("AWS::S3::Bucket", "BucketName"),
        ("AWS::DynamoDB::Table", "TableName"),
        ("AWS::Cognito::UserPool", "UserPoolId"),
    ):
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-central-1", kind).schema
        assert schema["primaryIdentifier"] == [f"/properties/{identifier}"]


def test_bucket_names_are_those_of_the_template() -> None:
    resources = yaml_parse(TEMPLATE.read_text())["Resources"]
    for logical_id, name in bucket_names("${AWS::StackName}", "${AWS::AccountId}", "${AWS::Region}").items():
        assert resources[logical_id]["Properties"]["BucketName"] == {"Fn::Sub": name}


class Account:
    """An account with user pools and nothing else."""

    def __init__(self, *pools: str) -> None:
        self._pools = [{"Id": pool, "Name": "vod"} for pool in pools]

    def client(self, service: str, region_name: str | None = None) -> Any:
        client = boto3.client(service, region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")
        stub = Stubber(client)
        match service:
            case "sts":
                stub.add_response("get_caller_identity", {"Account": "123456789012"})
            case "s3":
                for _ in range(3):
                    stub.add_client_error("head_bucket", "404")
            case "dynamodb":
                stub.add_client_error("describe_table", "ResourceNotFoundException")
            case "cognito-idp":
                stub.add_response("list_user_pools", {"UserPools": [*self._pools, {"Id": "x", "Name": "other"}]})
        stub.activate()
        return client


def test_of_several_pools_one_has_to_be_named() -> None:
    deployed = Deployed("vod", Account("eu-central-1_a", "eu-central-1_b").client)
    with pytest.raises(LocalError, match="Say which, with POOL="):
        find_leftovers(deployed)
    (pool,) = find_leftovers(deployed, pool="eu-central-1_b")
    assert pool.identifier == {"UserPoolId": "eu-central-1_b"}
    with pytest.raises(LocalError, match="no user pool eu-central-1_c"):
        find_leftovers(deployed, pool="eu-central-1_c")


def test_where_nothing_is_left_nothing_is_found() -> None:
    assert find_leftovers(Deployed("vod", Account().client)) == []
