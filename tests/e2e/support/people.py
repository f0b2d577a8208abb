"""The API as people of the tests' own, and what it answers them."""

import uuid

from local.api import Answer, Api
from local.users import User, add_user
from support.deployment import Deployment


def new_user(deployment: Deployment, name: str) -> User:
    """A user that nobody else uses."""
    user = User(f"{name}-{uuid.uuid4().hex[:8]}", "a long enough password")
    stack = deployment.description
    add_user(deployment.client("cognito-idp"), stack["token"]["userPoolId"], stack["siteUrl"], user)
    return user


def signed_in(deployment: Deployment, name: str) -> Api:
    """The API as such a user."""
    user = new_user(deployment, name)
    return Api.signed_in(deployment.description["siteUrl"], user.name, user.password)


def kind(answer: Answer) -> str:
    """The type of a problem document."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.body
    assert answer.json["status"] == answer.status
    return answer.json["type"].removeprefix("/problems/")
