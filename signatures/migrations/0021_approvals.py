"""What waits for a second person, and the signatures that a rule was counted with."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Adds two tables, and a column with a default of its own."""

    dependencies = [
        ("signatures", "0020_audit_chain_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="keeps_rows",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("EXPORT", "Make a list of names for the organisers’ own work"),
                            ("HAND_OVER", "Prepare a hand-over"),
                            ("FILES", "Download files of a hand-over"),
                            ("ERASE_ALL", "Erase the personal data of all signers"),
                            ("ERASE_ONE", "Erase one signature"),
                            ("REMOVE", "Remove the signatures of a rule"),
                            ("UNDO", "Undo a rule, so that signatures are removed again"),
                            ("SETTING", "Ask less often for a second person"),
                        ],
                        max_length=9,
                        verbose_name="what",
                    ),
                ),
                ("what", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("target", models.BigIntegerField(null=True)),
                ("amount", models.BigIntegerField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="why")),
                ("asked_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ("decided_at", models.DateTimeField(null=True)),
                ("agreed", models.BooleanField(null=True)),
                ("why_refused", models.CharField(blank=True, default="", max_length=200)),
                ("used_at", models.DateTimeField(null=True)),
                ("taken_back_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "decided_by",
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("petition"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="approval_of_petition",
                    ),
                    models.Index(models.F("target"), name="approval_of_target"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["EXPORT", "HAND_OVER", "FILES", "ERASE_ALL", "ERASE_ONE", "REMOVE", "UNDO", "SETTING"],
                            )
                        ),
                        name="approval_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="approval_by_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("agreed__isnull", True), ("decided_at__isnull", True), ("decided_by__isnull", True)
                            ),
                            models.Q(
                                ("agreed__isnull", False), ("decided_at__isnull", False), ("decided_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="approval_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("used_at__isnull", True),
                            models.Q(("agreed", True), ("taken_back_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="approval_used_if_agreed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("taken_back_at__isnull", True), ("agreed__isnull", True), ("agreed", True), _connector="OR"
                        ),
                        name="approval_refused_stays_refused",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signature_id", models.BigIntegerField()),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="counted_rows", to="signatures.batch"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("batch", "signature_id"), name="counted_row_once")],
            },
        ),
        run_sql_file("models/approval.sql"),
    ]
