"""Names that wait to be looked at, and groups whose new signatures are held."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

import signatures.languages
from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Adds both; what was public stays public. Rows that are there already are checked by the next migration."""

    dependencies = [("signatures", "0005_purpose")]

    operations = [
        migrations.AddField(
            "petition",
            "reviews_names",
            models.BooleanField(
                db_default=False,
                default=False,
                help_text="Names that everyone may see appear only after one of you has looked at them. Switched off, it lets new"
                " names appear at once; those that wait already go on waiting.",
                verbose_name="look at names before everyone sees them",
            ),
        ),
        migrations.AddField(
            "petition",
            "waiting_words",
            models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="One on each line, or how it begins. A name with one of them waits until one of you has looked at it, as"
                " do names with addresses or digits. It holds for names from now on.",
                max_length=4000,
                verbose_name="words that make a name wait",
            ),
        ),
        migrations.AddField(
            "signature",
            "name_review",
            models.CharField(
                choices=[("OK", "May be shown"), ("WAITING", "Waits to be looked at"), ("HIDDEN", "Is not shown")],
                db_default="OK",
                default="OK",
                max_length=7,
                verbose_name="name before everyone",
            ),
        ),
        migrations.CreateModel(
            name="StandingHold",
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
                ("name_key", models.BinaryField(max_length=33, null=True)),
                ("began_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ("ends_at", models.DateTimeField()),
                (
                    "actor",
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
                "indexes": [models.Index("petition", "ends_at", name="standing_hold_in_force")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(domain_key__isnull=False)
                        | Q(name_key__isnull=False)
                        | ~Q(country="")
                        | ~Q(language="")
                        | ~Q(visibility="")
                        | Q(text_version__isnull=False),
                        name="standing_hold_not_of_everybody",
                    )
                ],
            },
        ),
        migrations.AlterField(
            "auditentry",
            "action",
            models.CharField(
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
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
        migrations.RemoveConstraint("signature", "signature_place_only_public"),
        AddConstraintNotValid(
            "signature",
            models.CheckConstraint(
                condition=Q(state="CONFIRMED", visibility="PUBLIC", name_review="OK", place__isnull=False)
                | Q(is_listed=False, place__isnull=True),
                name="signature_place_only_public",
            ),
        ),
        AddConstraintNotValid(
            "signature",
            models.CheckConstraint(
                condition=Q(name_review__in=["OK", "WAITING", "HIDDEN"]), name="signature_review_known"
            ),
        ),
        run_sql_file("models/signature_review.sql"),
        run_sql_file("models/standing_hold.sql"),
    ]
