"""The local stack: what runs, how it is started, deployed to and stopped.

One `Stack` is one directory of state and one set of ports, so several run side by side: the developer's own in
`.local`, and one for each run of the end-to-end tests (`Stack.for_tests`).
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import boto3
from boto3.resources.base import ServiceResource
from botocore.client import BaseClient
from botocore.config import Config

from local.errors import LocalError
from local.paths import MEDIACONVERT_LOCAL, ROOT, STATE, TOOLS, packages
from local.ports import Ports, accepts_connections
from local.process import BackgroundProcess, fingerprint
from local.users import ADMIN, USER, add_users

ACCOUNT = "000000000000"
REGION = "us-east-1"
ACCESS_KEY_ID = SECRET_ACCESS_KEY = "test"  # the emulator's root user
JOBS_AT_ONCE = 2
DEPLOYED = "/vod/deployed"
"""Name of the parameter that says which build is deployed."""


class Stack:
    """A running or stopped local stack."""

    def __init__(self, directory: Path = STATE, ports: Ports | None = None, **parameters: str) -> None:
        """A stack with its state in `directory`; without `ports`, `up` chooses them. Parameters are the template's."""
        self.directory = directory.resolve()
        self._ports = ports
        self._parameters = parameters
        self.ministack = BackgroundProcess("ministack", self.directory)
        self.mediaconvert = BackgroundProcess("mediaconvert-local", self.directory)
        self.site = BackgroundProcess("site", self.directory)

    @classmethod
    @contextmanager
    def for_tests(cls, directory: Path, ports: Ports | None = None, **parameters: str) -> Iterator["Stack"]:
        """A fresh stack on unused ports, up inside the `with` block and stopped at its end, whatever happens there."""
        stack = cls(directory, ports or Ports.unused(), **parameters)
        try:
            stack.up()
            yield stack
        finally:
            stack.down()

    def up(self) -> dict[str, Any]:
        """Starts what does not run yet, deploys what was built, and returns the stack's description."""
        with self._lock():
            ports = self._ports or Ports.choose(self.directory / "ports.json", self._running())
            self._start_emulator(ports)
            self._start_mediaconvert(ports)
            self._deploy(ports)
            outputs = self._outputs(ports)
            self._start_site(ports, outputs["DistributionDomain"])
            if pool := outputs.get("UserPoolId"):
                add_users(_client("cognito-idp", _url(ports.aws)), pool, _url(ports.site))
            description = _describe(ports, outputs)
            self._write("stack.json", json.dumps(description, indent=2) + "\n")
            self._write("env", _as_shell(_client_environment(ports)))
            return description

    def down(self) -> list[str]:
        """Stops all that `up` started, keeps the state, and returns the names of what ran."""
        with self._lock():
            stopped = [process.name for process in (self.site, self.mediaconvert, self.ministack) if process.stop()]
            for name in ("stack.json", "env"):
                (self.directory / name).unlink(missing_ok=True)
            return stopped

    def reset(self) -> None:
        """Stops the stack and forgets everything but its ports."""
        self.down()
        for name in ("data", "work", "log", "run"):
            shutil.rmtree(self.directory / name, ignore_errors=True)

    def restart_mediaconvert(self, *options: str) -> None:
        """Kills the MediaConvert stand-in as a loss of power would, and starts it again, with these options besides."""
        with self._lock():
            ports = self._ports or Ports.choose(self.directory / "ports.json", self._running())
            self.mediaconvert.kill()
            self._start_mediaconvert(ports, *options)

    def description(self) -> dict[str, Any]:
        """What `.local/stack.json` says."""
        try:
            return json.loads((self.directory / "stack.json").read_text())
        except FileNotFoundError:
            raise LocalError("The local stack is not up; start it with: make up") from None

    def client(self, service: str) -> BaseClient:
        """A boto3 client of the emulated account's root user; `mediaconvert` talks to the stand-in."""
        stack = self.description()
        return _client(service, stack["mediaConvertEndpoint" if service == "mediaconvert" else "awsEndpoint"])

    def resource(self, service: str) -> ServiceResource:
        """A boto3 resource, which for `dynamodb` speaks plain values instead of typed ones."""
        return _session().resource(service, endpoint_url=self.description()["awsEndpoint"])

    def _running(self) -> frozenset[str]:
        processes = {"aws": self.ministack, "mediaconvert": self.mediaconvert, "site": self.site}
        return frozenset(name for name, process in processes.items() if process.pid() is not None)

    def _start_emulator(self, ports: Ports) -> None:
        data, temporary = self.directory / "data", self.directory / "work" / "ministack"
        temporary.mkdir(parents=True, exist_ok=True)
        # All of this reaches each function too, so it is short and explicit: nothing of the person's own environment.
        environment = {
            **_bare_environment(temporary),
            "GATEWAY_PORT": str(ports.aws),
            "LOG_LEVEL": "WARNING",  # or it repeats what the functions log
            "BIND_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",  # or it listens for MQTT on every interface
            "SFTP_ENABLED": "0",
            "AUTH": "true",  # policies, signatures and bucket CORS are enforced
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(data / "s3"),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(data / "state"),
            "AWS_ENDPOINT_URL": _url(ports.aws),
            "AWS_ENDPOINT_URL_MEDIACONVERT": _url(ports.mediaconvert),
            "AWS_LAMBDA_LOG_FORMAT": "JSON",  # Lambda sets it from LoggingConfig; the emulator does not
        }
        self.ministack.start([TOOLS / "ministack"], environment)
        self.ministack.wait_until_ready(lambda: _answers(f"{_url(ports.aws)}/_ministack/ready"))

    def _start_mediaconvert(self, ports: Ports, *options: str) -> None:
        if not MEDIACONVERT_LOCAL.exists():
            raise LocalError("mediaconvert-local is not built; run: make build")
        work = self.directory / "work" / "mediaconvert-local"
        work.mkdir(parents=True, exist_ok=True)
        environment = {
            **_bare_environment(work),
            **_credentials(),
            "AWS_ENDPOINT_URL": _url(ports.aws),
        }
        command = [MEDIACONVERT_LOCAL, "--listen", f"127.0.0.1:{ports.mediaconvert}", "--work-dir", work]
        command += ["--jobs", str(JOBS_AT_ONCE), "--account", ACCOUNT, "--region", REGION]
        command += options
        self.mediaconvert.start(command, environment, depends_on=[MEDIACONVERT_LOCAL])
        self.mediaconvert.wait_until_ready(lambda: _answers(f"{_url(ports.mediaconvert)}/healthz"))

    def _start_site(self, ports: Ports, distribution: str) -> None:
        command = [sys.executable, "-m", "local.site_proxy", "--port", str(ports.site)]
        command += ["--upstream-port", str(ports.aws), "--distribution", distribution]
        environment = {**_bare_environment(self.directory), "PYTHONPATH": str(ROOT)}
        self.site.start(command, environment, depends_on=[Path(__file__).with_name("site_proxy.py")])
        self.site.wait_until_ready(lambda: accepts_connections(ports.site))

    def _deploy(self, ports: Ports) -> None:
        """Deploys what was built, unless just that is deployed already."""
        template = packages() / "template.json"
        if not template.exists():
            raise LocalError("There is nothing to deploy; run: make build")
        parameters = {**_local_parameters(ports), **self._parameters}
        build = fingerprint([], parameters, [template, *sorted(template.parent.glob("*.zip"))])
        # Kept by the emulator, so that it is forgotten together with the stack.
        parameter_store = _client("ssm", _url(ports.aws))
        with suppress(parameter_store.exceptions.ParameterNotFound):
            deployed = parameter_store.get_parameter(Name=DEPLOYED)["Parameter"]["Value"]
            if deployed == build and self._is_deployed(ports):
                return
        self._sam_deploy(ports, template, parameters)
        parameter_store.put_parameter(Name=DEPLOYED, Value=build, Type="String", Overwrite=True)

    @staticmethod
    def _is_deployed(ports: Ports) -> bool:
        """Whether there is a whole stack: somebody may have deleted it by hand."""
        cloudformation = _client("cloudformation", _url(ports.aws))
        with suppress(cloudformation.exceptions.ClientError):  # there is none of this name
            (stack,) = cloudformation.describe_stacks(StackName="vod")["Stacks"]
            return stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        return False

    def _sam_deploy(self, ports: Ports, template: Path, parameters: Mapping[str, str]) -> None:
        command = [TOOLS / "sam", "deploy", "--config-env", "local"]
        command += ["--config-file", ROOT / "samconfig.toml", "--template-file", template]
        command += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
        environment = {
            **_without_aws(os.environ),
            **_client_environment(ports),
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "0.1",  # seconds; the usual delay, made for AWS, doubles the wait here
        }
        log = self.directory / "log" / "deploy.log"
        with log.open("w") as output:
            deployed = subprocess.run(
                command,
                env=environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if deployed.returncode != 0:
            end = "\n".join(log.read_text(errors="replace").splitlines()[-40:])
            raise LocalError(f"{end}\nsam deploy failed; all it said is in {log}. To start empty: make reset up")

    def _outputs(self, ports: Ports) -> dict[str, str]:
        stacks = _client("cloudformation", _url(ports.aws)).describe_stacks(StackName="vod")["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}

    def _write(self, name: str, text: str) -> None:
        unfinished = self.directory / f"{name}.new"
        unfinished.write_text(text)
        unfinished.rename(self.directory / name)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _describe(ports: Ports, outputs: Mapping[str, str]) -> dict[str, Any]:
    return {
        "awsEndpoint": _url(ports.aws),
        "mediaConvertEndpoint": _url(ports.mediaconvert),
        "region": REGION,
        "accessKeyId": ACCESS_KEY_ID,
        "secretAccessKey": SECRET_ACCESS_KEY,
        "sourceBucket": outputs["SourceBucketName"],
        "convertedBucket": outputs["ConvertedBucketName"],
        "configurationBucket": outputs["ConfigurationBucketName"],
        "table": outputs["VideosTableName"],
        "distributionDomain": outputs["DistributionDomain"],
        "siteUrl": _url(ports.site),
        "apiUrl": f"{_url(ports.site)}/api",
        "mediaBaseUrl": _url(ports.site),
        **_sign_in(ports, outputs),
        "functions": {
            name.lower(): outputs[f"{name}FunctionName"] for name in ("Submit", "Complete", "Reconcile", "Api")
        },
    }


def _sign_in(ports: Ports, outputs: Mapping[str, str]) -> dict[str, Any]:
    if "UserPoolId" not in outputs:  # people sign in at a provider of their own
        return {}
    return {
        "token": {
            "username": USER.name,
            "password": USER.password,
            "clientId": outputs["UserPoolClientId"],
            "userPoolId": outputs["UserPoolId"],
            "tokenUrl": f"{_url(ports.site)}/api/session",
        },
        "admin": {"username": ADMIN.name, "password": ADMIN.password},
    }


def _local_parameters(ports: Ports) -> dict[str, str]:
    """Where the local stack differs from AWS: no TLS, addresses on one machine."""
    return {"RequireTls": "false", "SiteUrl": _url(ports.site), "LocalPort": str(ports.aws)}


def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id=ACCESS_KEY_ID, aws_secret_access_key=SECRET_ACCESS_KEY, region_name=REGION)


def _client(service: str, endpoint: str) -> BaseClient:
    addresses = Config(s3={"addressing_style": "path"}, retries={"mode": "standard"})
    return _session().client(service, endpoint_url=endpoint, config=addresses)


def _url(port: int) -> str:
    # An address, not "localhost": the Rust SDK would put the bucket's name before a name, and few systems resolve that.
    return f"http://127.0.0.1:{port}"


def _credentials() -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }


def _client_environment(ports: Ports) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": _url(ports.aws),
        "AWS_ENDPOINT_URL_MEDIACONVERT": _url(ports.mediaconvert),
        **_credentials(),
    }


def _bare_environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join([str(TOOLS), os.environ.get("PATH", os.defpath)]),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
    }


def _without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without anything of AWS's: a person's profile or token must not meet the emulator."""
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}


def _as_shell(environment: Mapping[str, str]) -> str:
    """Lines that make a shell talk to the stack, with the tools on its path."""
    # A profile or a session token of the person's own would beat the keys.
    lines = ["unset AWS_PROFILE AWS_SESSION_TOKEN", f'export PATH="{TOOLS}:$PATH"']
    lines += [f"export {name}={value}" for name, value in environment.items()]
    return "\n".join(lines) + "\n"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # our own loopback address
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
