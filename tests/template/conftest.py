"""The template in the two forms in which it is deployed."""

from collections.abc import Iterator

import pytest
from translated import PSEUDO_PARAMETERS, Template


@pytest.fixture(scope="session", autouse=True)
def _region() -> Iterator[None]:
    """The translator wants to know a region, though nothing here depends on which."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", PSEUDO_PARAMETERS["AWS::Region"])
        yield


@pytest.fixture(scope="session")
def template(_region: None) -> Template:
    """What a person with an account deploys who changes no parameter."""
    return Template()


@pytest.fixture(scope="session")
def local_template(_region: None) -> Template:
    """What the local stack deploys."""
    return Template({"RequireTls": "false", "SiteUrl": "http://127.0.0.1:4568", "LocalPort": "4566"})
