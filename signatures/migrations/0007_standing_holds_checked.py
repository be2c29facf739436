"""Checks and indexes over the signatures that are there already, while people sign."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Not in one transaction, which would keep everybody from signing meanwhile."""

    atomic = False

    dependencies = [("signatures", "0006_standing_holds")]

    operations = [
        ValidateConstraint("signature", "signature_place_only_public"),
        ValidateConstraint("signature", "signature_review_known"),
        AddIndexConcurrently(
            "signature",
            models.Index(
                F("petition"),
                F("id") + 0,
                name="signature_name_waits",
                condition=Q(state="CONFIRMED", visibility="PUBLIC", name_review="WAITING"),
            ),
        ),
        AddIndexConcurrently(
            "signature",
            models.Index(
                F("petition"),
                F("id") + 0,
                name="signature_reason_waits",
                condition=Q(state="CONFIRMED", has_reason=True, reason_approved=False),
            ),
        ),
    ]
