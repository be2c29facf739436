"""Checks the addresses of the two roles of the database, the one that serves and the one that owns the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def role_problems(serving: Mapping[str, Any], owner: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each thing that is wrong with the roles, if there are two.

    :param serving: Django's settings of the database, empty if they are wrong
    :param owner: likewise of the owner, empty if one role is both
    """
    if not serving or not owner:
        return []
    if not serving["USER"]:
        # The role is granted its rights by its name, in a process of another account.
        return ["DATABASE_URL must name its role where DATABASE_OWNER_URL is set: postgres://petition@host/database."]
    if serving["NAME"] != owner["NAME"]:
        return ["DATABASE_OWNER_URL must name the same database as DATABASE_URL."]
    if not owner["USER"] or owner["USER"] == serving["USER"]:
        return [
            "DATABASE_OWNER_URL must name a role, and another than DATABASE_URL; leave it out where one role is both."
        ]
    return []
