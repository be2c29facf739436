"""The newest entry of the journal about each row, and how that row is now."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection

from signatures.journaling.entries import Entry

# The columns are those of the trigger that noted the entries, so that they stand in one place.
ARGUMENTS = """
SELECT string_to_array(encode(tgargs, 'escape'), '\\000') FROM pg_trigger
WHERE tgrelid = %s::regclass AND tgname IN ('note_lowering', 'note_erasure') ORDER BY tgname DESC LIMIT 1
"""
FACTS = """
SELECT {key}, signatures_facts(
    to_jsonb(stored), string_to_array(%s, ','), string_to_array(%s, ','), string_to_array(%s, ','))
FROM {table} AS stored WHERE {key} = ANY (%s)
"""
Rows = Mapping[int, Entry]


def latest_by_table(entries: Iterable[Entry]) -> dict[str, dict[int, Entry]]:
    """Return the newest entry about each row, by table; entries come in the order of their numbers."""
    found: dict[str, dict[int, Entry]] = defaultdict(dict)
    for entry in entries:
        if entry.row_id is not None:
            found[entry.about][entry.row_id] = entry
    return found


def facts_now(table: str, numbers: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return what a trigger would note of each of these rows that is there."""
    with connection.cursor() as cursor:
        cursor.execute(ARGUMENTS, [table])
        # Behind the last of them is nothing.
        key, plain, digested, *present, _ = cursor.fetchone()[0]
        cursor.execute(FACTS.format(key=key, table=table), [plain, digested, "".join(present), list(numbers)])
        return {number: json.loads(facts) for number, facts in cursor.fetchall()}


def other_than_noted(table: str, rows: Rows) -> dict[int, Entry]:
    """Return the entries about rows that are there and are not, or should not be there, as they were noted last."""
    now = facts_now(table, rows.keys())
    return {
        number: entry
        for number, entry in rows.items()
        if number in now and (entry.is_gone or now[number] != entry.facts)
    }
