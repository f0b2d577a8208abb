"""Brings what outlived a deleted stack into a new one of the same name, so that it can be deployed again.

CloudFormation imports what is named to it (`--resources-to-import`). It doesn't find these by itself: their names are
made with `Fn::Sub`, and a user pool has no name that is unique. The rules are those of
<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html>: a stack that begins with an
import holds nothing but what is imported, each with a deletion policy, and has no outputs. The deploy after it brings
the rest.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from local import parameters
from local.deployed import Deployed, unreachable
from local.errors import LocalError

BUCKETS = {"SourceBucket": "source", "ConvertedBucket": "converted", "ConfigurationBucket": "config"}
"""The buckets, and what tells their names apart."""

LATER: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "SourceBucket": (("NotificationConfiguration",),),
    "UserPool": (("AdminCreateUserConfig", "InviteMessageTemplate"),),
}
"""Properties that refer to what there isn't yet; the deploy brings them."""

CHANGE_SET = "adopt"


@dataclass(frozen=True)
class Leftover:
    """Something that outlived its stack."""

    logical_id: str
    kind: str
    identifier: Mapping[str, str]
    """As CloudFormation wants it: the property that names a thing of this kind, and its value."""

    def __str__(self) -> str:
        return f"{self.logical_id} {' '.join(self.identifier.values())}"


def bucket_names(stack: str, account: str, region: str) -> dict[str, str]:
    """The names that the template gives its buckets."""
    return {logical_id: f"{stack}-{word}-{account}-{region}" for logical_id, word in BUCKETS.items()}


def find_leftovers(deployed: Deployed, pool: str | None = None) -> list[Leftover]:
    """What there is of the names that the stack uses; `pool` says which of several user pools of the stack's name."""
    try:
        s3 = deployed.client("s3")
        found = [
            Leftover(logical_id, "AWS::S3::Bucket", {"BucketName": name})
            for logical_id, name in bucket_names(deployed.name, deployed.account(), deployed.region()).items()
            if bucket_is_ours(s3, name)
        ]
        table = f"{deployed.name}-videos"
        if table_exists(deployed.client("dynamodb"), table):
            found.append(Leftover("VideosTable", "AWS::DynamoDB::Table", {"TableName": table}))
        pools = user_pools(deployed.client("cognito-idp"), deployed.name)
    except (BotoCoreError, ClientError) as error:
        raise unreachable(error) from error
    if pool is not None and pool not in pools:
        raise LocalError(f"There is no user pool {pool} of the name {deployed.name}.")
    if pool is None and len(pools) > 1:
        raise LocalError(
            f"There are several user pools of the name {deployed.name}: {', '.join(pools)}. Say which, with POOL=…"
        )
    found += [Leftover("UserPool", "AWS::Cognito::UserPool", {"UserPoolId": pool or known}) for known in pools[:1]]
    return found


def bucket_is_ours(s3: BaseClient, name: str) -> bool:
    """Whether there is such a bucket of this account; an error, if it is another account's."""
    try:
        s3.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchBucket"):
            return False
        if error.response["Error"]["Code"] in ("403", "AccessDenied"):
            raise LocalError(
                f"The bucket {name} can't be looked at: it is another account's, or you lack s3:ListBucket."
            ) from error
        raise
    return True


def table_exists(dynamodb: BaseClient, name: str) -> bool:
    """Whether there is such a table."""
    try:
        dynamodb.describe_table(TableName=name)
    except dynamodb.exceptions.ResourceNotFoundException:
        return False
    return True


def user_pools(cognito: BaseClient, name: str) -> list[str]:
    """Ids of the pools of this name, of which there can be many."""
    pages = cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 60})
    return [pool["Id"] for page in pages for pool in page["UserPools"] if pool["Name"] == name]


def import_template(logical_ids: list[str]) -> dict[str, Any]:
    """Of our template, what an import of these takes: them, and the parameters and conditions that they mention."""
    source = parameters.template()
    resources = {}
    for logical_id in logical_ids:
        resource = copy.deepcopy(source["Resources"][logical_id])
        kept = {key: resource[key] for key in ("Type", "UpdateReplacePolicy", "Properties")}
        # Not RetainExceptOnCreate: nothing that goes wrong in the import may cost what is imported.
        kept["DeletionPolicy"] = "Retain"
        for *folders, name in LATER.get(logical_id, ()):
            inside = kept["Properties"]
            for folder in folders:
                inside = inside[folder]
            del inside[name]
        resources[logical_id] = kept
    written = json.dumps(resources)
    conditions = {name: value for name, value in source["Conditions"].items() if f'["{name}", ' in written}
    written += json.dumps(conditions)
    declared = {name: value for name, value in source["Parameters"].items() if f'{{"Ref": "{name}"}}' in written}
    template = {
        "AWSTemplateFormatVersion": source["AWSTemplateFormatVersion"],
        "Description": source["Description"],
        "Parameters": declared,
        "Conditions": conditions,
        "Resources": resources,
    }
    return {section: content for section, content in template.items() if content}


def import_request(stack: str, leftovers: list[Leftover], values: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of CreateChangeSet."""
    template = import_template([leftover.logical_id for leftover in leftovers])
    return {
        "StackName": stack,
        "ChangeSetName": CHANGE_SET,
        "ChangeSetType": "IMPORT",
        "TemplateBody": json.dumps(template),
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in values.items()
            if name in template.get("Parameters", {})
        ],
        "ResourcesToImport": [
            {
                "ResourceType": leftover.kind,
                "LogicalResourceId": leftover.logical_id,
                "ResourceIdentifier": dict(leftover.identifier),
            }
            for leftover in leftovers
        ],
    }


def run(deployed: Deployed, values: Mapping[str, str], pool: str | None = None) -> None:
    """`make adopt`."""
    if found := deployed.find():
        raise LocalError(
            f"There is a stack {deployed.name} already ({found['StackStatus']}). If a first deploy of it failed, "
            f"delete it first: aws cloudformation delete-stack --stack-name {deployed.name}"
        )
    leftovers = find_leftovers(deployed, pool)
    if not leftovers:
        raise LocalError(
            f"Nothing is left of a stack {deployed.name}; deploy it with: make deploy STACK={deployed.name}"
        )
    print(f"These go into a new stack {deployed.name}, as they are; that costs nothing:")
    for leftover in leftovers:
        print(f"  {leftover}")
    _import(deployed.client("cloudformation"), import_request(deployed.name, leftovers, values))
    print(f"They belong to the stack {deployed.name}. The rest of it: make deploy STACK={deployed.name}")


def _import(cloudformation: BaseClient, request: Mapping[str, Any]) -> None:
    stack, change_set = request["StackName"], request["ChangeSetName"]
    try:
        cloudformation.create_change_set(**request)
        cloudformation.get_waiter("change_set_create_complete").wait(
            StackName=stack, ChangeSetName=change_set, WaiterConfig={"Delay": 2, "MaxAttempts": 150}
        )
        cloudformation.execute_change_set(StackName=stack, ChangeSetName=change_set)
        cloudformation.get_waiter("stack_import_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 2, "MaxAttempts": 450}
        )
    except WaiterError as error:
        reason = error.last_response.get("StatusReason") or _last_failure(cloudformation, stack)
        raise LocalError(
            f"CloudFormation didn't import them: {reason} Nothing of them was changed. Before another try: "
            f"aws cloudformation delete-stack --stack-name {stack}"
        ) from error
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"CloudFormation didn't import them: {error}. Nothing of them was changed.") from error


def _last_failure(cloudformation: BaseClient, stack: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    reasons = [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in events
        if event["ResourceStatus"].endswith("FAILED") and "ResourceStatusReason" in event
    ]
    return reasons[-1] if reasons else "it doesn't say why."
