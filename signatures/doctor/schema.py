"""The tables: whether the code and the database are of one version."""

from __future__ import annotations

from collections.abc import Iterator

from signatures.doctor.findings import Finding, Options, fine, warn, wrong
from signatures.models.schema_state import GO_BACK, MIGRATE, schema_state


def check_schema(options: Options) -> Iterator[Finding]:
    """Compare the migrations of the code with those that the database has seen."""
    state = schema_state()
    if state.older_sentence:
        yield wrong(state.older_sentence, MIGRATE)
    if state.newer_sentence:
        yield wrong(state.newer_sentence, GO_BACK)
    if state.foreign:
        yield warn(
            f"The database has seen {state.foreign} migrations of other programs.",
            "Let no other program use this database: its role may read the signers.",
        )
    if not state.missing and not state.newer:
        yield fine("Code and database are of one version.")
