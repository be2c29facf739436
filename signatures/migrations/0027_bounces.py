"""How many mails came back, and how far the mailbox that they come to was read."""

from __future__ import annotations

import django.contrib.postgres.functions
import signatures.models.clock
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the two tables."""

    dependencies = [
        ("signatures", "0025_relay_answers"),
    ]

    operations = [
        migrations.CreateModel(
            name="BounceMailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=64, unique=True)),
                ("validity", models.BigIntegerField(default=0)),
                ("counted_up_to", models.BigIntegerField(default=0)),
                ("strangers", models.PositiveIntegerField(default=0)),
                ("read_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
            ],
        ),
        migrations.CreateModel(
            name="BounceCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "day",
                    models.DateField(
                        db_default=signatures.models.clock.UtcDay(django.contrib.postgres.functions.TransactionNow()),
                        verbose_name="day (UTC)",
                    ),
                ),
                ("provider", models.CharField(blank=True, max_length=40, verbose_name="provider")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("PERMANENT", "Refused for good"),
                            ("TEMPORARY", "Delayed"),
                            ("UNCLEAR", "Cannot be told"),
                        ],
                        max_length=9,
                        verbose_name="what it says",
                    ),
                ),
                ("amount", models.PositiveIntegerField(verbose_name="amount")),
            ],
            options={
                "verbose_name": "mails that came back",
                "verbose_name_plural": "mails that came back",
                "constraints": [
                    models.UniqueConstraint(fields=("day", "provider", "kind"), name="bounce_count_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["PERMANENT", "TEMPORARY", "UNCLEAR"])),
                        name="bounce_count_kind_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="bounce_count_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "UNCLEAR"), _negated=True), ("provider", ""), _connector="OR"
                        ),
                        name="bounce_count_unclear_has_no_provider",
                    ),
                ],
            },
        ),
    ]
