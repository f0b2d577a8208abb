"""The users of a stack's own pool: invites them, and signs those of the local stack in for the first time."""

import re
import secrets
from dataclasses import dataclass

from botocore.client import BaseClient

from local.api import Api
from local.errors import LocalError

ADMINISTRATORS = "admin"
"""The group that sees everything."""

NAME = re.compile(r"[^\s@]{1,128}")
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True)
class User:
    """Somebody who signs in."""

    name: str
    password: str


USER = User("demo", "demo-password")
"""An ordinary user of the local stack."""

ADMIN = User("admin", "admin-password")
"""A member of the group that sees everything."""


@dataclass(frozen=True)
class Invited:
    """A user, and the password that is for the first time only; none for one who has chosen a password already."""

    name: str
    password: str | None


def invite(cognito: BaseClient, pool: str, name: str, email: str | None = None, *, admin: bool = False) -> Invited:
    """Makes a user, or invites one anew who hasn't signed in yet; with an address, Cognito sends the password there."""
    if not NAME.fullmatch(name):
        raise LocalError(f"{name!r} is no user name: it has no spaces and no @; an address is given by EMAIL=…")
    if email is not None and not ADDRESS.fullmatch(email):
        raise LocalError(f"{email!r} is no e-mail address.")
    status = _status(cognito, pool, name, email)
    password = None if status == "CONFIRMED" else secrets.token_urlsafe(12)
    if password is not None:
        try:
            _create(cognito, pool, name, email, password, again=status is not None)
        except cognito.exceptions.AliasExistsException:
            raise LocalError(f"{email} is the address of another user already.") from None
    if admin:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=ADMINISTRATORS)
    return Invited(name, password)


def choose_password(site_url: str, invited: Invited, password: str, signs_in_as: str | None = None) -> Api:
    """Signs in for the first time, as a person does on the page, and chooses a password."""
    anybody, name = Api(site_url), signs_in_as or invited.name
    credentials = {"username": name, "password": invited.password}
    challenge = anybody.expect(200, "POST", "/api/session", credentials)
    chosen = {"username": challenge["username"], "session": challenge["session"], "newPassword": password}
    session = anybody.expect(200, "POST", "/api/session/new-password", chosen)
    return Api(site_url, session["accessToken"])


def add_users(cognito: BaseClient, pool: str, site_url: str) -> None:
    """Makes the users of the local stack that there are not yet, and gives the others their passwords back."""
    add_user(cognito, pool, site_url, USER)
    add_user(cognito, pool, site_url, ADMIN, admin=True)


def add_user(cognito: BaseClient, pool: str, site_url: str, user: User, *, admin: bool = False) -> None:
    """Makes one user who has chosen this password."""
    invited = invite(cognito, pool, user.name, admin=admin)
    if invited.password is None:
        cognito.admin_set_user_password(UserPoolId=pool, Username=user.name, Password=user.password, Permanent=True)
    else:
        choose_password(site_url, invited, user.password)


def _status(cognito: BaseClient, pool: str, name: str, email: str | None) -> str | None:
    try:
        found = cognito.admin_get_user(UserPoolId=pool, Username=name)
    except cognito.exceptions.UserNotFoundException:
        return None
    attributes = {item["Name"]: item["Value"] for item in found.get("UserAttributes", [])}
    if email is not None and attributes.get("email") != email:
        raise LocalError(f"There is a user {name} already, whose address isn't {email}; choose another name.")
    return found["UserStatus"]


def _create(cognito: BaseClient, pool: str, name: str, email: str | None, password: str, *, again: bool) -> None:
    if again:
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=False)
        if email is None:
            return
    request = {"UserPoolId": pool, "Username": name, "TemporaryPassword": password}
    if again:
        request["MessageAction"] = "RESEND"
    elif email is None:
        request["MessageAction"] = "SUPPRESS"
    if email is not None:
        # Cognito signs nobody in by an address that isn't verified; that the invitation arrives there is the proof.
        request["UserAttributes"] = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        request["DesiredDeliveryMediums"] = ["EMAIL"]
    cognito.admin_create_user(**request)
