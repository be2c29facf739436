"""Makes the schema as a database that is spread over many servers by petition would demand it, such as Citus.

There every unique key must hold the column that says on which server a row lies, and a foreign key between two tables
that are spread must hold it on both sides. What is not of one petition stays on one server, and may be referred to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tests.support.database import query

SPREAD = "spread"
ROOT = "signatures_petition"
COLUMN = "petition_id"
# Rows of one petition and rows of none in one table: those of none would get a table of their own.
MIXED = {"signatures_outgoingmail": "mails of alerts are about no single petition"}
COLUMNS = """
SELECT c.relname, a.attname, a.attnotnull, a.attgenerated::text
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND c.relnamespace = %s::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
UNIQUE_KEYS = """
SELECT c.relname, i.relname, x.indisprimary, pg_get_indexdef(i.oid),
    ARRAY(SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number ORDER BY k.place)
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indisunique AND c.relkind = 'r' AND c.relnamespace = %s::regnamespace ORDER BY 1, 2
"""
FOREIGN_KEYS = """
SELECT c.relname, f.conname, r.relname,
    ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number ORDER BY k.place),
    ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.number ORDER BY k.place)
FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
WHERE f.contype = 'f' AND c.relnamespace = %s::regnamespace ORDER BY 1, 2
"""


@dataclass(frozen=True)
class UniqueKey:
    """A unique index; its columns without expressions."""

    table: str
    name: str
    is_primary: bool
    definition: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key, by columns on both sides."""

    table: str
    name: str
    to: str
    columns: tuple[str, ...]
    of: tuple[str, ...]


class Schema:
    """The tables of a schema, as its catalogue has them."""

    def __init__(self, name: str = "public") -> None:
        """Read the catalogue of a schema."""
        self.name = name
        self.required: dict[str, dict[str, bool]] = {}
        self.stored: dict[str, list[str]] = {}
        for table, column, is_required, generated in query(COLUMNS, [name]):
            self.required.setdefault(table, {})[column] = is_required
            self.stored.setdefault(table, []).extend([] if generated else [column])
        self.unique = [
            UniqueKey(table, key, is_primary, definition, tuple(columns))
            for table, key, is_primary, definition, columns in query(UNIQUE_KEYS, [name])
        ]
        self.foreign = [
            ForeignKey(table, key, to, tuple(columns), tuple(of))
            for table, key, to, columns, of in query(FOREIGN_KEYS, [name])
        ]

    @cached_property
    def spread(self) -> set[str]:
        """Return the tables whose every row is of one petition, directly or through the row that it belongs to."""
        found = {ROOT, *MIXED} | {table for table, columns in self.required.items() if columns.get(COLUMN)}
        while True:
            further = {
                key.table
                for key in self.foreign
                if key.to in found
                and key.table not in found
                and COLUMN not in self.required[key.table]
                and all(self.required[key.table][column] for column in key.columns)
            }
            if not further:
                return found
            found |= further

    def place_of(self, table: str) -> str:
        """Return the column that says where a row of a table lies."""
        return "id" if table == ROOT else COLUMN

    def unfit_keys(self) -> list[UniqueKey]:
        """Return the unique keys that do not hold the petition."""
        return [key for key in self.unique if key.table in self.spread and self.place_of(key.table) not in key.columns]

    def unfit_references(self) -> list[ForeignKey]:
        """Return the foreign keys between spread tables that do not hold the petition, or lead back to one of them."""
        return [key for key in self.foreign if key.to in self.spread and not self._is_fit(key)]

    def _is_fit(self, key: ForeignKey) -> bool:
        if key.table not in self.spread:
            return False
        pairs = set(zip(key.columns, key.of, strict=True))
        return (self.place_of(key.table), self.place_of(key.to)) in pairs


def make_spread(now: Schema) -> Schema:
    """Make every spread table anew, with the petition in all of its keys, and return the new schema."""
    query(f"CREATE SCHEMA {SPREAD}")
    for table in sorted(now.spread):
        parts = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING IDENTITY"
        query(f'CREATE TABLE {SPREAD}."{table}" (LIKE public."{table}" {parts})')
        if now.place_of(table) not in now.required[table]:
            query(f'ALTER TABLE {SPREAD}."{table}" ADD {COLUMN} bigint')
        query(f'ALTER TABLE {SPREAD}."{table}" ALTER {now.place_of(table)} SET NOT NULL')
    for key in now.unique:
        if key.table in now.spread:
            query(_with_place(key, now.place_of(key.table)))
    for reference in now.foreign:
        if reference.table in now.spread:
            query(_refer(reference, now))
    return Schema(SPREAD)


def copy_rows(now: Schema) -> None:
    """Copy all rows of the spread tables into the new schema, each with the petition that it is of."""
    for table in sorted(now.spread):
        columns, source = [f'one."{column}"' for column in now.stored[table]], f'public."{table}" AS one'
        names = [f'"{column}"' for column in now.stored[table]]
        if now.place_of(table) not in now.required[table]:
            key = next(key for key in now.foreign if key.table == table and COLUMN in now.required[key.to])
            source += f' JOIN public."{key.to}" AS other ON other.{key.of[0]} = one.{key.columns[0]}'
            columns, names = [*columns, f"other.{COLUMN}"], [*names, COLUMN]
        where = f" WHERE one.{COLUMN} IS NOT NULL" if table in MIXED else ""
        chosen = f"SELECT {', '.join(columns)} FROM {source}{where}"  # noqa: S608 - names of the catalogue
        query(f'INSERT INTO {SPREAD}."{table}" ({", ".join(names)}) {chosen}')


def row_again(now: Schema, table: str, **changes: str) -> str:
    """Return the statement that stores the first row of a table once more in the new schema.

    changes: other values, as SQL, by column.
    """
    names = now.stored[table]
    values = [changes.get(name, f'"{name}"') for name in names]
    listed = ", ".join(f'"{name}"' for name in names)
    chosen = f"SELECT {', '.join(values)} FROM {SPREAD}.{table} ORDER BY id LIMIT 1"  # noqa: S608 - as above
    return f'INSERT INTO {SPREAD}."{table}" ({listed}) {chosen}'


def _with_place(key: UniqueKey, place: str) -> str:
    """Return the statement that makes a unique index in the new schema, the petition first where it was missing."""
    statement = key.definition.replace(" ON public.", f" ON {SPREAD}.")
    if place in key.columns:
        return statement
    return re.sub(r"USING (\w+) \(", rf"USING \1 ({place}, ", statement, count=1)


def _refer(key: ForeignKey, now: Schema) -> str:
    """Return the statement that adds a foreign key in the new schema."""
    columns, of, schema = list(key.columns), list(key.of), "public"
    if key.to in now.spread:
        schema = SPREAD
        pair = (now.place_of(key.table), now.place_of(key.to))
        if pair not in zip(columns, of, strict=True):
            columns, of = [pair[0], *columns], [pair[1], *of]
    return (
        f'ALTER TABLE {SPREAD}."{key.table}" ADD CONSTRAINT "{key.name}" FOREIGN KEY ({", ".join(columns)})'
        f' REFERENCES {schema}."{key.to}" ({", ".join(of)}) DEFERRABLE INITIALLY DEFERRED'
    )
