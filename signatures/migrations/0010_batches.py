"""Rules that are carried out step by step, and can be undone."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.expressions
import signatures.languages
from django.conf import settings
from django.db import migrations, models

from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Adds both tables."""

    dependencies = [
        ("signatures", "0009_waves"),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
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
                    "action",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("HOLD", "Hold them"),
                            ("REMOVE", "Remove them"),
                            ("COUNT", "Let them count"),
                            ("SHOW_NAMES", "Allow their names before everyone"),
                            ("HIDE_NAMES", "Hide their names from everyone"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                (
                    "reason",
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
                        verbose_name="why",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("COUNTING", "Being counted"),
                            ("READY", "Waits for a decision"),
                            ("RUNNING", "Being carried out"),
                            ("DONE", "Carried out"),
                            ("CANCELLED", "Broken off"),
                            ("UNDOING", "Being undone"),
                            ("UNDONE", "Undone"),
                        ],
                        default="COUNTING",
                        max_length=9,
                    ),
                ),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("cursor", models.BigIntegerField()),
                ("matched", models.BigIntegerField(default=0)),
                ("matched_counting", models.BigIntegerField(default=0)),
                ("matched_held", models.BigIntegerField(default=0)),
                ("matched_public", models.BigIntegerField(default=0)),
                (
                    "sample",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("changed", models.BigIntegerField(default=0)),
                ("restored", models.BigIntegerField(default=0)),
                ("left", models.BigIntegerField(default=0)),
                ("has_name", models.BooleanField(default=False)),
                ("has_domain", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
        ),
        migrations.CreateModel(
            name="BatchRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signature_id", models.BigIntegerField()),
                (
                    "state_before",
                    models.CharField(
                        choices=[("CONFIRMED", "Confirmed"), ("HELD", "Held for review"), ("REMOVED", "Removed")],
                        max_length=9,
                    ),
                ),
                (
                    "reason_before",
                    models.CharField(
                        choices=[
                            ("HONEYPOT", "The hidden field was filled in"),
                            ("SUSPICIOUS", "Suspicious pattern"),
                            ("DUPLICATE", "The same person twice"),
                            ("INVENTED", "Invented name"),
                            ("ABUSIVE", "Abusive content"),
                            ("REQUESTED", "At the signer's request"),
                        ],
                        max_length=10,
                        null=True,
                    ),
                ),
                (
                    "name_review_before",
                    models.CharField(
                        choices=[
                            ("OK", "May be shown"),
                            ("WAITING", "Waits to be looked at"),
                            ("HIDDEN", "Is not shown"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="signatures.batch"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(
                models.F("petition"), models.OrderBy(models.F("id"), descending=True), name="batch_of_petition"
            ),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(
                models.F("id"),
                condition=models.Q(("stage__in", ["COUNTING", "RUNNING", "UNDOING"])),
                name="batch_at_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stage__in", ["COUNTING", "READY", "RUNNING", "DONE", "CANCELLED", "UNDOING", "UNDONE"])
                ),
                name="batch_stage_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("action", ""), ("stage__in", ["COUNTING", "READY"])),
                    models.Q(
                        models.Q(("stage__in", ["COUNTING", "READY"]), _negated=True),
                        ("action__in", ["HOLD", "REMOVE", "COUNT", "SHOW_NAMES", "HIDE_NAMES"]),
                        ("started_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="batch_started_with_action",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("action__in", ["HOLD", "REMOVE"]),
                        ("reason__in", ["HONEYPOT", "SUSPICIOUS", "DUPLICATE", "INVENTED", "ABUSIVE", "REQUESTED"]),
                    ),
                    models.Q(models.Q(("action__in", ["HOLD", "REMOVE"]), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="batch_reason_of_action",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage__in", ["DONE", "CANCELLED", "UNDOING", "UNDONE"]), _negated=True),
                    models.Q(("domain_key__isnull", True), ("name", "")),
                    _connector="OR",
                ),
                name="batch_over_keeps_no_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stage__in", ["DONE", "CANCELLED", "UNDOING", "UNDONE"]),
                    models.Q(
                        models.Q(("has_name", False), models.Q(("name", ""), _negated=True), _connector="OR"),
                        models.Q(("has_domain", False), ("domain_key__isnull", False), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="batch_runs_with_its_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "cursor__gte",
                        django.db.models.expressions.CombinedExpression(models.F("first_id"), "-", models.Value(1)),
                    ),
                    ("cursor__lte", models.F("last_id")),
                ),
                name="batch_cursor_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="batchrow",
            constraint=models.UniqueConstraint(fields=("batch", "signature_id"), name="batch_row_once"),
        ),
        migrations.AddConstraint(
            model_name="batchrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason_before__isnull", True), ("state_before", "CONFIRMED")),
                    models.Q(
                        (
                            "reason_before__in",
                            ["HONEYPOT", "SUSPICIOUS", "DUPLICATE", "INVENTED", "ABUSIVE", "REQUESTED"],
                        ),
                        ("state_before__in", ["HELD", "REMOVED"]),
                    ),
                    _connector="OR",
                ),
                name="batch_row_state_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="batchrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("name_review_before__in", ["OK", "WAITING", "HIDDEN"])),
                name="batch_row_review_known",
            ),
        ),
        run_sql_file("models/batch.sql"),
    ]
