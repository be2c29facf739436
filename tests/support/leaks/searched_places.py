"""Every place where something may have been stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import redis
from psycopg2 import sql

# Includes the only tables of PostgreSQL that contain values of ours: the planner statistics.
COLUMNS = """
SELECT nspname, relname, attname
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE attnum > 0 AND NOT attisdropped AND (
    relkind IN ('r', 'm', 'S') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    OR nspname = 'pg_catalog' AND relname IN ('pg_statistic', 'pg_statistic_ext_data'))
ORDER BY 1, 2, attnum
"""
Place = tuple[str, bytes]


def files_below(folder: Path, *but: Path) -> Iterator[Place]:
    """Yield every file below a folder, except below excluded ones."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(path.is_relative_to(other) for other in but):
            yield f"file {path.relative_to(folder)}", path.read_bytes()


def columns_of(connection: Any) -> Iterator[Place]:
    """Yield every column of every table as text, with bytea in hexadecimal."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(COLUMNS)
        for schema, table, column in cursor.fetchall():
            cursor.execute(
                sql.SQL("SELECT string_agg({}::text, E'\\n') FROM {}").format(
                    sql.Identifier(column), sql.Identifier(schema, table)
                )
            )
            name = f"{table}.{column}" if schema == "public" else f"{schema}.{table}.{column}"
            yield f"column {name}", (cursor.fetchone()[0] or "").encode()


def columns_at(**where: Any) -> Iterator[Place]:
    """Yield every column of the tables of a database, given by connection parameters."""
    with closing(psycopg2.connect(**where)) as connection:
        connection.autocommit = True
        yield from columns_of(connection)


def keys_in_redis(url: str) -> Iterator[Place]:
    """Yield everything that is stored in a Redis."""
    with closing(redis.Redis.from_url(url)) as client:
        for key in sorted(client.scan_iter()):
            yield f"redis {key!r}", key + b"\n" + (client.dump(key) or b"") + b"\n" + (client.get(key) or b"")


def commands_of(*processes: psutil.Process) -> Iterator[Place]:
    """Yield the command lines of processes and their children, which anybody on the machine can see."""
    for parent in processes:
        for process in [parent, *parent.children(recursive=True)]:
            yield f"command of {process.pid}", "\n".join(process.cmdline()).encode()
