"""Checks and indexes over the mails that wait already, while others are queued."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Not in one transaction, which would keep everybody from signing meanwhile."""

    atomic = False

    dependencies = [("signatures", "0031_news_by_mail")]

    operations = [
        *(
            migrations.RunSQL(
                f"ALTER TABLE signatures_outgoingmail VALIDATE CONSTRAINT signatures_outgoingmail_{column}_fk",
                migrations.RunSQL.noop,
            )
            for column in ("subscriber_id", "update_id")
        ),
        ValidateConstraint("outgoingmail", "mail_kind_known"),
        ValidateConstraint("outgoingmail", "mail_about_an_attempt"),
        ValidateConstraint("outgoingmail", "mail_of_news"),
        AddIndexConcurrently(
            "outgoingmail",
            models.Index(F("next_attempt_at"), F("id"), name="mail_due_of_news", condition=Q(kind="NEWS")),
        ),
        AddIndexConcurrently(
            "outgoingmail",
            models.Index(F("subscriber"), name="mail_of_subscriber", condition=Q(subscriber__isnull=False)),
        ),
    ]
