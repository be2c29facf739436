"""Columns for texts in Belarusian."""

from __future__ import annotations

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds a column for each text, and the language to what is known.

    What may have millions of rows is not read here, where everybody would wait for it, but by the next migration.
    """

    dependencies = [
        ("signatures", "0002_invariants"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="attempt",
            name="attempt_whole_or_stub",
        ),
        migrations.RemoveConstraint(
            model_name="delivery",
            name="delivery_language_known",
        ),
        migrations.RemoveConstraint(
            model_name="delivery",
            name="delivery_answer_in_a_language",
        ),
        migrations.RemoveConstraint(
            model_name="petition",
            name="petition_public_has_somebody_responsible",
        ),
        migrations.RemoveConstraint(
            model_name="petition",
            name="petition_languages_known",
        ),
        migrations.RemoveConstraint(
            model_name="signature",
            name="signature_language_known",
        ),
        migrations.RemoveConstraint(
            model_name="textversion",
            name="text_version_languages_known",
        ),
        migrations.RemoveConstraint(
            model_name="textversionbody",
            name="text_version_body_language_known",
        ),
        migrations.RemoveConstraint(
            model_name="update",
            name="update_published_in_a_language",
        ),
        migrations.AddField(
            model_name="delivery",
            name="reply_be",
            field=models.TextField(blank=True, default="", max_length=20000, null=True, verbose_name="reply"),
        ),
        migrations.AddField(
            model_name="leadpetitioner",
            name="nationality_be",
            field=models.CharField(blank=True, max_length=80, null=True, verbose_name="nationality"),
        ),
        migrations.AddField(
            model_name="petition",
            name="body_be",
            field=models.TextField(blank=True, help_text="Markdown.", null=True, verbose_name="text"),
        ),
        migrations.AddField(
            model_name="petition",
            name="closing_words_be",
            field=models.TextField(
                blank=True,
                help_text="Once it is closed they stand above the text and in the list: what has come of it. Empty: none.",
                max_length=1000,
                null=True,
                verbose_name="closing words",
            ),
        ),
        migrations.AddField(
            model_name="petition",
            name="confidentiality_be",
            field=models.TextField(
                blank=True,
                help_text="It stands in the letter and in README.txt of lists with names. Empty: none.",
                max_length=600,
                null=True,
                verbose_name="why names are confidential",
            ),
        ),
        migrations.AddField(
            model_name="petition",
            name="consent_be",
            field=models.TextField(blank=True, max_length=600, null=True, verbose_name="consent statement"),
        ),
        migrations.AddField(
            model_name="petition",
            name="responsible_body_be",
            field=models.CharField(blank=True, max_length=160, null=True, verbose_name="responsible body"),
        ),
        migrations.AddField(
            model_name="petition",
            name="safety_notice_be",
            field=models.TextField(
                blank=True,
                help_text="Markdown. It stands above the form: who must take care, and how. Empty: none.",
                max_length=1000,
                null=True,
                verbose_name="safety notice",
            ),
        ),
        migrations.AddField(
            model_name="petition",
            name="sharing_notice_be",
            field=models.TextField(
                blank=True,
                help_text="It stands above the links for passing the petition on. Empty: none.",
                max_length=300,
                null=True,
                verbose_name="sharing notice",
            ),
        ),
        migrations.AddField(
            model_name="petition",
            name="summary_be",
            field=models.TextField(
                blank=True,
                help_text="Two sentences: who asks whom for what.",
                max_length=600,
                null=True,
                verbose_name="summary",
            ),
        ),
        migrations.AddField(
            model_name="petition",
            name="thanks_be",
            field=models.TextField(
                blank=True,
                help_text="They stand on the page after confirming. Empty: none.",
                max_length=600,
                null=True,
                verbose_name="words of thanks",
            ),
        ),
        migrations.AddField(
            model_name="petition",
            name="title_be",
            field=models.CharField(blank=True, max_length=160, null=True, verbose_name="title"),
        ),
        migrations.AddField(
            model_name="recipient",
            name="name_be",
            field=models.CharField(blank=True, max_length=160, null=True, verbose_name="name"),
        ),
        migrations.AddField(
            model_name="update",
            name="body_be",
            field=models.TextField(blank=True, help_text="Markdown.", max_length=20000, null=True, verbose_name="text"),
        ),
        migrations.AddField(
            model_name="update",
            name="title_be",
            field=models.CharField(blank=True, max_length=160, null=True, verbose_name="headline"),
        ),
        # Samples of a person's data would outlive what was erased.
        migrations.RunSQL(
            "ALTER TABLE signatures_leadpetitioner ALTER COLUMN nationality_be SET STATISTICS 0",
            migrations.RunSQL.noop,
        ),
        AddConstraintNotValid(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("city_encrypted__isnull", True),
                        ("confirmed_at__isnull", False),
                        ("country__isnull", True),
                        ("domain_keys__isnull", True),
                        ("email_keys__isnull", True),
                        ("language__isnull", True),
                        ("name_encrypted__isnull", True),
                        ("suspicion__isnull", True),
                        ("text_version__isnull", True),
                        ("visibility__isnull", True),
                    ),
                    models.Q(
                        models.Q(("domain_keys__isnull", True), ("domain_keys__len__gte", 1), _connector="OR"),
                        models.Q(
                            models.Q(
                                ("city_encrypted__isnull", True),
                                ("name_encrypted__isnull", True),
                                ("visibility", "COUNTED"),
                            ),
                            models.Q(("name_encrypted__isnull", False), ("visibility__in", ["DELIVERED", "PUBLIC"])),
                            _connector="OR",
                        ),
                        ("confirmed_at__isnull", True),
                        ("country__isnull", False),
                        ("email_keys__isnull", False),
                        ("email_keys__len__gte", 1),
                        ("language__in", ["en", "ru", "be"]),
                        ("language__isnull", False),
                        ("press_hash__isnull", True),
                        ("text_version__isnull", False),
                        ("visibility__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="attempt_whole_or_stub",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["en", "ru", "be"])), name="delivery_language_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ANSWERED"), _negated=True),
                    models.Q(
                        ("answered_on__gte", models.F("handed_over_on")),
                        ("answered_on__isnull", False),
                        models.Q(
                            models.Q(models.Q(("reply_en__isnull", False), models.Q(("reply_en", ""), _negated=True))),
                            models.Q(models.Q(("reply_ru__isnull", False), models.Q(("reply_ru", ""), _negated=True))),
                            models.Q(models.Q(("reply_be__isnull", False), models.Q(("reply_be", ""), _negated=True))),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="delivery_answer_in_a_language",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "DRAFT"),
                    models.Q(
                        models.Q(("contact", ""), _negated=True),
                        models.Q(
                            models.Q(("languages__contains", ["en"]), _negated=True),
                            models.Q(
                                ("responsible_body_en__isnull", False),
                                models.Q(("responsible_body_en", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        models.Q(
                            models.Q(("languages__contains", ["ru"]), _negated=True),
                            models.Q(
                                ("responsible_body_ru__isnull", False),
                                models.Q(("responsible_body_ru", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        models.Q(
                            models.Q(("languages__contains", ["be"]), _negated=True),
                            models.Q(
                                ("responsible_body_be__isnull", False),
                                models.Q(("responsible_body_be", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="petition_public_has_somebody_responsible",
                violation_error_message="Signers must see who is responsible, and whom to write to.",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(("languages__contained_by", ["en", "ru", "be"]), ("languages__len__gt", 0)),
                name="petition_languages_known",
                violation_error_message="Choose the languages of the petition, at least one.",
            ),
        ),
        AddConstraintNotValid(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["en", "ru", "be"])), name="signature_language_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="textversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("languages__contained_by", ["en", "ru", "be"]), ("languages__len__gt", 0)),
                name="text_version_languages_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="textversionbody",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["en", "ru", "be"])), name="text_version_body_language_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="update",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_at__isnull", True),
                    models.Q(
                        models.Q(("title_en__isnull", False), models.Q(("title_en", ""), _negated=True)),
                        models.Q(("body_en__isnull", False), models.Q(("body_en", ""), _negated=True)),
                    ),
                    models.Q(
                        models.Q(("title_ru__isnull", False), models.Q(("title_ru", ""), _negated=True)),
                        models.Q(("body_ru__isnull", False), models.Q(("body_ru", ""), _negated=True)),
                    ),
                    models.Q(
                        models.Q(("title_be__isnull", False), models.Q(("title_be", ""), _negated=True)),
                        models.Q(("body_be__isnull", False), models.Q(("body_be", ""), _negated=True)),
                    ),
                    _connector="OR",
                ),
                name="update_published_in_a_language",
            ),
        ),
    ]
