"""Erases domain marks once they are no longer needed: waves of fakes are found within days."""

from __future__ import annotations

from django.db import transaction

from signatures.models import Signature

BATCH_SIZE = 1000
# After a pause there may be many, and mails must not wait for all of them.
BATCHES = 10


def erase_domain_marks() -> int:
    """Erase domain marks that are thirty days old, and return how many; attempts with theirs expire after seven."""
    erased = 0
    for _ in range(BATCHES):
        with transaction.atomic():
            old = Signature.objects.all().with_old_domain_mark().select_for_update(skip_locked=True)
            batch = Signature.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH_SIZE]))
            amount = batch.update(domain_key=None)
        erased += amount
        if amount < BATCH_SIZE:
            break
    return erased
