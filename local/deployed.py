"""A stack that is deployed, or is going to be: the local one, or one in the account of the person's own credentials."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import boto3
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

from local.errors import LocalError
from local.failures import LOCAL_STACK
from local.stack import Stack

GONE = ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS")
"""Of a stack in these states there are no resources."""


class MakesClients(Protocol):
    """Makes a client of a service; of another region than usual where one is named."""

    def __call__(self, service: str, region_name: str | None = None) -> BaseClient: ...


@dataclass(frozen=True)
class Deployed:
    """A stack by name, and clients for the account that it is in."""

    name: str
    client: MakesClients
    is_local: bool = False

    @classmethod
    def of_local(cls, stack: Stack) -> "Deployed":
        """The local stack, whose emulator is every region."""
        return cls(LOCAL_STACK, lambda service, region_name=None: stack.client(service), is_local=True)

    @classmethod
    def of_aws(cls, name: str) -> "Deployed":
        """A stack on AWS, whether it is there or not."""
        return cls(name, boto3.client)

    @classmethod
    def named(cls, name: str | None, stack: Stack) -> "Deployed":
        """The stack of this name on AWS, or the local one."""
        return cls.of_aws(name) if name else cls.of_local(stack)

    def find(self) -> Mapping[str, Any] | None:
        """What CloudFormation says of the stack, or none if there is none."""
        try:
            (found,) = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise unreachable(error) from error
        except BotoCoreError as error:
            raise unreachable(error) from error
        return None if found["StackStatus"] in GONE else found

    def outputs(self) -> dict[str, str]:
        """What the stack tells of itself."""
        found = self.find()
        if found is None:
            raise LocalError(f"There is no stack {self.name} in this account and region; deploy it with: make deploy")
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}

    def parameters(self) -> dict[str, str]:
        """The values that the stack is deployed with; none, if it isn't there."""
        found = self.find() or {}
        return {given["ParameterKey"]: given["ParameterValue"] for given in found.get("Parameters", [])}

    def account(self) -> str:
        """Number of the account."""
        try:
            return self.client("sts").get_caller_identity()["Account"]
        except (BotoCoreError, ClientError) as error:
            raise unreachable(error) from error

    def region(self) -> str:
        """The region that the stack is in."""
        try:
            return self.client("cloudformation").meta.region_name
        except BotoCoreError as error:
            raise unreachable(error) from error


def unreachable(error: Exception) -> LocalError:
    """What to tell a person whose credentials, region or connection don't do."""
    return LocalError(f"AWS can't be asked: {str(error).rstrip('.')}. Try: aws sts get-caller-identity")
