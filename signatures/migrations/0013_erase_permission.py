"""The permission to erase one signature, and indexes for the filters of the list."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q

NOT_COUNTED = Q(state__in=["HELD", "REMOVED"])
OF_DOMAIN = Q(domain_key__isnull=False)


class Migration(migrations.Migration):
    """Not in one transaction, which would keep everybody from signing meanwhile."""

    atomic = False

    dependencies = [("signatures", "0012_alerts_checked")]

    operations = [
        migrations.AlterModelOptions(
            "signature",
            options={
                "verbose_name": "signature",
                "verbose_name_plural": "signatures",
                "permissions": [
                    ("moderate_signatures", "Can hold, remove and restore signatures, and approve reasons"),
                    ("erase_signature", "Can erase a signature at its signer's request"),
                ],
            },
        ),
        AddIndexConcurrently(
            "signature",
            models.Index(
                "petition", "domain_key", F("id").desc(), name="signature_of_domain_newest", condition=OF_DOMAIN
            ),
        ),
        AddIndexConcurrently(
            "signature", models.Index(F("last_confirmed_at").desc(), F("id").desc(), name="signature_last_confirmed")
        ),
        AddIndexConcurrently(
            "signature",
            models.Index("state_reason", F("id").desc(), name="signature_state_reason", condition=NOT_COUNTED),
        ),
        AddIndexConcurrently(
            "signature",
            models.Index(
                "name_review",
                F("id").desc(),
                name="signature_name_review",
                condition=Q(name_review__in=["WAITING", "HIDDEN"]),
            ),
        ),
    ]
