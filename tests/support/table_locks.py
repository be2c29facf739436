"""Finds the statements of a migration that keep everybody waiting while they read or write a table that grows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.state import ProjectState

# A campaign may have millions of rows in these.
GROWING = ("attempt", "auditentry", "auditseal", "movement", "outgoingmail", "removedmark", "signature", "tally")
NAMES_A_GROWING_TABLE = re.compile(rf"\bsignatures_(?:{'|'.join(GROWING)})\b")
# What is a matter of the catalogues alone, or lets others write meanwhile. Whatever is not known to be so is not safe.
SAFE = re.compile(
    r"""
    ALTER\ TABLE\ \S+\ (?:
        ADD\ COLUMN\ (?!.*\b(?:UNIQUE|PRIMARY|REFERENCES|GENERATED|IDENTITY)\b)(?!.*\bDEFAULT\ [^,]*\w\()
        | ADD\ CONSTRAINT\ .*\ NOT\ VALID$
        | VALIDATE\ CONSTRAINT\b
        | DROP\ (?:COLUMN|CONSTRAINT)\b
        | ALTER\ COLUMN\ \S+\ (?:SET\ STATISTICS|SET\ DEFAULT|DROP\ DEFAULT|DROP\ NOT\ NULL)\b[^,]*$
        | (?:ENABLE|DISABLE)\ TRIGGER\b
    )
    | CREATE\ TABLE\ (?!.*\bREFERENCES\b)
    | CREATE\ (?:UNIQUE\ )?INDEX\ CONCURRENTLY\b
    | (?:CREATE|DROP)\ (?:OR\ REPLACE\ )?(?:CONSTRAINT\ )?TRIGGER\b
    | COMMENT\ ON\b
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
COMMENT = re.compile(r"--[^\n]*")
BODY = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)


def blocking_statements(migration: Migration, before: ProjectState) -> list[str]:
    """Return the statements of a migration that block a table that grows for as long as it is big.

    What a function in Python does is not looked at.

    :param before: the models as the migration finds them
    """
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        migration.apply(before.clone(), editor, collect_sql=True)
    script = COMMENT.sub("", "\n".join(editor.collected_sql))
    return [statement for statement in _statements(script) if not _is_safe(statement)]


def _statements(script: str) -> Iterator[str]:
    yield from filter(None, (" ".join(part.split()) for part in BODY.sub("", script).split(";")))


def _is_safe(statement: str) -> bool:
    # A block that names no table here can still write to one.
    is_block = statement.upper().split()[0] == "DO"
    return not is_block and (not NAMES_A_GROWING_TABLE.search(statement) or bool(SAFE.match(statement)))
