"""Waves: what stands out among the newest signatures."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import signatures.languages
from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Adds a small table."""

    dependencies = [
        ("signatures", "0008_tally_splits"),
    ]

    operations = [
        migrations.CreateModel(
            name="Wave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain_key", models.BinaryField(max_length=33, null=True)),
                ("country", models.CharField(blank=True, default="", max_length=2, verbose_name="country")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=signatures.languages.shipped_choices,
                        default="",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("COUNTED", "No one"),
                            ("DELIVERED", "Only the organisers and the recipients"),
                            ("PUBLIC", "Everyone"),
                        ],
                        default="",
                        max_length=9,
                        verbose_name="who may see the name",
                    ),
                ),
                ("since", models.DateTimeField(blank=True, null=True, verbose_name="signed from (UTC)")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="signed before (UTC)")),
                ("name", models.CharField(blank=True, default="", max_length=120, verbose_name="words of the name")),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[("CONFIRMED", "Confirmed"), ("HELD", "Held for review"), ("REMOVED", "Removed")],
                        default="",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "state_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("HONEYPOT", "The hidden field was filled in"),
                            ("SUSPICIOUS", "Suspicious pattern"),
                            ("DUPLICATE", "The same person twice"),
                            ("INVENTED", "Invented name"),
                            ("ABUSIVE", "Abusive content"),
                            ("REQUESTED", "At the signer's request"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="why held or removed",
                    ),
                ),
                (
                    "name_review",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("OK", "May be shown"),
                            ("WAITING", "Waits to be looked at"),
                            ("HIDDEN", "Is not shown"),
                        ],
                        default="",
                        max_length=7,
                        verbose_name="name before everyone",
                    ),
                ),
                (
                    "signature_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="row numbers",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("DOMAIN", "One mail domain"),
                            ("NAME", "One name"),
                            ("TRAP", "The hidden field filled in"),
                            ("COUNTRY", "One country"),
                            ("LANGUAGE", "One language"),
                            ("VERSION", "One text version"),
                            ("HOUR", "One hour"),
                        ],
                        max_length=8,
                    ),
                ),
                ("name_key", models.BinaryField(max_length=33, null=True)),
                ("amount", models.IntegerField()),
                ("expected", models.IntegerField()),
                ("newest_id", models.BigIntegerField(default=0)),
                (
                    "sample_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("last_at", models.DateTimeField()),
                ("found_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ("looked_at", models.DateTimeField(null=True)),
                ("is_fine", models.BooleanField(default=False)),
                ("may_hold", models.BooleanField(default=True)),
                (
                    "hold",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="waves",
                        to="signatures.standinghold",
                    ),
                ),
                (
                    "looked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                (
                    "text_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="signatures.textversion",
                        verbose_name="text version",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "HOUR"), _negated=True),
                        fields=("petition", "kind", "domain_key", "name_key", "country", "language", "text_version"),
                        name="wave_once",
                        nulls_distinct=False,
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "HOUR")), fields=("petition", "since"), name="wave_once_in_an_hour"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["DOMAIN", "NAME", "TRAP", "COUNTRY", "LANGUAGE", "VERSION", "HOUR"])
                        ),
                        name="wave_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("domain_key__isnull", False), ("kind", "DOMAIN")),
                            models.Q(
                                ("kind", "NAME"), ("name_key__isnull", False), models.Q(("name", ""), _negated=True)
                            ),
                            models.Q(("kind", "TRAP"), models.Q(("state_reason", ""), _negated=True)),
                            models.Q(("kind", "COUNTRY"), models.Q(("country", ""), _negated=True)),
                            models.Q(("kind", "LANGUAGE"), models.Q(("language", ""), _negated=True)),
                            models.Q(("kind", "VERSION"), ("text_version__isnull", False)),
                            models.Q(("kind", "HOUR"), ("until__isnull", False)),
                            _connector="OR",
                        ),
                        name="wave_has_its_condition",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", 0),
                            ("expected__gte", 0),
                            ("last_at__gte", models.F("since")),
                            ("since__isnull", False),
                        ),
                        name="wave_has_its_figures",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_fine", False), ("looked_at__isnull", True), ("looked_by__isnull", True)),
                            models.Q(("looked_at__isnull", False), ("looked_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="wave_looked_at_by_somebody",
                    ),
                ],
            },
        ),
        run_sql_file("models/wave.sql"),
    ]
