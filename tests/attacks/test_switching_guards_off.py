"""Whoever holds the login of the role that serves tries to change what triggers freeze, and to switch these off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from tests.support.schema import schema_of
from tests.support.server.web_site import manage, new_database
from tests.support.serving_role import TwoRoles, two_roles

pytestmark = pytest.mark.xdist_group("attacks")

FROZEN = (
    "signatures_auditentry",
    "signatures_auditseal",
    "signatures_packing",
    "signatures_release",
    "signatures_textversion",
    "signatures_textversionbody",
    "signatures_textversionrecipient",
)
ATTACKS = Path(__file__).parents[1] / "support" / "attacks" / "switching_guards_off.sql"
ATTACK = re.compile(r"^-- (?P<what>.+)\n(?P<statement>(?:[^-\n].*\n)+)", re.MULTILINE)
# What PostgreSQL says to somebody without the right, or without the membership, to do so.
NOT_ALLOWED = {"42501", "0LP01"}


@pytest.fixture(scope="module")
def attacked(loaded_database: str) -> Iterator[TwoRoles]:
    """Return a database with the first petition, an account and an audit log, served by a role that owns nothing."""
    with new_database(loaded_database) as (_, url):
        roles = two_roles(url)
        manage(roles.url, "ensure_database_rights", **roles.env)
        manage(roles.url, "ensure_roles")
        manage(roles.url, "ensure_organiser")
        with roles.connected(as_owner=True) as cursor:
            # Somebody of the owner is about, whose session could be ended.
            yield roles
            cursor.execute("SELECT 1")


def rows(roles: TwoRoles) -> list[tuple[str, object]]:
    """Return all rows of the frozen tables."""
    with roles.connected(as_owner=True) as cursor:
        found: list[tuple[str, object]] = []
        for name in FROZEN:
            cursor.execute(f"SELECT * FROM {name} ORDER BY 1")  # noqa: S608
            found += [(name, row) for row in cursor.fetchall()]
        return found


def attacks_on(roles: TwoRoles) -> dict[str, str]:
    """Return each attack by its name."""
    with roles.connected(as_owner=True) as cursor:
        cursor.execute("SELECT current_user, quote_ident(current_database())")
        owner, database = cursor.fetchone() or ("", "")
    text = ATTACKS.read_text(encoding="utf-8").replace(":owner", owner).replace(":database", database)
    return {found["what"]: found["statement"] for found in ATTACK.finditer(text)}


def test_no_way_to_switch_a_guard_off_or_to_change_what_is_frozen_is_open_to_the_role_that_serves(
    attacked: TwoRoles, record_property: Callable[[str, object], None]
) -> None:
    attacks, before, schema = attacks_on(attacked), rows(attacked), schema_of(attacked.owner_url)
    assert len(attacks) >= 33
    assert {name for name, _ in before} >= {"signatures_auditentry", "signatures_textversionbody"}
    wrong = {}
    for what, statement in attacks.items():
        with attacked.connected() as cursor:
            try:
                cursor.execute(statement)
                wrong[what] = "taken"
            except psycopg2.Error as error:
                if error.pgcode not in NOT_ALLOWED:
                    wrong[what] = f"{error.pgcode} {error}"
    assert wrong == {}
    assert rows(attacked) == before
    assert schema_of(attacked.owner_url) == schema
    record_property("figures", f"{len(attacks)} of {len(attacks)} ways refused")


@pytest.mark.parametrize(
    "what", ["disable the trigger", "replace its function", "set a table before it for this session", "drop the table"]
)
def test_the_owner_goes_these_ways(attacked: TwoRoles, what: str) -> None:
    """So that a way is closed by the rights, and not by a slip in the attack."""
    with closing(psycopg2.connect(attacked.owner_url)) as connection, connection.cursor() as cursor:
        cursor.execute(attacks_on(attacked)[what])
        connection.rollback()
