"""The whole site, as real processes, on a database that one role owns and another serves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from environ import Env
from pytest_django import DjangoDbBlocker

from signatures.models.database_roles import serving_problems
from tests.support.environment import SERVING
from tests.support.faults.backups import Operator
from tests.support.journals import environment_of
from tests.support.leaks.erased_site import Campaign, Person, campaign, parts_of
from tests.support.server.local_site import ROOT
from tests.support.server.web_site import manage, new_database
from tests.support.serving_role import TwoRoles, two_roles
from tryout.embedded import USER

pytestmark = pytest.mark.xdist_group("attacks")

SLUG = "belarus-political-prisoners"
A_DAY_PASSES = "UPDATE signatures_rewrite SET clean_at = clean_at - interval '26 hours'"
FILES = "SELECT relname, pg_relation_filenode(oid) FROM pg_class WHERE relname ^@ 'signatures_' AND relkind = 'r'"
NOT_OWNER = "it neither owns the tables nor may make them. Set DATABASE_OWNER_URL"
TOKEN = {"METRICS_TOKEN": "of-tests-alone-for-readiness"}


@pytest.fixture(scope="module")
def running() -> Iterator[Campaign]:
    """Return a campaign whose web server, worker and commands have the login of the role that serves."""
    with campaign(has_two_roles=True, env=TOKEN) as site:
        yield site


@pytest.fixture(scope="module")
def roles(running: Campaign) -> TwoRoles:
    """Return the addresses of both roles."""
    return TwoRoles(running.site.env["DATABASE_URL"], running.site.database_url)


def run(url: str, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the site, whatever becomes of it."""
    return subprocess.run(
        [sys.executable, *words],
        env={**environment_of(url), **env},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


def warnings_of(running: Campaign) -> str:
    """Return the warnings of the readiness page."""
    answer = running.site.get("/-/ready", [("Authorization", f"Bearer {TOKEN['METRICS_TOKEN']}")])
    assert answer.status == 200
    return " ".join(json.loads(answer.text)["warnings"])


def files_of(running: Campaign) -> dict[object, object]:
    """Return the numbers of the tables' files, which change when they are written anew."""
    return dict(running.site.query(FILES))


def test_signing_confirming_withdrawing_erasing_and_purging_work_and_the_owner_rewrites_what_was_erased(
    running: Campaign,
) -> None:
    stays, withdraws, lowers, asks = (Person.new() for _ in range(4))
    running.sign(stays, withdraws, lowers, asks)
    running.leave({withdraws: "WITHDRAW", lowers: "COUNTED"})
    running.erase_for(asks)
    for command in ("check_tally", "check_audit"):
        manage(running.site.database_url, command, **running.site.env)
    running.site.query(A_DAY_PASSES)
    before = files_of(running)
    running.deliver()
    # The worker leaves it to the owner, and an operator whose timer does not run is told.
    assert files_of(running) == before
    assert "could not be rewritten" in warnings_of(running)
    assert "rewritten: public.signatures_signature" in running.rewrite()
    assert files_of(running)["signatures_signature"] != before["signatures_signature"]
    assert "could not be rewritten" not in warnings_of(running)
    erased = parts_of([word for one in (withdraws, lowers, asks) for word in (one.surname, one.city, one.reason)])
    kept = parts_of([stays.surname, stays.city, stays.reason])
    assert not running.found(erased)
    assert running.found(kept)
    # A purge is in the files as soon as the owner comes round.
    running.site.query("UPDATE signatures_petition SET status = 'CLOSED'")
    manage(running.site.database_url, "purge", SLUG, "--confirm", SLUG, "--reason", "The end", **running.site.env)
    assert running.found(kept)
    running.rewrite()
    assert not running.found({**kept, **running.gone})
    assert "Traceback" not in running.site.log


def test_a_backup_is_restored_by_the_owner_and_then_served_by_the_other_role(
    running: Campaign, roles: TwoRoles, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    operator = Operator(tmp_path, {"ERASURE_JOURNAL": str(journal)})
    file = operator.backup(roles.url, ERASURE_JOURNAL=running.site.env["ERASURE_JOURNAL"])
    # The restored one goes its own way from here on.
    shutil.copytree(running.site.env["ERASURE_JOURNAL"], journal)
    with new_database(os.environ.get("TEST_TEMPLATE") or "template1") as (_, url):
        restored = two_roles(url)
        code, told = operator.run(restored.url, *operator.restore_words(file, journal))
        assert (code, "Traceback" in told) == (1, False), told
        assert "This database may serve." in operator.restore(restored.url, file, journal, env=restored.env)
        for words in (["check", "--database", "default"], ["check_tally"], ["work", "--once"]):
            done = run(restored.url, "manage.py", *words, ERASURE_JOURNAL=str(journal))
            assert done.returncode == 0, done.stderr


def test_the_role_that_serves_may_not_migrate_nor_rewrite_and_is_told_who_does(roles: TwoRoles) -> None:
    for command, told in (("migrate", NOT_OWNER), ("rewrite_tables", "This role does not own the tables")):
        done = run(roles.url, "manage.py", command)
        assert (done.returncode, told in done.stderr) == (1, True), done.stderr
        assert "Traceback" not in done.stderr
    # Whether anything is to be migrated may be asked by anybody.
    assert run(roles.url, "manage.py", "migrate", "--check").returncode == 0


def test_an_owner_that_postgresql_does_not_let_in_is_told_in_a_sentence(roles: TwoRoles) -> None:
    wrong = urlsplit(roles.owner_url)._replace(netloc="petition:wrong@").geturl()
    done = run(roles.url, "manage.py", "migrate", DATABASE_OWNER_URL=wrong)
    assert done.returncode == 1
    assert "PostgreSQL does not let us in by DATABASE_OWNER_URL" in done.stderr
    assert "password authentication failed" in done.stderr
    assert "Traceback" not in done.stderr
    assert "wrong" not in done.stderr


@pytest.fixture
def problems(roles: TwoRoles, django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[[], list[str]]]:
    """Return a function that returns what a start would say of the role that serves."""
    own = connection.copy()
    own.settings_dict = own.settings_dict | Env.db_url_config(roles.url)

    def look() -> list[str]:
        with django_db_blocker.unblock(), own.cursor() as cursor:
            return serving_problems(cursor)

    yield look
    own.close()


# What makes the role more, or less, than it should be; how that is undone; what is said.
MEMBER = ("GRANT {owner} TO {role}", "REVOKE {owner} FROM {role}", "is a member of, a role that owns something or is")
SUPERUSER = ("ALTER ROLE {role} SUPERUSER", "ALTER ROLE {role} NOSUPERUSER", "or is powerful: {role}")
UNFIT = {
    "member": MEMBER,
    "superuser": SUPERUSER,
    "makes roles": ("ALTER ROLE {role} CREATEROLE", "ALTER ROLE {role} NOCREATEROLE", "or is powerful: {role}"),
    "reads all changes": ("ALTER ROLE {role} REPLICATION", "ALTER ROLE {role} NOREPLICATION", "or is powerful: {role}"),
    "predefined": (
        "GRANT pg_write_all_data TO {role}",
        "REVOKE pg_write_all_data FROM {role}",
        "or is powerful: pg_write_all_data",
    ),
    "owns": (
        "CREATE TABLE own (); ALTER TABLE own OWNER TO {role}",
        "DROP TABLE own",
        "owns something or is powerful: {role}",
    ),
    "owns a function": (
        "CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION own() OWNER TO {role}",
        "DROP FUNCTION own()",
        "owns something or is powerful: {role}",
    ),
    "parameter": (
        "GRANT SET ON PARAMETER session_replication_role TO {role}",
        "REVOKE SET ON PARAMETER session_replication_role FROM {role}",
        "SET on session_replication_role",
    ),
    "no triggers": (
        "ALTER ROLE {role} SET session_replication_role = replica",
        "ALTER ROLE {role} RESET session_replication_role",
        "a setting of its own: session_replication_role",
    ),
    "other tables": (
        "ALTER ROLE {role} SET search_path = elsewhere, public",
        "ALTER ROLE {role} RESET search_path",
        "a setting of its own: search_path",
    ),
    "other rows": (
        "ALTER ROLE {role} SET row_security = off",
        "ALTER ROLE {role} RESET row_security",
        "a setting of its own: row_security",
    ),
    "makes tables": (
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "CREATE on the schema public",
    ),
    "triggers": (
        "GRANT TRIGGER ON signatures_auditentry TO PUBLIC",
        "REVOKE TRIGGER ON signatures_auditentry FROM PUBLIC",
        "TRIGGER on signatures_auditentry",
    ),
    "missing": (
        "REVOKE INSERT ON signatures_auditentry FROM {role}",
        "GRANT INSERT ON signatures_auditentry TO {role}",
        "lacks rights: INSERT on signatures_auditentry",
    ),
    "no schema": (
        "REVOKE USAGE ON SCHEMA public FROM {role}, PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {role}, PUBLIC",
        "lacks rights: USAGE on the schema public",
    ),
}
NAMES = {"role": SERVING, "owner": USER}


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_a_role_that_could_do_more_or_less_than_serve_is_told_of(
    running: Campaign, problems: Callable[[], list[str]], unfit: tuple[str, str, str]
) -> None:
    statement, undone, told = (words.format(**NAMES) for words in unfit)
    assert problems() == []
    running.as_administrator(statement)
    try:
        assert told in " ".join(problems())
    finally:
        running.as_administrator(undone)
    assert problems() == []


def test_a_setting_of_the_whole_database_that_stops_triggers_is_told_of(
    running: Campaign, roles: TwoRoles, problems: Callable[[], list[str]]
) -> None:
    name = urlsplit(roles.url).path.strip("/")
    running.as_administrator(f"ALTER DATABASE {name} SET session_replication_role = replica")
    try:
        assert "session_replication_role is replica" in " ".join(problems())
    finally:
        running.as_administrator(f"ALTER DATABASE {name} RESET session_replication_role")


WEB = ("-m", "gunicorn", "-c", "gunicorn.conf.py", "petition_site.wsgi")
WORKER = ("manage.py", "work", "--once")


@pytest.mark.parametrize(("program", "unfit"), [(WEB, MEMBER), (WORKER, SUPERUSER)], ids=["web", "worker"])
def test_neither_web_server_nor_worker_starts_with_it(
    running: Campaign, roles: TwoRoles, program: tuple[str, ...], unfit: tuple[str, str, str]
) -> None:
    statement, undone, told = (words.format(**NAMES) for words in unfit)
    running.as_administrator(statement)
    try:
        # They know nothing of the owner, as where that one has a password.
        done = run(roles.url, *program, BIND="unix:/nowhere/at.all")
    finally:
        running.as_administrator(undone)
    assert done.returncode != 0
    assert told in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_a_start_as_the_owner_is_refused_where_two_roles_are_meant(roles: TwoRoles) -> None:
    done = run(roles.owner_url, *WORKER, DATABASE_OWNER_URL=roles.url)
    assert done.returncode == 1
    assert f"a role that owns something or is powerful: {USER}" in done.stderr
    # A password of the owner has no place where visitors are served.
    assert "DATABASE_OWNER_URL holds a password here" in done.stderr


def test_the_rights_are_looked_at_and_made_anew(running: Campaign, roles: TwoRoles) -> None:
    running.as_administrator(f"GRANT UPDATE ON signatures_auditentry TO {SERVING}")
    looked = run(roles.url, "manage.py", "ensure_database_rights", "--check", **roles.env)
    assert (looked.returncode, looked.stdout) == (1, "table signatures_auditentry: -UPDATE\n")
    done = run(roles.url, "manage.py", "ensure_database_rights", **roles.env)
    assert (done.returncode, done.stdout) == (0, "table signatures_auditentry: -UPDATE\nchanged: 1\n")
    foreign = {"DATABASE_OWNER_URL": roles.owner_url, "DATABASE_URL": roles.url.replace(SERVING, "nobody_here")}
    nobody = run(roles.url, "manage.py", "ensure_database_rights", **foreign)
    assert "The role nobody_here of DATABASE_URL cannot be granted its rights" in nobody.stderr
    assert "Traceback" not in nobody.stderr
