"""Which rights the role that serves has on each table, and that no table is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from signatures.models.table_rights import (
    ADD,
    AROUND_RIGHTS,
    FOLD,
    KEEP,
    NEVER,
    SEQUENCE_RIGHTS,
    TABLE_RIGHTS,
    WORK,
    apply_changes,
    changes_for,
    unknown_tables,
)
from tests.support.database import query, tables
from tests.support.environment import SERVING
from tests.support.serving_role import serving_role_there

pytestmark = pytest.mark.django_db
# A trigger for each row, before it is changed (16) or deleted (8), that refuses every row.
REFUSES_EVERY_ROW = """
SELECT tgrelid::regclass::text, tgtype::int & 16 <> 0, tgtype::int & 8 <> 0 FROM pg_trigger
WHERE NOT tgisinternal AND tgtype::int & 3 = 3 AND tgqual IS NULL AND tgfoid = 'signatures_refuse_change'::regproc
"""


def held(name: str) -> set[str]:
    """Return the rights that the role that serves has on a table."""
    rows = query(
        "SELECT right_name FROM unnest(%s) AS right_name WHERE has_table_privilege(%s, %s::regclass, right_name)",
        [sorted(WORK | NEVER), SERVING, name],
    )
    return {right for (right,) in rows}


def ensure() -> list[str]:
    """Make the rights what they should be, and return what differed."""
    with connection.cursor() as cursor:
        changes = changes_for(cursor, SERVING)
        apply_changes(cursor, SERVING, changes)
    return [str(change) for change in changes]


def test_every_table_of_the_database_and_no_other_has_its_line() -> None:
    assert sorted(tables()) == sorted(TABLE_RIGHTS)
    with connection.cursor() as cursor:
        assert unknown_tables(cursor) == []
    query("CREATE TABLE of_somebody (id bigint)")
    with connection.cursor() as cursor:
        assert unknown_tables(cursor) == ["of_somebody"]


def test_what_triggers_refuse_for_every_row_is_not_granted_either() -> None:
    frozen = query(REFUSES_EVERY_ROW)
    assert len({name for name, *_ in frozen}) >= 7
    for name, is_kept, is_there in frozen:
        assert not (is_kept and "UPDATE" in TABLE_RIGHTS[name]), name
        assert not (is_there and "DELETE" in TABLE_RIGHTS[name]), name
    for rights in TABLE_RIGHTS.values():
        assert not rights & NEVER


def test_only_a_few_tables_may_be_added_to_and_no_more() -> None:
    # Whoever adds a table to one of these groups, or takes one out, says so here.
    groups = {
        "added to": (
            ADD,
            "auditentry auditseal packing release rewrite textversion textversionbody textversionrecipient",
        ),
        "kept": (KEEP, "approval organiser"),
        "folded": (FOLD, "hourtally tally"),
    }
    for rights, names in groups.values():
        found = [name for name, has in TABLE_RIGHTS.items() if has == rights and name.startswith("signatures_")]
        assert found == [f"signatures_{name}" for name in names.split()]
    ours = {model._meta.db_table for model in apps.get_app_config("signatures").get_models(include_auto_created=True)}
    assert {name for name in ours if TABLE_RIGHTS[name] == WORK} > {"signatures_signature", "signatures_attempt"}


def test_the_role_is_granted_exactly_what_stands_in_the_table_and_nothing_is_done_twice() -> None:
    serving_role_there()
    query(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {SERVING}")
    assert any(line.startswith("table signatures_auditentry: +INSERT, SELECT") for line in ensure())
    assert {name: held(name) for name in TABLE_RIGHTS} == {name: set(rights) for name, rights in TABLE_RIGHTS.items()}
    for (sequence,) in query("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"):
        rights = query(
            "SELECT right_name FROM unnest(ARRAY['SELECT', 'USAGE', 'UPDATE']) AS right_name"
            " WHERE has_sequence_privilege(%s, %s::regclass, right_name)",
            [SERVING, sequence],
        )
        assert {right for (right,) in rights} == SEQUENCE_RIGHTS
    assert ensure() == []


@pytest.mark.parametrize(
    ("too_much", "told"),
    [
        ("GRANT UPDATE ON signatures_auditentry TO {role}", "table signatures_auditentry: -UPDATE"),
        ("GRANT TRUNCATE ON signatures_tally TO {role}", "table signatures_tally: -TRUNCATE"),
        ("GRANT DELETE ON signatures_release TO PUBLIC", "table signatures_release: -PUBLIC DELETE"),
        (
            "GRANT UPDATE (reason) ON signatures_auditentry TO {role}",
            "table signatures_auditentry: -UPDATE of a column",
        ),
        (
            "GRANT ALL ON signatures_auditentry_id_seq TO {role}",
            "sequence signatures_auditentry_id_seq: -UPDATE, USAGE",
        ),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "schema public: -PUBLIC CREATE"),
        ("GRANT TEMPORARY ON DATABASE {database} TO {role}", "database {database}: -TEMPORARY"),
        ("GRANT TEMPORARY ON DATABASE {database} TO PUBLIC", "database {database}: -PUBLIC TEMPORARY"),
        ("REVOKE INSERT ON signatures_signature FROM {role}", "table signatures_signature: +INSERT"),
        ("REVOKE USAGE ON SCHEMA public FROM {role}", "schema public: +USAGE"),
    ],
)
def test_what_is_too_much_is_taken_back_and_what_is_missing_is_granted(too_much: str, told: str) -> None:
    serving_role_there()
    ensure()
    names = {"role": SERVING, "database": f'"{connection.settings_dict["NAME"]}"'}
    query(too_much.format(**names))
    assert ensure() == [told.format(database=connection.settings_dict["NAME"])]
    assert ensure() == []


def test_nobody_but_owner_and_role_may_make_tables_even_for_a_session() -> None:
    serving_role_there()
    ensure()
    database = connection.settings_dict["NAME"]
    assert query("SELECT has_database_privilege(%s, %s, 'TEMPORARY')", [SERVING, database]) == [(False,)]
    assert query("SELECT has_schema_privilege(%s, 'public', 'CREATE, USAGE')", [SERVING]) == [(True,)]
    assert query("SELECT has_schema_privilege(%s, 'public', 'CREATE')", [SERVING]) == [(False,)]
    assert set(AROUND_RIGHTS) == {"DATABASE", "SCHEMA"}


def test_where_one_role_is_both_there_is_nothing_to_grant(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("ensure_database_rights", "--check")
    assert "DATABASE_OWNER_URL is not set" in capsys.readouterr().out


def test_each_right_stands_once_in_the_order_of_names() -> None:
    lines = Path(__file__).parents[3].joinpath("signatures/models/table_rights.py").read_text(encoding="utf-8")
    names = [line.split('"')[1] for line in lines.splitlines() if line.startswith('    "signatures_')]
    assert len(names) == len(set(names))
