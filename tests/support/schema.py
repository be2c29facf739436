"""Reads from its catalogues what a database consists of: the same tables and guards give the same lines."""

from __future__ import annotations

from contextlib import closing

import psycopg2

PARTS = {
    "table": (
        "SELECT relname, relkind, relpersistence FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind <> 't'"
    ),
    "column": (
        "SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,"
        " attstattarget, attstorage, attcollation, pg_get_expr(adbin, adrelid)"
        " FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
        " WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped"
    ),
    "constraint": (
        "SELECT relname, conname, pg_get_constraintdef(pg_constraint.oid), condeferrable, condeferred, convalidated"
        " FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid WHERE relnamespace = 'public'::regnamespace"
    ),
    "index": (
        "SELECT pg_get_indexdef(indexrelid), indisvalid"
        " FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace"
    ),
    "trigger": (
        "SELECT pg_get_triggerdef(pg_trigger.oid), tgenabled"
        " FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal"
    ),
    "function": "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
}


def schema_of(database_url: str) -> set[str]:
    """Return a line for each table, column, constraint, index, trigger and function of a database."""
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        found = set()
        for part, statement in PARTS.items():
            cursor.execute(statement)
            found |= {f"{part}: {row}" for row in cursor.fetchall()}
        return found
