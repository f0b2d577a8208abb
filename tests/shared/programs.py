"""The functions' programs, and what of AWS is linked into them."""

import re
import subprocess
from functools import cache
from pathlib import Path

import botocore.session

from local.paths import ROOT

FUNCTIONS = ("Submit", "Complete", "Reconcile", "Api")
SERVICES = {
    "aws_sdk_cognitoidentityprovider": ("cognito-idp", "cognito-idp"),
    "aws_sdk_dynamodb": ("dynamodb", "dynamodb"),
    "aws_sdk_lambda": ("lambda", "lambda"),
    "aws_sdk_mediaconvert": ("mediaconvert", "mediaconvert"),
    "aws_sdk_s3": ("s3", "s3"),
}
"""The SDK's crates: the service's name in botocore, and its prefix in policies."""

SENDS = "orchestrate"
"""What sends an operation's request. The linker keeps it only where something in the program can get to it."""


def program(function: str) -> Path:
    """A function's program, as cargo builds it for the local stack."""
    path = ROOT / "target" / "debug" / function.lower()
    assert path.exists(), f"{path.name} is not built; run: make build"
    return path


@cache
def operations(function: str) -> frozenset[str]:
    """The calls of AWS that the program can make, such as `s3:GetObject`."""
    symbols = subprocess.run(["nm", program(function)], check=True, capture_output=True, text=True).stdout
    found = frozenset(filter(None, (_operation(*place) for place in _places(symbols))))
    assert found, f"no call of AWS was found in {program(function)}; its symbols are missing, or have other names"
    return found


def _places(symbols: str) -> set[tuple[str, str]]:
    """The crate of each symbol that is about operations of an SDK, and what follows the crate's name."""
    return {
        (crate, rest) for crate in SERVICES for rest in re.findall(rf"{len(crate)}{crate}(9operation\d\w+)", symbols)
    }


def _operation(crate: str, path: str) -> str | None:
    """The operation that a path `operation::get_object::GetObject::orchestrate` sends, in the form of mangled names."""
    names: list[str] = []
    while len(names) < 4 and (length := re.match(r"\d+", path)):
        start, end = length.end(), length.end() + int(length[0])
        names.append(path[start:end])
        path = path[end:]
    if len(names) < 4 or names[0] != "operation" or names[3] != SENDS:
        return None
    service, prefix = SERVICES[crate]
    known = botocore.session.get_session().get_service_model(service).operation_names
    # The SDK writes GetHTTPThing as GetHttpThing.
    (name,) = [name for name in known if name.lower() == names[2].lower()]
    return f"{prefix}:{name}"
