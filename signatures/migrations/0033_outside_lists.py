"""Lists of signatures from elsewhere: what was read of a file, until it counts or is dropped."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
import signatures.languages
from django.conf import settings
from django.db import migrations, models

from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Adds two tables that nothing else refers to."""

    dependencies = [
        ("signatures", "0032_news_by_mail_checked"),
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
                    ("LIST_READ", "List from elsewhere read"),
                    ("LIST_STARTED", "Entering a list begun"),
                    ("LIST_STOPPED", "Entering a list stopped"),
                    ("LIST_ENTERED", "List from elsewhere entered"),
                    ("LIST_DROPPED", "List from elsewhere dropped"),
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
            name="OutsideList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=120, verbose_name="label")),
                (
                    "language",
                    models.CharField(
                        choices=signatures.languages.shipped_choices, max_length=2, verbose_name="language"
                    ),
                ),
                ("file_key", models.BinaryField(max_length=33)),
                ("columns", models.JSONField(default=dict)),
                ("fates", models.JSONField(default=dict)),
                ("has_addresses", models.BooleanField()),
                ("needs_two", models.BooleanField()),
                (
                    "stage",
                    models.CharField(
                        choices=[("PARKED", "Read, not entered"), ("QUEUED", "Being entered"), ("DONE", "Entered")],
                        default="PARKED",
                        max_length=6,
                    ),
                ),
                ("progress", models.PositiveIntegerField(default=0)),
                ("made_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                (
                    "bundle",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outside_list",
                        to="signatures.bundle",
                    ),
                ),
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
                        related_name="+",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "permissions": [("import_signatures", "Can enter lists of signatures from elsewhere")],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ListPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("rows_encrypted", models.BinaryField()),
                (
                    "outside_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="signatures.outsidelist"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="outsidelist",
            index=models.Index(
                models.F("petition"), models.OrderBy(models.F("id"), descending=True), name="list_newest"
            ),
        ),
        migrations.AddConstraint(
            model_name="outsidelist",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["en", "ru", "be"])), name="list_language_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="outsidelist",
            constraint=models.CheckConstraint(condition=models.Q(("label", ""), _negated=True), name="list_has_label"),
        ),
        migrations.AddConstraint(
            model_name="outsidelist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bundle__isnull", True), ("stage", "PARKED"), ("started_by__isnull", True)),
                    models.Q(("bundle__isnull", True), ("stage", "QUEUED"), ("started_by__isnull", False)),
                    models.Q(("bundle__isnull", False), ("stage", "DONE"), ("started_by__isnull", False)),
                    _connector="OR",
                ),
                name="list_started_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="outsidelist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("needs_two", False),
                    ("started_by__isnull", True),
                    models.Q(("started_by", models.F("made_by")), _negated=True),
                    _connector="OR",
                ),
                name="list_started_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="listpart",
            constraint=models.UniqueConstraint(fields=("outside_list", "number"), name="list_part_once"),
        ),
        run_sql_file("models/outside_list.sql"),
    ]
