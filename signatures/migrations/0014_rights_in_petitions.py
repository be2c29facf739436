"""Roles in single petitions, second factors, archived petitions, two people for some acts, and a log of accounts."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds two tables and four columns, each with a default of its own."""

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("signatures", "0013_erase_permission"),
    ]

    operations = [
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "given_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="given at",
                    ),
                ),
            ],
            options={
                "verbose_name": "role in a petition",
                "verbose_name_plural": "roles in petitions",
            },
        ),
        migrations.CreateModel(
            name="TotpDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="The human-readable name of this device.", max_length=64)),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                ("secret", models.BinaryField()),
                ("last_step", models.BigIntegerField(db_default=0, default=0)),
                (
                    "added_at",
                    models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow(), editable=False),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="petition",
            name="archived_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="archived at"),
        ),
        migrations.AddField(
            model_name="petition",
            name="four_eyes",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Exports, hand-overs and erasing wait until a second person has agreed, and so do rules that remove more signatures than the number below. Switching this off waits, too.",
                verbose_name="two people for what cannot be taken back",
            ),
        ),
        migrations.AddField(
            model_name="petition",
            name="four_eyes_from",
            field=models.PositiveIntegerField(
                db_default=100, default=100, verbose_name="a rule waits if it removes more than"
            ),
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
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="petition",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="signatures.petition",
                verbose_name="petition",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(("archived_at__isnull", True), ("status", "CLOSED"), _connector="OR"),
                name="petition_archived_stays_closed",
                violation_error_message="It is archived: it stays closed.",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="organiser",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="memberships",
                to=settings.AUTH_USER_MODEL,
                verbose_name="organiser",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="petition",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="signatures.petition",
                verbose_name="petition",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="role",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="auth.group", verbose_name="role"
            ),
        ),
        migrations.AddField(
            model_name="totpdevice",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="totp_devices",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                models.F("organiser"), models.F("petition"), name="membership_one_role_in_a_petition"
            ),
        ),
    ]
