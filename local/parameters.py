"""The template's parameters: what is known of their values before a deploy, and what is wrong with them."""

import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local.errors import LocalError
from local.paths import ROOT

TEMPLATE = ROOT / "template.yaml"
SETTINGS = ROOT / "samconfig.toml"


@cache
def template() -> Mapping[str, Any]:
    """Our template, read; not to be changed."""
    return yaml_parse(TEMPLATE.read_text())


def saved(settings: Path = SETTINGS) -> dict[str, str]:
    """What `sam deploy --guided` has saved, and deploys with the next time."""
    read = tomllib.loads(settings.read_text())
    overrides = read.get("default", {}).get("deploy", {}).get("parameters", {}).get("parameter_overrides", [])
    return given(shlex.split(overrides) if isinstance(overrides, str) else overrides)


def given(words: Iterable[str]) -> dict[str, str]:
    """Values from words of the form `Name=value`."""
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise LocalError(f"{word!r} is no parameter; write it as Name=value.")
        pairs[name] = value.strip('"')
    return pairs


def with_defaults(values: Mapping[str, str]) -> dict[str, str]:
    """The value of each parameter of the template."""
    declared = template()["Parameters"]
    return {name: str(parameter["Default"]) for name, parameter in declared.items()} | dict(values)


def problems(values: Mapping[str, str]) -> list[str]:
    """What CloudFormation would refuse these values for, a sentence each; it would do so after the build only."""
    found = list(_wrong_values(template()["Parameters"], values))
    return found or list(_wrong_together(template()["Rules"], with_defaults(values)))


def _wrong_values(declared: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        if name not in declared:
            yield f"There is no parameter {name}."
            continue
        parameter = declared[name]
        allowed = [str(item) for item in parameter.get("AllowedValues", [])]
        if allowed and value not in allowed:
            yield f"{name} must be one of {', '.join(allowed)}."
        elif not re.search(parameter.get("AllowedPattern", ""), value):
            yield f"{name} {parameter['ConstraintDescription']}."
        elif parameter["Type"] == "Number" and not _is_within(value, parameter):
            limits = " to ".join(str(parameter[key]) for key in ("MinValue", "MaxValue") if key in parameter)
            yield f"{name} must be a number from {limits}{'' if 'MaxValue' in parameter else ' up'}."


def _is_within(value: str, parameter: Mapping[str, Any]) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return parameter.get("MinValue", number) <= number <= parameter.get("MaxValue", number)


def _wrong_together(rules: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
    for rule in rules.values():
        if _holds(rule["RuleCondition"], values):
            for assertion in rule["Assertions"]:
                if not _holds(assertion["Assert"], values):
                    yield assertion["AssertDescription"]


def _holds(condition: Any, values: Mapping[str, str]) -> bool:
    ((function, arguments),) = condition.items()
    match function:
        case "Fn::Equals":
            first, second = (values[item["Ref"]] if isinstance(item, dict) else str(item) for item in arguments)
            return first == second
        case "Fn::Not":
            return not _holds(arguments[0], values)
        case "Fn::And":
            return all(_holds(argument, values) for argument in arguments)
    raise NotImplementedError(function)
