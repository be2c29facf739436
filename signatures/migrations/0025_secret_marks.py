"""Check values of secrets."""

from __future__ import annotations

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table; a worker fills it at its start."""

    dependencies = [
        ("signatures", "0024_no_samples"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecretMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("setting", models.CharField(max_length=30)),
                ("version", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("mark", models.BinaryField(max_length=32)),
                (
                    "first_used_at",
                    models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow(), editable=False),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("setting", "version", "mark"), name="secret_mark_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("version", 0), _negated=True),
                        fields=("setting", "version"),
                        name="secret_mark_of_a_version",
                    ),
                ],
            },
        ),
    ]
