"""News of campaigns, and what organisers decide on signatures."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table of updates, the permission to moderate, and the index of reasons that wait."""

    dependencies = [
        ("signatures", "0005_no_samples_of_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="Update",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(blank=True, max_length=160, verbose_name="headline")),
                ("title_en", models.CharField(blank=True, max_length=160, null=True, verbose_name="headline")),
                ("title_ru", models.CharField(blank=True, max_length=160, null=True, verbose_name="headline")),
                ("body", models.TextField(blank=True, help_text="Markdown.", max_length=20000, verbose_name="text")),
                (
                    "body_en",
                    models.TextField(
                        blank=True, help_text="Markdown.", max_length=20000, null=True, verbose_name="text"
                    ),
                ),
                (
                    "body_ru",
                    models.TextField(
                        blank=True, help_text="Markdown.", max_length=20000, null=True, verbose_name="text"
                    ),
                ),
                ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="published at (UTC)")),
            ],
            options={
                "verbose_name": "update",
                "verbose_name_plural": "updates",
            },
        ),
        migrations.AlterModelOptions(
            name="signature",
            options={
                "permissions": [
                    ("moderate_signatures", "Can hold, remove and restore signatures, and approve reasons")
                ],
                "verbose_name": "signature",
                "verbose_name_plural": "signatures",
            },
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
                    ("DELIVERY_PREPARED", "Hand-over prepared"),
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
        migrations.AddField(
            model_name="signature",
            name="has_reason",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.ExpressionWrapper(
                    models.Q(("reason__isnull", False)), output_field=models.BooleanField()
                ),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                models.F("visibility"), models.OrderBy(models.F("id"), descending=True), name="signature_visibility"
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                models.F("language"), models.OrderBy(models.F("id"), descending=True), name="signature_language"
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                models.F("state"),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("state__in", ["HELD", "REMOVED"])),
                name="signature_not_counted",
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                models.F("reason_approved"),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("has_reason", True)),
                name="signature_with_reason",
            ),
        ),
        migrations.AddField(
            model_name="update",
            name="petition",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="updates",
                to="signatures.petition",
                verbose_name="petition",
            ),
        ),
        migrations.AddIndex(
            model_name="update",
            index=models.Index(
                models.F("petition"),
                models.OrderBy(models.F("published_at"), descending=True),
                condition=models.Q(("published_at__isnull", False)),
                name="update_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="update",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_at__isnull", True),
                    models.Q(
                        ("body_en__isnull", False),
                        ("body_ru__isnull", False),
                        ("title_en__isnull", False),
                        ("title_ru__isnull", False),
                        models.Q(("title_en", ""), _negated=True),
                        models.Q(("title_ru", ""), _negated=True),
                        models.Q(("body_en", ""), _negated=True),
                        models.Q(("body_ru", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="update_published_in_every_language",
            ),
        ),
    ]
