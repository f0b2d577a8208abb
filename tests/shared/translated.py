"""The template as CloudFormation sees it: translated from SAM, and resolved for the parameters' defaults."""

import json
from pathlib import Path
from typing import Any

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"
PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/vod/0a1b2c3d-0000-1111-2222-333344445555",
    "AWS::StackName": "vod",
    "AWS::URLSuffix": "amazonaws.com",
}
NOTHING = object()


class Template:
    """Resources after the SAM transform, with conditions, parameters and `Sub` resolved.

    A reference to a resource becomes text: `Name` for its `Ref`, `Name.Attribute` for its `GetAtt`.
    """

    def __init__(self, parameters: dict[str, str] | None = None) -> None:
        source = yaml_parse(TEMPLATE.read_text())
        self.parameters = {name: value["Default"] for name, value in source["Parameters"].items()} | (parameters or {})
        for resource in source["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = "s3://artifacts/code"  # as after packaging
        translated = Translator({}, Parser()).translate(source, parameter_values={})
        self._conditions = translated["Conditions"]
        self.rules = translated["Rules"]
        self.outputs = {
            name: self.resolve(output)
            for name, output in translated["Outputs"].items()
            if "Condition" not in output or self._holds(output["Condition"])
        }
        self.resources = {
            name: self.resolve(resource)
            for name, resource in translated["Resources"].items()
            if "Condition" not in resource or self._holds(resource["Condition"])
        }

    def of_type(self, kind: str) -> dict[str, Any]:
        """Properties of all resources of a type, by logical id."""
        return {name: found["Properties"] for name, found in self.resources.items() if found["Type"] == kind}

    def properties(self, name: str) -> Any:
        return self.resources[name]["Properties"]

    def statements(self, name: str) -> list[dict[str, Any]]:
        """All policy statements of a role, or of a resource policy."""
        properties = self.properties(name)
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
        return [statement for document in documents for statement in document["Statement"]]

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [resolved for item in value if (resolved := self.resolve(item)) is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, argument),) = value.items()
            match function:
                case "Ref":
                    return self._ref(argument)
                case "Fn::GetAtt":
                    return ".".join(argument) if isinstance(argument, list) else argument
                case "Fn::Sub":
                    text, more = argument if isinstance(argument, list) else (argument, {})
                    return self._sub(text, {name: self.resolve(value) for name, value in more.items()})
                case "Fn::Split":
                    return self.resolve(argument[1]).split(argument[0])
                case "Fn::Select":
                    return self.resolve(argument[1])[int(argument[0])]
                case "Fn::If":
                    return self.resolve(argument[1 if self._holds(argument[0]) else 2])
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NOTHING}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        return self.parameters.get(name, PSEUDO_PARAMETERS.get(name, name))

    def _sub(self, text: str, more: dict[str, str]) -> str:
        for name, value in (PSEUDO_PARAMETERS | self.parameters | more).items():
            text = text.replace(f"${{{name}}}", str(value))
        return text

    def _holds(self, condition: Any) -> bool:
        if isinstance(condition, str):
            return self._holds(self._conditions[condition])
        ((function, arguments),) = condition.items()
        match function:
            case "Fn::Equals":
                return str(self.resolve(arguments[0])) == str(self.resolve(arguments[1]))
            case "Fn::Not":
                return not self._holds(arguments[0])
        raise NotImplementedError(json.dumps(condition))
