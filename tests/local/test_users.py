"""What Cognito is asked for, so that somebody can sign in."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from local.errors import LocalError
from local.users import invite

POOL = "eu-central-1_abc"
ADDRESS = "anna@example.com"
NEW = {"UserPoolId": POOL, "Username": "anna", "TemporaryPassword": ANY}
BY_MAIL = {
    "UserAttributes": [{"Name": "email", "Value": ADDRESS}, {"Name": "email_verified", "Value": "true"}],
    "DesiredDeliveryMediums": ["EMAIL"],
}


@pytest.fixture
def cognito() -> Iterator[tuple[Any, Stubber]]:
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    client = boto3.client("cognito-idp", region_name="eu-central-1", **keys)
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def known(stub: Stubber, status: str | None, address: str | None = ADDRESS) -> None:
    """There is an anna in this state, or none."""
    if status is None:
        stub.add_client_error("admin_get_user", "UserNotFoundException")
        return
    attributes = [{"Name": "email", "Value": address}] if address else []
    stub.add_response("admin_get_user", {"Username": "anna", "UserStatus": status, "UserAttributes": attributes})


def test_an_address_gets_a_mail_and_counts_as_verified(cognito: tuple[Any, Stubber]) -> None:
    client, stub = cognito
    known(stub, None)
    stub.add_response("admin_create_user", {}, NEW | BY_MAIL)
    assert invite(client, POOL, "anna", ADDRESS).password


def test_without_an_address_no_mail_is_sent_and_the_password_is_told(cognito: tuple[Any, Stubber]) -> None:
    client, stub = cognito
    known(stub, None)
    stub.add_response("admin_create_user", {}, NEW | {"MessageAction": "SUPPRESS"})
    password = invite(client, POOL, "anna").password
    assert password is not None
    assert len(password) >= 12, "as long as the pool's policy asks"


def test_who_has_not_signed_in_yet_is_invited_anew(cognito: tuple[Any, Stubber]) -> None:
    client, stub = cognito
    again = {"UserPoolId": POOL, "Username": "anna", "Password": ANY, "Permanent": False}
    known(stub, "FORCE_CHANGE_PASSWORD")
    stub.add_response("admin_set_user_password", {}, again)
    stub.add_response("admin_create_user", {}, NEW | BY_MAIL | {"MessageAction": "RESEND"})
    assert invite(client, POOL, "anna", ADDRESS).password
    known(stub, "FORCE_CHANGE_PASSWORD", None)
    stub.add_response("admin_set_user_password", {}, again)
    assert invite(client, POOL, "anna").password


def test_who_has_a_password_keeps_it_and_can_become_an_administrator(cognito: tuple[Any, Stubber]) -> None:
    client, stub = cognito
    known(stub, "CONFIRMED")
    member = {"UserPoolId": POOL, "Username": "anna", "GroupName": "admin"}
    stub.add_response("admin_add_user_to_group", {}, member)
    assert invite(client, POOL, "anna", ADDRESS, admin=True).password is None


def test_an_address_belongs_to_one_user(cognito: tuple[Any, Stubber]) -> None:
    client, stub = cognito
    known(stub, "CONFIRMED", "other@example.com")
    with pytest.raises(LocalError, match="whose address isn't anna@example.com"):
        invite(client, POOL, "anna", ADDRESS)
    known(stub, None)
    stub.add_client_error("admin_create_user", "AliasExistsException")
    with pytest.raises(LocalError, match="of another user already"):
        invite(client, POOL, "anna", ADDRESS)
