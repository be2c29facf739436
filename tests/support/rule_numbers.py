"""Reads what a rule has written: audit entries, tallies and the count."""

from __future__ import annotations

from signatures.counting.reconciling import compare_tally
from signatures.models import (
    AuditEntry,
    Petition,
    Signature,
    Tally,
)
from tests.support.tally_reading import counted


def audited() -> list[tuple[str, int | None, str]]:
    """Return (action, amount, reason) of what was recorded of rules, the oldest first."""
    log = AuditEntry.objects.filter(action__startswith="BATCH").order_by("pk")
    return list(log.values_list("action", "amount", "reason"))


def kinds(petition: Petition) -> list[tuple[str, str, int]]:
    """Return (kind, reason, amount) of the tally's rows, without what single signers did."""
    rows = Tally.objects.filter(petition=petition, amount__gt=1).order_by("pk")
    return list(rows.values_list("kind", "reason", "amount"))


def counts_right(petition: Petition, expected: int) -> None:
    """Assert that tally and list say the same number."""
    assert counted(petition) == str(expected)
    assert Signature.objects.confirmed().filter(petition=petition).count() == expected
    assert compare_tally(petition) == {}
