"""Switches for emergencies."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Adds a table that nothing else refers to; what the audit log may hold is known to the code alone."""

    dependencies = [
        ("signatures", "0027_erasure_journal"),
    ]

    operations = [
        migrations.CreateModel(
            name="Switch",
            fields=[
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("HIDE_NAMES", "Show no names"),
                            ("READ_ONLY", "Take nothing"),
                            ("CLOSED", "Close the site"),
                        ],
                        max_length=20,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "on_since",
                    models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow(), editable=False),
                ),
                ("reason", models.CharField(max_length=200)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "permissions": [("use_switches", "Can use the emergency switches")],
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="switch",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__in", ["HIDE_NAMES", "READ_ONLY", "CLOSED"])), name="switch_known"
            ),
        ),
        run_sql_file("models/switch.sql"),
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
    ]
