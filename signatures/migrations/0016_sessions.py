"""Sessions in a table of our own that lets nobody in who reads it."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Adds the table and empties Django's, so that everybody logs in once more."""

    dependencies = [
        ("sessions", "0001_initial"),
        ("signatures", "0015_second_factors"),
    ]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key_hash", models.BinaryField(unique=True)),
                ("data", models.TextField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow(), editable=False),
                ),
                (
                    "seen_at",
                    models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow(), editable=False),
                ),
                ("browser", models.CharField(blank=True, db_default="", default="", max_length=30)),
                ("system", models.CharField(blank=True, db_default="", default="", max_length=30)),
                (
                    "organiser",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        run_sql_file("models/session.sql"),
    ]
