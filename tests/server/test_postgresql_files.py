"""The files in deploy/postgresql do what they say, in each PostgreSQL that is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.schema import schema_of
from tests.support.server.other_postgres import FILES, OtherPostgres, folder_of, other_postgres
from tests.support.server.web_site import manage
from tryout.embedded import SETTINGS

pytestmark = pytest.mark.xdist_group("servers")

SETTING = re.compile(r"^(?P<name>\w+) = '?(?P<value>[^'\n]*)'?$", re.MULTILINE)
SECRET = "Zhdanovich"
# Statements that fail, with a value in them, in what is said, or in its detail.
TELLING = [
    statement.replace("WORD", SECRET)
    for statement in (
        "CREATE TABLE told (name text UNIQUE)",
        "INSERT INTO told VALUES ('WORD')",
        "INSERT INTO told VALUES ('WORD')",
        "SELECT 1 / 0, 'WORD'",
        "DO $$ BEGIN RAISE EXCEPTION 'refused' USING DETAIL = 'WORD'; END $$",
    )
]
WRONG_LINES = """
SELECT name, error FROM pg_file_settings WHERE sourcefile LIKE '%petition.conf' AND (error IS NOT NULL OR NOT applied)
"""
SITE = ("-d", "petition", "-c")
WORD = "of-tests-alone"


@pytest.fixture(scope="module", params=["embedded", "debian"])
def postgres(request: pytest.FixtureRequest) -> Iterator[OtherPostgres]:
    """Return a server of each kind, as it is after its installation."""
    with other_postgres(folder_of(request.param)) as running:
        yield running


def test_no_statement_and_no_value_reaches_the_log(postgres: OtherPostgres) -> None:
    for statement in TELLING:
        postgres.psql("-d", "postgres", "-c", statement)
    # So it would be.
    assert SECRET in postgres.server.log.read_text()
    postgres.psql("-d", "postgres", "-c", "DROP TABLE told")
    postgres.add_settings()
    before = len(postgres.server.log.read_text())
    for statement in TELLING:
        postgres.psql("-d", "postgres", "-c", statement)
    told = postgres.server.log.read_text()[before:]
    assert SECRET not in told
    assert "ERROR:  refused" in told


def test_each_line_is_taken_and_has_its_effect(postgres: OtherPostgres) -> None:
    given = {found["name"]: found["value"] for found in SETTING.finditer((FILES / "petition.conf").read_text())}
    # What a test's server has on its command line counts more.
    not_durable = {"fsync"}
    told = postgres.psql("-d", "postgres", "-c", WRONG_LINES).split("\n")
    assert {line.split("|")[0] for line in told if line} <= not_durable, told
    for name, value in given.items():
        if name not in not_durable:
            found = postgres.psql("-d", "postgres", "-c", f"SHOW {name}").strip("\n")
            assert found in {value, "" if value == "off" else value}, name
    assert {name for name in SETTINGS if name.startswith("log_")} <= set(given)


def test_two_roles_are_made_and_a_site_that_had_one_goes_on(postgres: OtherPostgres) -> None:
    server = postgres.server
    had_one = server.programs == folder_of("embedded")
    if had_one:
        server.ensure_database("petition")
        manage(server.url("petition"), "migrate", "--verbosity=0")
        manage(server.url("petition"), "load_first_petition")
        before = schema_of(server.url("petition"))
    for _ in range(2):
        assert postgres.run_file("roles.sql") == ""
        # What somebody left in between is gone afterwards.
        own = "SELECT count(*) FROM pg_db_role_setting WHERE setrole = 'petition'::regrole"
        assert postgres.psql(*SITE, own).strip() == "0"
        postgres.psql(*SITE, "ALTER ROLE petition SET row_security = off")
        postgres.psql(*SITE, "ALTER ROLE petition IN DATABASE petition SET search_path = elsewhere")
    assert postgres.run_file("roles.sql") == ""
    postgres.psql(*SITE, f"ALTER ROLE petition_owner PASSWORD '{WORD}'")
    postgres.psql(*SITE, f"ALTER ROLE petition PASSWORD '{WORD}'")
    serving, owner = postgres.url("petition", WORD), postgres.url("petition_owner", WORD)
    manage(serving, "migrate", "--verbosity=0", DATABASE_OWNER_URL=owner)
    if had_one:
        assert schema_of(owner) == before
    manage(serving, "check", "--database", "default")
    told = manage(serving, "doctor", "--only", "roles")
    assert "may only use the tables" in told
    assert "large objects" not in told
    held = postgres.psql(*SITE, "SELECT lower('Ё') = 'ё', count(*) FROM signatures_petition").strip()
    assert held == ("t|1" if had_one else "t|0")
    owned = "SELECT count(*) FROM pg_class WHERE relowner = 'petition'::regrole"
    assert postgres.psql(*SITE, owned).strip() == "0"
    for attack in (
        "ALTER TABLE signatures_auditentry DISABLE TRIGGER ALL",
        "CREATE TEMP TABLE a ()",
        "SET ROLE petition_owner",
        "SELECT lo_from_bytea(0, 'kept')",
        "SELECT lo_create(0)",
    ):
        assert "ERROR" in postgres.psql(*SITE, attack, user="petition", password=WORD)


def test_one_account_of_the_system_may_log_in_as_the_owner_and_no_other(postgres: OtherPostgres) -> None:
    postgres.let_in_by_account(postgres.account)
    assert postgres.psql(*SITE, "SELECT current_user", user="petition_owner", password="wrong") == "petition_owner\n"
    # Its own account is not the namesake of the other role.
    assert "Peer authentication failed" in postgres.psql(*SITE, "SELECT 1", user="petition", password=WORD)
    if postgres.server.account.is_other:
        refused = postgres.psql(*SITE, "SELECT 1", user="petition_owner", password=WORD, is_root=True)
        assert "Peer authentication failed" in refused


def test_the_lines_name_the_accounts_and_roles_of_the_other_files() -> None:
    ident, hba, roles = ((FILES / name).read_text() for name in ("pg_ident.conf", "pg_hba.conf", "roles.sql"))
    assert re.search(r"^petition +petition-owner +petition_owner$", ident, re.MULTILINE)
    assert "peer map=petition" in hba
    assert "CREATE ROLE" in roles
    assert Path(FILES).is_dir()
