"""Checks and indexes over the mails that wait already, while others are queued."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Not in one transaction, which would keep everybody from signing meanwhile."""

    atomic = False

    dependencies = [("signatures", "0011_alerts")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE signatures_outgoingmail VALIDATE CONSTRAINT signatures_outgoingmail_wish_id_fk",
            migrations.RunSQL.noop,
        ),
        ValidateConstraint("outgoingmail", "mail_kind_known"),
        ValidateConstraint("outgoingmail", "mail_about_an_attempt"),
        ValidateConstraint("outgoingmail", "mail_to_signer_or_organiser"),
        AddIndexConcurrently(
            "outgoingmail", models.Index("wish", name="mail_of_wish", condition=Q(wish__isnull=False))
        ),
        AddIndexConcurrently(
            "outgoingmail",
            models.Index(
                "next_attempt_at",
                "id",
                name="mail_due_to_organisers",
                condition=Q(kind__in=["ALERT", "ALERT_CHECK"]),
            ),
        ),
    ]
