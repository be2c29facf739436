"""What was taken away, on its way into the erasure journal, and whether a database may serve."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models

from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Adds three tables, and the triggers that write the first."""

    dependencies = [
        ("django_otp_webauthn", "0004_webauthnuserhandle"),
        ("signatures", "0026_operating"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(max_length=63)),
                ("row_id", models.BigIntegerField(null=True)),
                ("is_gone", models.BooleanField(db_default=False)),
                ("facts", models.JSONField(db_default=models.Value({}, models.JSONField()))),
                (
                    "backend",
                    models.IntegerField(
                        db_default=models.Func(function="pg_backend_pid", output_field=models.IntegerField())
                    ),
                ),
                ("noted_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
            ],
        ),
        migrations.CreateModel(
            name="Serving",
            fields=[
                ("id", models.SmallIntegerField(db_default=1, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="JournalFolder",
            fields=[
                ("id", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("newest", models.BigIntegerField()),
                ("seen_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ("backed_up_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="serving",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="serving_or_not"),
        ),
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
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
        migrations.AddField(
            model_name="leadpetitioner",
            name="stamp",
            field=models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False),
        ),
        run_sql_file("models/erasure.sql"),
    ]
