"""How the tables and their guards come to be, go, and come from a database that was made before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.migrations import Migration, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models import Q
from django.db.models.functions import Upper

import signatures
from signatures.models.sql_files import REVERSE, run_sql_file
from tests.support.schema import schema_of
from tests.support.server.web_site import manage, new_database
from tests.support.table_locks import blocking_statements

FIRST = ["0001_models", "0002_invariants"]
# Databases that earlier migrations made do not know the first two, but what these replace.
FORGET = "DELETE FROM django_migrations WHERE app = 'signatures' AND (name > %s OR name = ANY (%s))"
NEWEST_REPLACED = "0035_any_language"
TITLES = "SELECT id, slug, title_en, title_ru, status, languages FROM signatures_petition"
RECORDED = "SELECT name FROM django_migrations WHERE app = 'signatures' ORDER BY name"


def all_migrations() -> list[Migration]:
    """Return the migrations of the app, the first before those that build on it."""
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    (newest,) = graph.leaf_nodes("signatures")
    return [graph.nodes[node] for node in graph.forwards_plan(newest) if node[0] == "signatures"]


def ask(url: str, statement: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
    """Run a statement in another database than that of the tests, and return its rows."""
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture
def url(loaded_database: str) -> Iterator[str]:
    """Return the address of a database of its own, with the first petition."""
    with new_database(loaded_database) as (_, address):
        yield address


def test_guards_and_then_tables_are_taken_back_to_nothing_and_made_again(url: str) -> None:
    before = schema_of(url)
    manage(url, "migrate", "signatures", FIRST[0], "--verbosity=0")
    tables = schema_of(url)
    assert [line for line in tables if line.startswith("trigger") or "_of_petition', 'FOREIGN" in line] == []
    assert "signatures_signature" in str(tables)
    # Samples of organisers' sessions are taken again.
    assert [line for line in tables - before if "'django_session', 'session_key'" in line]
    manage(url, "migrate", "signatures", "zero", "--verbosity=0")
    assert "signatures_" not in str(schema_of(url))
    manage(url, "migrate", "--verbosity=0")
    assert schema_of(url) == before


def made_by_earlier_migrations(url: str, newest: str) -> None:
    """Let a database look as if earlier migrations had made it, up to one of them."""
    manage(url, "migrate", "signatures", FIRST[-1], "--verbosity=0")
    ask(url, FORGET, [newest, FIRST])


def test_a_database_that_earlier_migrations_made_goes_on_from_there(url: str) -> None:
    before, petitions = schema_of(url), ask(url, TITLES)
    made_by_earlier_migrations(url, NEWEST_REPLACED)
    assert schema_of(url) != before
    told = manage(url, "migrate")
    assert "0003_belarusian" in told
    assert FIRST[0] not in told
    assert schema_of(url) == before
    assert ask(url, TITLES) == petitions
    assert set(FIRST) <= {name for (name,) in ask(url, RECORDED)}


@pytest.mark.parametrize("newest", ["0034_any_petition", "0020_texts_of_releases", "0001_initial"])
def test_one_that_only_some_of_them_made_is_refused_with_a_hint_and_stays_as_it_was(url: str, newest: str) -> None:
    made_by_earlier_migrations(url, newest)
    before, recorded = schema_of(url), ask(url, RECORDED)
    with pytest.raises(AssertionError, match=f"Migrate it to {NEWEST_REPLACED} first"):
        manage(url, "migrate")
    assert (schema_of(url), ask(url, RECORDED)) == (before, recorded)


def test_the_splits_of_the_count_are_made_of_what_was_summed_before_there_were_any(url: str) -> None:
    manage(url, "migrate", "signatures", "0007", "--verbosity=0")
    ask(
        url,
        "SELECT set_config('signatures.summing', 'on', false); INSERT INTO signatures_tally (petition_id, kind, reason,"
        " source, country, language, visibility, amount, is_summed)"
        " SELECT id, kind, '', 'WEB', country, 'en', 'PUBLIC', amount, is_summed"
        " FROM signatures_petition, (VALUES ('CONFIRMED', 'PL', 5, true), ('SUBMITTED', 'PL', 9, true),"
        " ('WITHDRAWN', 'PL', 2, true), ('CONFIRMED', 'PL', 1, false), ('CHANGED_FROM', 'PL', 1, true),"
        " ('CHANGED_TO', 'LT', 1, true), ('CONFIRMED', 'DE', 1, true), ('WITHDRAWN', 'DE', 1, true)"
        ") AS tally (kind, country, amount, is_summed)",
    )
    manage(url, "migrate", "--verbosity=0")
    splits = "SELECT source, country, language, visibility, amount FROM signatures_tallysplit ORDER BY country"
    assert ask(url, splits) == [("WEB", "LT", "en", "PUBLIC", 1), ("WEB", "PL", "en", "PUBLIC", 2)]


def test_every_migration_can_be_taken_back() -> None:
    assert [migration.name for migration in all_migrations()][:2] == FIRST
    for migration in all_migrations():
        assert [operation for operation in migration.operations if not operation.reversible] == [], migration.name


def test_every_file_of_sql_is_run_by_a_migration() -> None:
    run = {operation.sql for one in all_migrations() for operation in one.operations if isinstance(operation, RunSQL)}
    files = list(Path(signatures.__file__).parent.rglob("*.sql"))
    assert len(files) > 10
    assert [file.name for file in files if file.read_text(encoding="utf-8").partition(REVERSE)[0] not in run] == []


def test_a_file_of_sql_that_does_not_say_how_to_take_it_back_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "guard.sql"
    file.write_text(f"SELECT 1;\n{REVERSE}SELECT 2;\n", encoding="utf-8")
    operation = run_sql_file(str(file))
    assert (str(operation.sql).strip(), str(operation.reverse_sql).strip()) == ("SELECT 1;", "SELECT 2;")
    file.write_text(f"SELECT 1;\n{REVERSE}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"guard\.sql has no part that reverses it"):
        run_sql_file(str(file))


KNOWN = models.CheckConstraint(condition=Q(language__in=["en"]), name="signature_known")
INDEX = GinIndex(fields=["city"], name="signature_city")
GENERATED = models.GeneratedField(expression=Upper("country"), output_field=models.TextField(), db_persist=True)
LABELLED = models.CharField("town", max_length=120, null=True)
BLOCKING: list[Operation] = [
    migrations.AddConstraint("signature", KNOWN),
    migrations.AddIndex("signature", INDEX),
    migrations.AddField("signature", "profession", models.TextField(null=True, unique=True)),
    migrations.AddField("signature", "origin", GENERATED),
    migrations.AddField("signature", "recipient", models.ForeignKey("recipient", models.PROTECT, null=True)),
    migrations.AlterField("signature", "city", models.TextField(null=True)),
    migrations.AlterField("signature", "city", models.CharField(max_length=120, default="")),
    migrations.RunSQL("UPDATE signatures_signature SET city = NULL"),
    migrations.RunSQL("ALTER TABLE signatures_tally\n    ALTER COLUMN amount SET STATISTICS 0, ADD UNIQUE (amount);"),
    migrations.RunSQL("CREATE TABLE one (entry_id bigint REFERENCES signatures_auditentry);"),
    migrations.RunSQL("SELECT 1; -- why\nDO $$ BEGIN EXECUTE 'UPDATE signatures_signature SET id = id'; END $$;"),
]
HARMLESS: list[Operation] = [
    AddConstraintNotValid("signature", KNOWN),
    ValidateConstraint("signature", "signature_language_known"),
    AddIndexConcurrently("signature", INDEX),
    migrations.AddField("signature", "profession", models.CharField(max_length=80, null=True)),
    migrations.AddField("signature", "is_new", models.BooleanField(default=False, db_default=False)),
    migrations.AlterField("signature", "city", LABELLED),
    migrations.RemoveField("signature", "city"),
    migrations.RemoveConstraint("signature", "signature_language_known"),
    migrations.AddIndex("petition", models.Index(fields=["goal"], name="petition_goal")),
    migrations.RunSQL('CREATE TABLE "signatures_auditseal" (number bigint PRIMARY KEY);'),
    migrations.RunSQL("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ DELETE FROM signatures_tally $$;"),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("operations", [BLOCKING, HARMLESS], ids=["blocking", "harmless"])
def test_a_migration_that_blocks_a_table_that_grows_is_noticed(operations: list[Operation]) -> None:
    state = MigrationLoader(None, ignore_no_migrations=True).project_state(("signatures", FIRST[-1]))
    for operation in operations:
        example = type("Example", (Migration,), {"operations": [operation], "atomic": False})
        found = blocking_statements(example("example", "signatures"), state)
        assert bool(found) is (operations is BLOCKING), (operation, found)


@pytest.mark.django_db(transaction=True)
def test_no_migration_blocks_a_table_that_grows() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for migration in all_migrations()[len(FIRST) :]:
        before = loader.project_state(("signatures", migration.name), at_end=False)
        assert blocking_statements(migration, before) == [], migration.name
