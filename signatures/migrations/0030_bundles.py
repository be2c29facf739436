"""Bundles of sheets that were signed with a pen, what became of each line, and what waits for a second person."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import signatures.languages
from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Adds four tables that nothing else refers to."""

    dependencies = [
        ("signatures", "0029_logged_sequence"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("TEXT_PUBLISHED", "Text published"),
                    ("PETITION_CHANGED", "Petition changed"),
                    ("RECIPIENTS_CHANGED", "Recipients changed"),
                    ("NAMES_VIEWED", "Names looked at"),
                    ("EXPORT_STARTED", "Export started"),
                    ("EXPORT_FINISHED", "Export finished"),
                    ("EXPORT_ABORTED", "Export broken off"),
                    ("TALLY_REPAIRED", "Count repaired"),
                    ("SIGNATURE_HELD", "Signature held"),
                    ("SIGNATURE_REMOVED", "Signature removed"),
                    ("SIGNATURE_RESTORED", "Signature restored"),
                    ("SIGNATURE_ERASED", "Signature erased at the signer's request"),
                    ("NAMES_SHOWN", "Names allowed before everyone"),
                    ("NAMES_HIDDEN", "Names hidden from everyone"),
                    ("NAMES_WAITING", "Decisions on names or reasons taken back"),
                    ("BATCH_STARTED", "Rule begun"),
                    ("BATCH_FINISHED", "Rule carried out"),
                    ("BATCH_CANCELLED", "Rule broken off"),
                    ("BATCH_UNDONE", "Rule undone"),
                    ("BUNDLE_MADE", "Sheets or slips made"),
                    ("SHEET_TYPED", "Sheet typed, waits for a second person"),
                    ("SHEET_ENTERED", "Signatures entered from paper"),
                    ("SHEET_DROPPED", "What was typed of a sheet was dropped"),
                    ("WAVE_FOUND", "Wave noticed"),
                    ("HOLD_STARTED", "New signatures of a group are held"),
                    ("HOLD_ENDED", "New signatures of a group count again"),
                    ("ALERTS_CHANGED", "Alerts by mail changed"),
                    ("DELIVERY_PREPARED", "Hand-over prepared"),
                    ("DELIVERY_DISCARDED", "Hand-over discarded"),
                    ("DELIVERY_HANDED_OVER", "List handed over"),
                    ("DELIVERY_ANSWERED", "Reply of a recipient entered"),
                    ("PETITIONER_CHANGED", "Lead petitioner changed"),
                    ("PETITION_CLOSED", "Petition closed at its retention date"),
                    ("PETITION_PURGED", "Signers' personal data erased"),
                    ("REASON_APPROVED", "Reason for signing approved"),
                    ("REASON_ERASED", "Reason for signing erased"),
                    ("UPDATE_CHANGED", "Update written or changed"),
                    ("UPDATE_PUBLISHED", "Update published"),
                    ("UPDATE_TAKEN_BACK", "Update taken back"),
                    ("PETITION_DELETED", "Draft deleted that was never public"),
                    ("LOGGED_IN", "Logged in"),
                    ("LOGIN_REFUSED", "Login refused"),
                    ("LOGGED_OUT", "Logged out"),
                    ("SESSIONS_ENDED", "Sessions ended"),
                    ("PASSWORD_CHANGED", "Password changed"),
                    ("FACTOR_ADDED", "Second factor added"),
                    ("FACTOR_REMOVED", "Second factor removed"),
                    ("RECOVERY_CODES_MADE", "Recovery codes made"),
                    ("RECOVERY_CODE_USED", "Logged in with a recovery code"),
                    ("ACCOUNT_ADDED", "Account added"),
                    ("ACCOUNT_CHANGED", "Account changed"),
                    ("ACCOUNT_CLOSED", "Account closed"),
                    ("ACCOUNT_OPENED", "Account opened again"),
                    ("RIGHTS_GIVEN", "Role given"),
                    ("RIGHTS_TAKEN", "Role taken away"),
                    ("LINK_MADE", "Link for setting a password made"),
                    ("LINK_USED", "Password set by such a link"),
                    ("APPROVAL_ASKED", "Second person asked"),
                    ("APPROVAL_GIVEN", "Agreed to as the second person"),
                    ("APPROVAL_REFUSED", "Refused as the second person"),
                    ("LOG_EXPORTED", "Audit log exported"),
                    ("BACKUP_RESTORED", "Backup restored, without what was erased since"),
                    ("SWITCHED_ON", "Emergency switch turned on"),
                    ("SWITCHED_OFF", "Emergency switch turned off"),
                    ("SECRETS_ROTATED", "New secrets made, and all sessions and links ended"),
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
        migrations.CreateModel(
            name="Bundle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label_encrypted", models.BinaryField()),
                (
                    "language",
                    models.CharField(
                        choices=signatures.languages.shipped_choices, max_length=2, verbose_name="language"
                    ),
                ),
                ("is_slips", models.BooleanField(default=False)),
                ("two_people", models.BooleanField(default=False, verbose_name="two people type each sheet")),
                ("made_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "petition",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bundles",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                (
                    "text_version",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="signatures.textversion",
                        verbose_name="text version",
                    ),
                ),
            ],
            options={
                "permissions": [("enter_signatures", "Can enter signatures from paper")],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Sheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lines", models.PositiveIntegerField()),
                ("entered_at", models.DateTimeField(null=True)),
                ("amount", models.PositiveIntegerField(null=True)),
                ("is_bare", models.BooleanField(default=False)),
                ("place_encrypted", models.BinaryField(null=True)),
                (
                    "bundle",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="signatures.bundle",
                    ),
                ),
                (
                    "entered_by",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="signatures.petition",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="EnteredRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("signature_id", models.BigIntegerField(unique=True)),
                ("was_erased", models.BooleanField(default=False)),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="signatures.sheet"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Typing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField()),
                ("rows_encrypted", models.BinaryField()),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="typings", to="signatures.sheet"
                    ),
                ),
                (
                    "typed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="bundle",
            index=models.Index(
                models.F("petition"), models.OrderBy(models.F("id"), descending=True), name="bundle_newest"
            ),
        ),
        migrations.AddConstraint(
            model_name="bundle",
            constraint=models.UniqueConstraint(fields=("petition", "id"), name="bundle_of_petition"),
        ),
        migrations.AddConstraint(
            model_name="bundle",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["en", "ru", "be"])), name="bundle_language_known"
            ),
        ),
        migrations.AddIndex(
            model_name="sheet",
            index=models.Index(models.F("bundle"), models.F("id"), name="sheet_of_bundle"),
        ),
        migrations.AddConstraint(
            model_name="sheet",
            constraint=models.CheckConstraint(condition=models.Q(("lines__gte", 1)), name="sheet_has_lines"),
        ),
        migrations.AddConstraint(
            model_name="sheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount__isnull", True),
                        ("entered_at__isnull", True),
                        ("entered_by__isnull", True),
                        ("is_bare", False),
                    ),
                    models.Q(("amount__isnull", False), ("entered_at__isnull", False), ("entered_by__isnull", False)),
                    _connector="OR",
                ),
                name="sheet_entered_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="sheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_bare", True), ("place_encrypted__isnull", False)),
                    models.Q(("is_bare", False), ("place_encrypted__isnull", True)),
                    _connector="OR",
                ),
                name="sheet_place_if_not_typed",
            ),
        ),
        migrations.AddConstraint(
            model_name="enteredrow",
            constraint=models.UniqueConstraint(fields=("sheet", "line"), name="entered_line_once"),
        ),
        migrations.AddConstraint(
            model_name="typing",
            constraint=models.UniqueConstraint(fields=("sheet", "place"), name="typing_first_and_second"),
        ),
        migrations.AddConstraint(
            model_name="typing",
            constraint=models.UniqueConstraint(fields=("sheet", "typed_by"), name="typing_by_two_people"),
        ),
        migrations.AddConstraint(
            model_name="typing",
            constraint=models.CheckConstraint(condition=models.Q(("place__in", [1, 2])), name="typing_not_a_third"),
        ),
        run_sql_file("models/bundle.sql"),
    ]
