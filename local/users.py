"""The users of the local stack."""

from contextlib import suppress
from dataclasses import dataclass

from botocore.client import BaseClient


@dataclass(frozen=True)
class User:
    """Somebody who signs in."""

    name: str
    password: str


USER = User("demo", "demo-password")
"""An ordinary user."""

ADMIN = User("admin", "admin-password")
"""A member of the group that sees everything."""


def add_users(cognito: BaseClient, pool: str) -> None:
    """Makes the users that there are not yet; nobody has to choose a password first."""
    for user in (USER, ADMIN):
        add_user(cognito, pool, user)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=ADMIN.name, GroupName="admin")


def add_user(cognito: BaseClient, pool: str, user: User) -> None:
    """Makes one user, or gives the one that there is its password back."""
    with suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(UserPoolId=pool, Username=user.name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=user.name, Password=user.password, Permanent=True)
