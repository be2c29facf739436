"""Erases the marks of domains when they have served: waves of fakes are found within days."""

from __future__ import annotations

from django.db import transaction

from signatures.models import Signature

BATCH_SIZE = 1000


def erase_domain_marks() -> int:
    """Erase the domain marks that are thirty days old, and return how many; those of attempts go with them in seven."""
    erased = 0
    while True:
        with transaction.atomic():
            old = Signature.objects.all().with_old_domain_mark().select_for_update(skip_locked=True)
            batch = Signature.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH_SIZE]))
            amount = batch.update(domain_key=None)
        erased += amount
        if amount < BATCH_SIZE:
            return erased
