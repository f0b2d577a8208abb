"""The deployed product under test, as its `stack.json` describes it."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.client import BaseClient
from botocore.config import Config


class Deployment:
    """Where everything is, and clients for it."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.description = description
        self.source_bucket: str = description["sourceBucket"]
        self.converted_bucket: str = description["convertedBucket"]
        self.media_base_url: str = description["mediaBaseUrl"]
        self.functions: Mapping[str, str] = description["functions"]
        self._clients: dict[str, BaseClient] = {}
        self._making = Lock()  # a session makes one client at a time

    @classmethod
    def of_file(cls, stack_json: Path) -> "Deployment":
        """The stack that a `stack.json` describes."""
        return cls(json.loads(stack_json.read_text()))

    def client(self, service: str) -> BaseClient:
        """A client with the rights of the account's owner."""
        with self._making:
            if service not in self._clients:
                self._clients[service] = self._session().client(service, **self._options(service))
            return self._clients[service]

    def client_as(self, role_arn: str, service: str) -> BaseClient:
        """A client with the rights of a role."""
        taken = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="end-to-end-tests")["Credentials"]
        session = boto3.Session(
            taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"], self.description["region"]
        )
        return session.client(service, **self._options(service))

    def anonymous_client(self, service: str) -> BaseClient:
        """A client that signs nothing."""
        return self._session().client(service, **self._options(service, signature_version=UNSIGNED))

    @cached_property
    def table(self) -> Any:
        """The table of videos, in plain values."""
        with self._making:
            resource = self._session().resource("dynamodb", endpoint_url=self.description["awsEndpoint"])
            return resource.Table(self.description["table"])

    def environment(self) -> dict[str, str]:
        """What a command-line tool needs to know."""
        return {
            "AWS_ENDPOINT_URL": self.description["awsEndpoint"],
            "AWS_ENDPOINT_URL_MEDIACONVERT": self.description["mediaConvertEndpoint"],
            "AWS_ACCESS_KEY_ID": self.description["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self.description["secretAccessKey"],
            "AWS_DEFAULT_REGION": self.description["region"],
        }

    def _session(self) -> boto3.Session:
        return boto3.Session(
            aws_access_key_id=self.description["accessKeyId"],
            aws_secret_access_key=self.description["secretAccessKey"],
            region_name=self.description["region"],
        )

    def _options(self, service: str, **more: Any) -> dict[str, Any]:
        endpoint = self.description["mediaConvertEndpoint" if service == "mediaconvert" else "awsEndpoint"]
        # Requests come from many threads, an invocation that fails must not be repeated behind our back, and one of
        # reconcile may take two minutes.
        config = Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            max_pool_connections=64,
            read_timeout=150,
            **more,
        )
        return {"endpoint_url": endpoint, "config": config}
