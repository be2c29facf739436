"""Lets pytest-django truncate guarded tables, and reset rate limits, between tests that commit."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

# What is noted last never goes, and the journal of tests goes on through all of them.
AS_NEW = "INSERT INTO signatures_erasure (about) VALUES ('nothing');"
GUARDED = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'not_emptied'"


def let_tests_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable the guards for the one transaction in which Django truncates all tables."""
    flush = DatabaseOperations.sql_flush

    def unguarded(self: DatabaseOperations, *args: Any, **options: Any) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute(GUARDED)
            guarded = [name for (name,) in cursor.fetchall()]
        steps = {
            step: [f"ALTER TABLE {name} {step} TRIGGER not_emptied;" for name in guarded]
            for step in ("DISABLE", "ENABLE")
        }
        # The rate limits' counters have no model.
        return [
            *steps["DISABLE"],
            *flush(self, *args, **options),
            *steps["ENABLE"],
            "DELETE FROM signatures_ratelimit;",
            # Worker processes of tests serve from what is empty.
            "INSERT INTO signatures_serving (id) VALUES (1);",
            AS_NEW,
        ]

    monkeypatch.setattr(DatabaseOperations, "sql_flush", unguarded)
