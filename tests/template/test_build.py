"""That the functions share their compiled dependencies."""

import subprocess
from collections import defaultdict
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]


def functions() -> list[str]:
    """The crates that `sam build` builds, each on its own."""
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"].values()
    metadata = [found["Metadata"] for found in resources if found["Type"] == "AWS::Serverless::Function"]
    return [found["BuildProperties"]["Binary"] for found in metadata if found["BuildMethod"] == "rust-cargolambda"]


def features(function: str) -> dict[str, set[str]]:
    """Each package that the function is built from, and the features it has there."""
    command = ["cargo", "tree", "--locked", "--package", function, "--edges", "normal,build"]
    tree = subprocess.run(
        [*command, "--prefix", "none", "--format", "{p}|{f}|"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, set[str]] = defaultdict(set)
    for line in tree.stdout.splitlines():
        package, names, _ = line.split("|")
        # A package is in the tree twice if a build script uses it, too, perhaps with fewer features.
        found[package].update(filter(None, names.split(",")))
    return found


def test_a_shared_dependency_has_the_same_features_in_every_function() -> None:
    names = functions()
    assert {"submit", "complete", "reconcile"} <= set(names)
    by_package: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for function in names:
        for package, own in features(function).items():
            by_package[package][function] = own
    differences = [
        f"{package}: {', '.join(sorted(every - own))} not in {function}"
        for package, owners in sorted(by_package.items())
        for every in [set().union(*owners.values())]
        for function, own in owners.items()
        if own != every
    ]
    assert not differences, (
        "These make cargo compile the SDK anew for a function. Ask for the features in the workspace's Cargo.toml if "
        "the crate is used by name, else in the last section of the dependencies of crates/common/Cargo.toml:\n"
        + "\n".join(differences)
    )
