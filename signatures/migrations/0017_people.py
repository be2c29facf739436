"""Links by which the owners of accounts set their passwords; accounts are closed, and neither deleted nor renamed."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Adds one table, and the guards of accounts."""

    dependencies = [("signatures", "0016_sessions")]

    operations = [
        migrations.CreateModel(
            name="AccessLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("INVITATION", "Invitation"), ("RESET", "Forgotten or stolen password")], max_length=10
                    ),
                ),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow(), editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(used_at__isnull=True), fields=["account"], name="access_link_one_to_use"
                    ),
                    models.CheckConstraint(
                        condition=Q(kind__in=["INVITATION", "RESET"]), name="access_link_kind_known"
                    ),
                    models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="access_link_expires_later"),
                ],
            },
        ),
        migrations.AlterModelOptions(
            "organiser", options={"verbose_name": "organiser", "verbose_name_plural": "People"}
        ),
        run_sql_file("models/account.sql"),
    ]
