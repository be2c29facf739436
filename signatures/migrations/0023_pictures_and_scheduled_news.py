"""A header picture for each petition, and news that appears by itself at a time."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds one table, and one column with a default of its own."""

    dependencies = [
        ("signatures", "0022_deleting_drafts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Picture",
            fields=[
                (
                    "petition",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="picture",
                        serialize=False,
                        to="signatures.petition",
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=32)),
                ("narrow", models.BinaryField()),
                ("narrow_width", models.PositiveSmallIntegerField(editable=False)),
                ("wide", models.BinaryField()),
                ("wide_width", models.PositiveSmallIntegerField(editable=False)),
                ("wide_height", models.PositiveSmallIntegerField(editable=False)),
                ("card", models.BinaryField()),
                (
                    "alt",
                    models.CharField(
                        blank=True,
                        help_text="What can be seen on it, in a sentence, for people who do not see it.",
                        max_length=300,
                        verbose_name="alternative text",
                    ),
                ),
                (
                    "alt_en",
                    models.CharField(
                        blank=True,
                        help_text="What can be seen on it, in a sentence, for people who do not see it.",
                        max_length=300,
                        null=True,
                        verbose_name="alternative text",
                    ),
                ),
                (
                    "alt_ru",
                    models.CharField(
                        blank=True,
                        help_text="What can be seen on it, in a sentence, for people who do not see it.",
                        max_length=300,
                        null=True,
                        verbose_name="alternative text",
                    ),
                ),
                (
                    "alt_be",
                    models.CharField(
                        blank=True,
                        help_text="What can be seen on it, in a sentence, for people who do not see it.",
                        max_length=300,
                        null=True,
                        verbose_name="alternative text",
                    ),
                ),
                (
                    "caption",
                    models.CharField(
                        blank=True,
                        help_text="A line below the picture: who took it, where and when. Empty: none.",
                        max_length=200,
                        verbose_name="caption",
                    ),
                ),
                (
                    "caption_en",
                    models.CharField(
                        blank=True,
                        help_text="A line below the picture: who took it, where and when. Empty: none.",
                        max_length=200,
                        null=True,
                        verbose_name="caption",
                    ),
                ),
                (
                    "caption_ru",
                    models.CharField(
                        blank=True,
                        help_text="A line below the picture: who took it, where and when. Empty: none.",
                        max_length=200,
                        null=True,
                        verbose_name="caption",
                    ),
                ),
                (
                    "caption_be",
                    models.CharField(
                        blank=True,
                        help_text="A line below the picture: who took it, where and when. Empty: none.",
                        max_length=200,
                        null=True,
                        verbose_name="caption",
                    ),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="uploaded at",
                    ),
                ),
            ],
            options={
                "verbose_name": "picture",
                "verbose_name_plural": "pictures",
            },
        ),
        migrations.AddField(
            model_name="update",
            name="is_scheduled",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="scheduled"),
        ),
        migrations.AddConstraint(
            model_name="update",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_scheduled", False), ("published_at__isnull", False), _connector="OR"),
                name="update_scheduled_for_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(fields=["digest"], name="picture_digest"),
        ),
        migrations.AddConstraint(
            model_name="picture",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^[0-9a-f]{32}$")), name="picture_digest_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="picture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(models.Q(("alt_en__isnull", False), models.Q(("alt_en", ""), _negated=True))),
                    models.Q(models.Q(("alt_ru__isnull", False), models.Q(("alt_ru", ""), _negated=True))),
                    models.Q(models.Q(("alt_be__isnull", False), models.Q(("alt_be", ""), _negated=True))),
                    _connector="OR",
                ),
                name="picture_described_in_a_language",
            ),
        ),
        migrations.AddConstraint(
            model_name="picture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length("narrow"), 8192),
                    django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length("wide"), 12288),
                    django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length("card"), 102400),
                ),
                name="picture_light_enough",
            ),
        ),
    ]
