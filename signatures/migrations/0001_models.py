"""The tables of all models, with the functions that an index of names is made of."""

from __future__ import annotations

import datetime
import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import signatures.languages
import signatures.models.clock
import signatures.models.petition
import uuid
from django.conf import settings
from django.db import migrations, models
from signatures.models.name_functions import CREATE_FUNCTIONS, DROP_FUNCTIONS


class Migration(migrations.Migration):
    """Makes one table after the other."""

    initial = True

    # A database in which all of these were applied has everything already.
    replaces = [
        ("signatures", "0001_initial"),
        ("signatures", "0002_guards"),
        ("signatures", "0003_deliveries"),
        ("signatures", "0004_delivery_guards"),
        ("signatures", "0005_no_samples_of_names"),
        ("signatures", "0006_updates_and_moderating"),
        ("signatures", "0007_petition_stays_public"),
        ("signatures", "0008_packings"),
        ("signatures", "0009_nationality_in_both_languages"),
        ("signatures", "0010_one_key_to_the_version"),
        ("signatures", "0011_goal_explained"),
        ("signatures", "0012_protection"),
        ("signatures", "0013_watermarks"),
        ("signatures", "0014_erased_from_files"),
        ("signatures", "0016_mails_and_marks"),
        ("signatures", "0017_stored_differences"),
        ("signatures", "0018_releases"),
        ("signatures", "0019_same_press"),
        ("signatures", "0020_texts_of_releases"),
        ("signatures", "0021_names"),
        ("signatures", "0022_tally_sums"),
        ("signatures", "0023_marks_of_what_was_held"),
        ("signatures", "0025_relay_answers"),
        ("signatures", "0027_bounces"),
        ("signatures", "0030_who_withdrew"),
        ("signatures", "0031_unknown_at_providers"),
        ("signatures", "0032_bounce_mailbox"),
        ("signatures", "0033_surnames"),
        ("signatures", "0034_any_petition"),
    ]

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunSQL(CREATE_FUNCTIONS, DROP_FUNCTIONS),
        migrations.CreateModel(
            name="Organiser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=signatures.languages.language_choices,
                        default="",
                        max_length=2,
                        verbose_name="language of the admin",
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "organiser",
                "verbose_name_plural": "organisers",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Petition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of the page's address.",
                        max_length=80,
                        unique=True,
                        verbose_name="address",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("DRAFT", "Draft"), ("OPEN", "Open"), ("CLOSED", "Closed")],
                        default="DRAFT",
                        max_length=6,
                        verbose_name="status",
                    ),
                ),
                (
                    "protection",
                    models.CharField(
                        choices=[
                            ("ORDINARY", "Ordinary: nobody is punished for signing"),
                            ("GUARDED", "Guarded: signers can be punished"),
                        ],
                        default="GUARDED",
                        help_text="It can be raised with a new text, and never lowered once the text was published.",
                        max_length=8,
                        verbose_name="protection",
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        default=signatures.languages.site_languages,
                        size=None,
                        verbose_name="languages of the petition",
                    ),
                ),
                ("opens_at", models.DateTimeField(blank=True, null=True, verbose_name="opens at (UTC)")),
                ("closes_at", models.DateTimeField(blank=True, null=True, verbose_name="closes at (UTC)")),
                (
                    "goal",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The public page shows the next step on the way: 100, 250, 500, 1,000, 2,500 and so on. Your goal stands there once it is nearer than the next of these; after it they go on. May stay empty.",
                        null=True,
                        verbose_name="goal",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=160, verbose_name="title")),
                ("title_en", models.CharField(blank=True, max_length=160, null=True, verbose_name="title")),
                ("title_ru", models.CharField(blank=True, max_length=160, null=True, verbose_name="title")),
                (
                    "summary",
                    models.TextField(
                        blank=True,
                        help_text="Two sentences: who asks whom for what.",
                        max_length=600,
                        verbose_name="summary",
                    ),
                ),
                (
                    "summary_en",
                    models.TextField(
                        blank=True,
                        help_text="Two sentences: who asks whom for what.",
                        max_length=600,
                        null=True,
                        verbose_name="summary",
                    ),
                ),
                (
                    "summary_ru",
                    models.TextField(
                        blank=True,
                        help_text="Two sentences: who asks whom for what.",
                        max_length=600,
                        null=True,
                        verbose_name="summary",
                    ),
                ),
                ("body", models.TextField(blank=True, help_text="Markdown.", verbose_name="text")),
                ("body_en", models.TextField(blank=True, help_text="Markdown.", null=True, verbose_name="text")),
                ("body_ru", models.TextField(blank=True, help_text="Markdown.", null=True, verbose_name="text")),
                ("consent", models.TextField(blank=True, max_length=600, verbose_name="consent statement")),
                (
                    "consent_en",
                    models.TextField(blank=True, max_length=600, null=True, verbose_name="consent statement"),
                ),
                (
                    "consent_ru",
                    models.TextField(blank=True, max_length=600, null=True, verbose_name="consent statement"),
                ),
                ("responsible_body", models.CharField(blank=True, max_length=160, verbose_name="responsible body")),
                (
                    "responsible_body_en",
                    models.CharField(blank=True, max_length=160, null=True, verbose_name="responsible body"),
                ),
                (
                    "responsible_body_ru",
                    models.CharField(blank=True, max_length=160, null=True, verbose_name="responsible body"),
                ),
                ("contact", models.EmailField(blank=True, max_length=254, verbose_name="contact")),
                (
                    "safety_notice",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. It stands above the form: who must take care, and how. Empty: none.",
                        max_length=1000,
                        verbose_name="safety notice",
                    ),
                ),
                (
                    "safety_notice_en",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. It stands above the form: who must take care, and how. Empty: none.",
                        max_length=1000,
                        null=True,
                        verbose_name="safety notice",
                    ),
                ),
                (
                    "safety_notice_ru",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. It stands above the form: who must take care, and how. Empty: none.",
                        max_length=1000,
                        null=True,
                        verbose_name="safety notice",
                    ),
                ),
                (
                    "sharing_notice",
                    models.TextField(
                        blank=True,
                        help_text="It stands above the links for passing the petition on. Empty: none.",
                        max_length=300,
                        verbose_name="sharing notice",
                    ),
                ),
                (
                    "sharing_notice_en",
                    models.TextField(
                        blank=True,
                        help_text="It stands above the links for passing the petition on. Empty: none.",
                        max_length=300,
                        null=True,
                        verbose_name="sharing notice",
                    ),
                ),
                (
                    "sharing_notice_ru",
                    models.TextField(
                        blank=True,
                        help_text="It stands above the links for passing the petition on. Empty: none.",
                        max_length=300,
                        null=True,
                        verbose_name="sharing notice",
                    ),
                ),
                (
                    "confidentiality",
                    models.TextField(
                        blank=True,
                        help_text="It stands in the letter and in README.txt of lists with names. Empty: none.",
                        max_length=600,
                        verbose_name="why names are confidential",
                    ),
                ),
                (
                    "confidentiality_en",
                    models.TextField(
                        blank=True,
                        help_text="It stands in the letter and in README.txt of lists with names. Empty: none.",
                        max_length=600,
                        null=True,
                        verbose_name="why names are confidential",
                    ),
                ),
                (
                    "confidentiality_ru",
                    models.TextField(
                        blank=True,
                        help_text="It stands in the letter and in README.txt of lists with names. Empty: none.",
                        max_length=600,
                        null=True,
                        verbose_name="why names are confidential",
                    ),
                ),
                (
                    "thanks",
                    models.TextField(
                        blank=True,
                        help_text="They stand on the page after confirming. Empty: none.",
                        max_length=600,
                        verbose_name="words of thanks",
                    ),
                ),
                (
                    "thanks_en",
                    models.TextField(
                        blank=True,
                        help_text="They stand on the page after confirming. Empty: none.",
                        max_length=600,
                        null=True,
                        verbose_name="words of thanks",
                    ),
                ),
                (
                    "thanks_ru",
                    models.TextField(
                        blank=True,
                        help_text="They stand on the page after confirming. Empty: none.",
                        max_length=600,
                        null=True,
                        verbose_name="words of thanks",
                    ),
                ),
                (
                    "closing_words",
                    models.TextField(
                        blank=True,
                        help_text="Once it is closed they stand above the text and in the list: what has come of it. Empty: none.",
                        max_length=1000,
                        verbose_name="closing words",
                    ),
                ),
                (
                    "closing_words_en",
                    models.TextField(
                        blank=True,
                        help_text="Once it is closed they stand above the text and in the list: what has come of it. Empty: none.",
                        max_length=1000,
                        null=True,
                        verbose_name="closing words",
                    ),
                ),
                (
                    "closing_words_ru",
                    models.TextField(
                        blank=True,
                        help_text="Once it is closed they stand above the text and in the list: what has come of it. Empty: none.",
                        max_length=1000,
                        null=True,
                        verbose_name="closing words",
                    ),
                ),
                (
                    "countries_first",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="countries shown first",
                    ),
                ),
                (
                    "share_places",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("TELEGRAM", "Telegram"),
                                ("WHATSAPP", "WhatsApp"),
                                ("VIBER", "Viber"),
                                ("VK", "VK"),
                                ("FACEBOOK", "Facebook"),
                                ("X", "X (Twitter)"),
                                ("EMAIL", "E-mail"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=signatures.models.petition.usual_share_places,
                        size=None,
                        verbose_name="places to share",
                    ),
                ),
                ("asks_city", models.BooleanField(default=False, verbose_name="ask for the city")),
                (
                    "erase_on",
                    models.DateField(
                        blank=True,
                        help_text="On this day the petition is closed, and everything stored of its signers is erased. Numbers stay.",
                        null=True,
                        verbose_name="erase personal data on (UTC)",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="created at",
                    ),
                ),
                ("purged_at", models.DateTimeField(editable=False, null=True, verbose_name="personal data erased at")),
            ],
            options={
                "verbose_name": "petition",
                "verbose_name_plural": "petitions",
                "permissions": [
                    ("publish_petition", "Can publish a petition's text"),
                    ("export_signatures", "Can export the signature list"),
                    ("hand_over_list", "Can hand the list over to a recipient"),
                    ("purge_petition", "Can erase the personal data of all signers"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["DRAFT", "OPEN", "CLOSED"])), name="petition_status_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("protection__in", ["ORDINARY", "GUARDED"])),
                        name="petition_protection_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status", "DRAFT"), ("opens_at__isnull", False), _connector="OR"),
                        name="petition_opens_before_it_is_public",
                        violation_error_message="Set the opening time first.",
                    ),
                    models.CheckConstraint(
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
                            ),
                            _connector="OR",
                        ),
                        name="petition_public_has_somebody_responsible",
                        violation_error_message="Signers must see who is responsible, and whom to write to.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closes_at__isnull", True), ("closes_at__gt", models.F("opens_at")), _connector="OR"
                        ),
                        name="petition_closes_after_opening",
                        violation_error_message="The closing time must be after the opening time.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("languages__contained_by", ["en", "ru"]), ("languages__len__gt", 0)),
                        name="petition_languages_known",
                        violation_error_message="Choose the languages of the petition, at least one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "share_places__contained_by",
                                ["TELEGRAM", "WHATSAPP", "VIBER", "VK", "FACEBOOK", "X", "EMAIL"],
                            )
                        ),
                        name="petition_share_places_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("purged_at__isnull", True), ("status", "CLOSED"), _connector="OR"),
                        name="petition_purged_stays_closed",
                        violation_error_message="The personal data of its signers was erased: it stays closed.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="recipients", to="signatures.petition"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=160, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=160, null=True, verbose_name="name")),
                ("name_ru", models.CharField(blank=True, max_length=160, null=True, verbose_name="name")),
                (
                    "profile",
                    models.CharField(
                        choices=[("NAMES", "List of names, and totals"), ("TOTALS", "Totals only")],
                        max_length=6,
                        verbose_name="receives",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
            ],
            options={
                "verbose_name": "recipient",
                "verbose_name_plural": "recipients",
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("profile__in", ["NAMES", "TOTALS"])), name="recipient_profile_known"
                    ),
                    models.UniqueConstraint(fields=("petition", "id"), name="recipient_of_petition"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LeadPetitioner",
            fields=[
                (
                    "petition",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="lead_petitioner",
                        serialize=False,
                        to="signatures.petition",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("nationality", models.CharField(blank=True, max_length=80, verbose_name="nationality")),
                ("nationality_en", models.CharField(blank=True, max_length=80, null=True, verbose_name="nationality")),
                ("nationality_ru", models.CharField(blank=True, max_length=80, null=True, verbose_name="nationality")),
                ("address", models.TextField(blank=True, max_length=400, verbose_name="postal address")),
            ],
        ),
        migrations.CreateModel(
            name="TextVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="text_versions",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "published_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="published at",
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("canonical_json", models.TextField(editable=False)),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), editable=False, size=None
                    ),
                ),
                (
                    "protection",
                    models.CharField(
                        choices=[
                            ("ORDINARY", "Ordinary: nobody is punished for signing"),
                            ("GUARDED", "Guarded: signers can be punished"),
                        ],
                        max_length=8,
                        verbose_name="protection",
                    ),
                ),
                ("asks_city", models.BooleanField(verbose_name="ask for the city")),
                ("contact", models.EmailField(max_length=254, verbose_name="contact")),
            ],
            options={
                "verbose_name": "text version",
                "verbose_name_plural": "text versions",
                "constraints": [
                    models.UniqueConstraint(fields=("petition", "number"), name="text_version_numbered"),
                    models.UniqueConstraint(fields=("petition", "id"), name="text_version_of_petition"),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="text_version_digest_hex"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("protection__in", ["ORDINARY", "GUARDED"])),
                        name="text_version_protection_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("languages__contained_by", ["en", "ru"]), ("languages__len__gt", 0)),
                        name="text_version_languages_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TextVersionBody",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bodies", to="signatures.textversion"
                    ),
                ),
                ("language", models.CharField(choices=signatures.languages.shipped_choices, max_length=2)),
                ("title", models.CharField(max_length=160)),
                ("summary", models.TextField()),
                ("body", models.TextField()),
                ("consent", models.TextField()),
                ("responsible_body", models.CharField(max_length=160)),
                ("safety_notice", models.TextField(blank=True, db_default="", default="")),
                ("sharing_notice", models.TextField(blank=True, db_default="", default="")),
                ("confidentiality", models.TextField(blank=True, db_default="", default="")),
                ("changes", models.JSONField(default=dict, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "language"), name="text_version_body_per_language"),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "ru"])),
                        name="text_version_body_language_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(("summary", ""), _negated=True),
                            models.Q(("body", ""), _negated=True),
                            models.Q(("consent", ""), _negated=True),
                        ),
                        name="text_version_body_not_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TextVersionRecipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recipients",
                        to="signatures.textversion",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="in_versions",
                        to="signatures.recipient",
                    ),
                ),
                (
                    "profile",
                    models.CharField(
                        choices=[("NAMES", "List of names, and totals"), ("TOTALS", "Totals only")], max_length=6
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "recipient"), name="text_version_recipient_once"),
                    models.CheckConstraint(
                        condition=models.Q(("profile__in", ["NAMES", "TOTALS"])), name="text_version_recipient_profile"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="signatures.petition"
                    ),
                ),
                ("code_hash", models.BinaryField(max_length=32, unique=True)),
                ("created_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                (
                    "expires_at",
                    models.DateTimeField(
                        db_default=models.ExpressionWrapper(
                            django.db.models.expressions.CombinedExpression(
                                django.contrib.postgres.functions.TransactionNow(),
                                "+",
                                models.Value(datetime.timedelta(days=7)),
                            ),
                            output_field=models.DateTimeField(),
                        )
                    ),
                ),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("name_encrypted", models.BinaryField(null=True)),
                ("city_encrypted", models.BinaryField(null=True)),
                ("country", models.CharField(max_length=2, null=True)),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("COUNTED", "No one"),
                            ("DELIVERED", "Only the organisers and the recipients"),
                            ("PUBLIC", "Everyone"),
                        ],
                        max_length=9,
                        null=True,
                    ),
                ),
                ("language", models.CharField(choices=signatures.languages.shipped_choices, max_length=2, null=True)),
                (
                    "text_version",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="signatures.textversion",
                    ),
                ),
                (
                    "email_keys",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(), null=True, size=None),
                ),
                (
                    "domain_keys",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(), null=True, size=None),
                ),
                ("press_hash", models.BinaryField(max_length=32, null=True)),
                (
                    "suspicion",
                    models.CharField(
                        choices=[
                            ("HONEYPOT", "The hidden field was filled in"),
                            ("SUSPICIOUS", "Suspicious pattern"),
                            ("DUPLICATE", "The same person twice"),
                            ("INVENTED", "Invented name"),
                            ("ABUSIVE", "Abusive content"),
                            ("REQUESTED", "At the signer's request"),
                        ],
                        max_length=10,
                        null=True,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("expires_at"),
                        condition=models.Q(("confirmed_at__isnull", True)),
                        name="attempt_expiry",
                    ),
                    models.Index(
                        models.F("confirmed_at"),
                        condition=models.Q(("confirmed_at__isnull", False)),
                        name="attempt_stub",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("email_keys__isnull", False)),
                        fastupdate=False,
                        fields=["email_keys"],
                        name="attempt_keys",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
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
                                    models.Q(
                                        ("name_encrypted__isnull", False), ("visibility__in", ["DELIVERED", "PUBLIC"])
                                    ),
                                    _connector="OR",
                                ),
                                ("confirmed_at__isnull", True),
                                ("country__isnull", False),
                                ("email_keys__isnull", False),
                                ("email_keys__len__gte", 1),
                                ("language__in", ["en", "ru"]),
                                ("language__isnull", False),
                                ("press_hash__isnull", True),
                                ("text_version__isnull", False),
                                ("visibility__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="attempt_whole_or_stub",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("country__isnull", True), ("country__regex", "^[A-Z]{2}$"), _connector="OR"
                        ),
                        name="attempt_country_code",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                ("email_key", models.BinaryField(max_length=33, null=True)),
                ("domain_key", models.BinaryField(max_length=33, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("CONFIRMED", "Confirmed"), ("HELD", "Held for review"), ("REMOVED", "Removed")],
                        default="CONFIRMED",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "state_reason",
                    models.CharField(
                        choices=[
                            ("HONEYPOT", "The hidden field was filled in"),
                            ("SUSPICIOUS", "Suspicious pattern"),
                            ("DUPLICATE", "The same person twice"),
                            ("INVENTED", "Invented name"),
                            ("ABUSIVE", "Abusive content"),
                            ("REQUESTED", "At the signer's request"),
                        ],
                        max_length=10,
                        null=True,
                        verbose_name="why held or removed",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("WEB", "This site"), ("PAPER", "Paper"), ("IMPORT", "Import")],
                        default="WEB",
                        max_length=6,
                        verbose_name="source",
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("COUNTED", "No one"),
                            ("DELIVERED", "Only the organisers and the recipients"),
                            ("PUBLIC", "Everyone"),
                        ],
                        max_length=9,
                        verbose_name="who may see the name",
                    ),
                ),
                ("name", models.CharField(max_length=120, null=True, verbose_name="name")),
                ("city", models.CharField(max_length=120, null=True, verbose_name="city")),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                (
                    "language",
                    models.CharField(
                        choices=signatures.languages.shipped_choices, max_length=2, verbose_name="language"
                    ),
                ),
                (
                    "text_version",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="signatures.textversion",
                        verbose_name="text version",
                    ),
                ),
                ("reason", models.CharField(max_length=500, null=True, verbose_name="reason for signing")),
                (
                    "has_reason",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.ExpressionWrapper(
                            models.Q(("reason__isnull", False)), output_field=models.BooleanField()
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                ("reason_approved", models.BooleanField(default=False, verbose_name="reason approved")),
                ("is_listed", models.BooleanField(default=False, editable=False)),
                ("place", models.BigIntegerField(editable=False, null=True)),
                ("ever_counted", models.BooleanField(default=True, verbose_name="was counted once")),
                (
                    "first_confirmed_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(), verbose_name="first confirmed"
                    ),
                ),
                (
                    "current_since",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(), verbose_name="current since"
                    ),
                ),
                (
                    "last_confirmed_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(), verbose_name="last confirmed"
                    ),
                ),
                (
                    "signed_on",
                    models.GeneratedField(
                        db_persist=True,
                        expression=signatures.models.clock.UtcDay("last_confirmed_at"),
                        output_field=models.DateField(),
                        verbose_name="signed on (UTC)",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature",
                "verbose_name_plural": "signatures",
                "permissions": [
                    ("moderate_signatures", "Can hold, remove and restore signatures, and approve reasons")
                ],
                "indexes": [
                    models.Index(
                        models.F("petition"),
                        models.F("id"),
                        condition=models.Q(("state", "CONFIRMED")),
                        name="signature_export",
                    ),
                    models.Index(
                        models.F("petition"),
                        models.OrderBy(models.F("place"), descending=True),
                        condition=models.Q(("state", "CONFIRMED"), ("visibility", "PUBLIC")),
                        name="signature_public",
                    ),
                    models.Index(
                        models.F("petition"),
                        models.F("state"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="signature_state",
                    ),
                    models.Index(
                        models.F("country"), models.OrderBy(models.F("id"), descending=True), name="signature_country"
                    ),
                    models.Index(
                        models.F("visibility"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="signature_visibility",
                    ),
                    models.Index(
                        models.F("language"), models.OrderBy(models.F("id"), descending=True), name="signature_language"
                    ),
                    models.Index(
                        models.F("signed_on"), models.OrderBy(models.F("id"), descending=True), name="signature_day"
                    ),
                    models.Index(
                        models.F("text_version"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="signature_version",
                    ),
                    models.Index(
                        models.F("last_confirmed_at"),
                        condition=models.Q(("domain_key__isnull", False)),
                        name="signature_domain_mark",
                    ),
                    models.Index(
                        models.F("state"),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("state__in", ["HELD", "REMOVED"])),
                        name="signature_not_counted",
                    ),
                    models.Index(
                        models.F("reason_approved"),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("has_reason", True)),
                        name="signature_with_reason",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            models.Func(
                                models.F("name"),
                                models.Value(value=True),
                                function="signatures_folded",
                                output_field=models.TextField(),
                            ),
                            function="signatures_words",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                        ),
                        name="signature_name_words",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("petition", "email_key"), name="signature_one_per_address"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("city__isnull", True), ("name__isnull", True), ("visibility", "COUNTED")),
                            models.Q(("name__isnull", False), ("visibility__in", ["DELIVERED", "PUBLIC"])),
                            _connector="OR",
                        ),
                        name="signature_name_as_visible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="signature_name_not_empty"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__isnull", True), ("visibility", "PUBLIC"), _connector="OR"),
                        name="signature_reason_only_public",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason_approved", False), ("reason__isnull", False), _connector="OR"),
                        name="signature_approved_reason_exists",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["PAPER", "IMPORT"]),
                            models.Q(("email_key__isnull", False), ("source", "WEB")),
                            _connector="OR",
                        ),
                        name="signature_web_has_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ever_counted", True), ("state", "CONFIRMED"), ("state_reason__isnull", True)),
                            models.Q(("state__in", ["HELD", "REMOVED"]), ("state_reason__isnull", False)),
                            _connector="OR",
                        ),
                        name="signature_state_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("place__isnull", False), ("state", "CONFIRMED"), ("visibility", "PUBLIC")),
                            models.Q(("is_listed", False), ("place__isnull", True)),
                            _connector="OR",
                        ),
                        name="signature_place_only_public",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="signature_country_code"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "ru"])), name="signature_language_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_confirmed_at__lte", models.F("last_confirmed_at")),
                            ("last_confirmed_at__lte", models.F("current_since")),
                        ),
                        name="signature_instants_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RemovedMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="signatures.petition"
                    ),
                ),
                ("email_key", models.BinaryField(max_length=33)),
                (
                    "state",
                    models.CharField(
                        choices=[("CONFIRMED", "Confirmed"), ("HELD", "Held for review"), ("REMOVED", "Removed")],
                        db_default=models.Value("REMOVED"),
                        max_length=9,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("HONEYPOT", "The hidden field was filled in"),
                            ("SUSPICIOUS", "Suspicious pattern"),
                            ("DUPLICATE", "The same person twice"),
                            ("INVENTED", "Invented name"),
                            ("ABUSIVE", "Abusive content"),
                            ("REQUESTED", "At the signer's request"),
                        ],
                        max_length=10,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("petition", "email_key"), name="removed_mark_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["HONEYPOT", "SUSPICIOUS", "DUPLICATE", "INVENTED", "ABUSIVE", "REQUESTED"])
                        ),
                        name="removed_mark_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "REMOVED"),
                            models.Q(("state", "HELD"), models.Q(("reason", "HONEYPOT"), _negated=True)),
                            _connector="OR",
                        ),
                        name="removed_mark_of_a_decision",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tallies", to="signatures.petition"
                    ),
                ),
                (
                    "day",
                    models.DateField(
                        db_default=signatures.models.clock.UtcDay(django.contrib.postgres.functions.TransactionNow()),
                        verbose_name="day (UTC)",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SUBMITTED", "Submitted"),
                            ("EXPIRED", "Expired"),
                            ("CONFIRMED", "Confirmed"),
                            ("RESTORED", "Restored"),
                            ("CHANGED_FROM", "Changed from"),
                            ("CHANGED_TO", "Changed to"),
                            ("WITHDRAWN", "Withdrawn"),
                            ("REMOVED", "Removed"),
                            ("CORRECTION", "Correction"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("HONEYPOT", "The hidden field was filled in"),
                            ("SUSPICIOUS", "Suspicious pattern"),
                            ("DUPLICATE", "The same person twice"),
                            ("INVENTED", "Invented name"),
                            ("ABUSIVE", "Abusive content"),
                            ("REQUESTED", "At the signer's request"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("WEB", "This site"), ("PAPER", "Paper"), ("IMPORT", "Import")],
                        default="WEB",
                        max_length=6,
                        verbose_name="source",
                    ),
                ),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                (
                    "language",
                    models.CharField(
                        choices=signatures.languages.shipped_choices, max_length=2, verbose_name="language"
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("COUNTED", "No one"),
                            ("DELIVERED", "Only the organisers and the recipients"),
                            ("PUBLIC", "Everyone"),
                        ],
                        max_length=9,
                        verbose_name="visibility",
                    ),
                ),
                ("amount", models.IntegerField(verbose_name="amount")),
                ("is_summed", models.BooleanField(db_default=False, editable=False)),
            ],
            options={
                "verbose_name": "tally",
                "verbose_name_plural": "tallies",
                "indexes": [
                    models.Index(models.F("petition"), models.F("day"), name="tally_day"),
                    models.Index(
                        models.F("petition"), condition=models.Q(("is_summed", False)), name="tally_not_summed"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "SUBMITTED",
                                    "EXPIRED",
                                    "CONFIRMED",
                                    "RESTORED",
                                    "CHANGED_FROM",
                                    "CHANGED_TO",
                                    "WITHDRAWN",
                                    "REMOVED",
                                    "CORRECTION",
                                ],
                            )
                        ),
                        name="tally_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "CORRECTION"), ("amount__gt", 0), _connector="OR"),
                        name="tally_only_correction_is_signed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "REMOVED"), ("reason", ""), _connector="OR"),
                        name="tally_reason_only_of_removal",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HourTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="signatures.petition"
                    ),
                ),
                (
                    "hour",
                    models.DateTimeField(
                        db_default=signatures.models.clock.UtcHour(django.contrib.postgres.functions.TransactionNow())
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SUBMITTED", "Submitted"),
                            ("EXPIRED", "Expired"),
                            ("CONFIRMED", "Confirmed"),
                            ("RESTORED", "Restored"),
                            ("CHANGED_FROM", "Changed from"),
                            ("CHANGED_TO", "Changed to"),
                            ("WITHDRAWN", "Withdrawn"),
                            ("REMOVED", "Removed"),
                            ("CORRECTION", "Correction"),
                        ],
                        max_length=12,
                    ),
                ),
                ("amount", models.IntegerField()),
            ],
            options={
                "indexes": [models.Index(models.F("petition"), models.F("hour"), name="hour_tally_hour")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "SUBMITTED",
                                    "EXPIRED",
                                    "CONFIRMED",
                                    "RESTORED",
                                    "CHANGED_FROM",
                                    "CHANGED_TO",
                                    "WITHDRAWN",
                                    "REMOVED",
                                    "CORRECTION",
                                ],
                            )
                        ),
                        name="hour_tally_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "CORRECTION"), ("amount__gt", 0), _connector="OR"),
                        name="hour_tally_only_correction_is_signed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TallySum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tally_sums", to="signatures.petition"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SUBMITTED", "Submitted"),
                            ("EXPIRED", "Expired"),
                            ("CONFIRMED", "Confirmed"),
                            ("RESTORED", "Restored"),
                            ("CHANGED_FROM", "Changed from"),
                            ("CHANGED_TO", "Changed to"),
                            ("WITHDRAWN", "Withdrawn"),
                            ("REMOVED", "Removed"),
                            ("CORRECTION", "Correction"),
                        ],
                        max_length=12,
                    ),
                ),
                ("amount", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("petition", "kind"), name="tally_sum_per_kind"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "SUBMITTED",
                                    "EXPIRED",
                                    "CONFIRMED",
                                    "RESTORED",
                                    "CHANGED_FROM",
                                    "CHANGED_TO",
                                    "WITHDRAWN",
                                    "REMOVED",
                                    "CORRECTION",
                                ],
                            )
                        ),
                        name="tally_sum_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="releases",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(), verbose_name="made at"
                    ),
                ),
                ("figures", models.JSONField(verbose_name="figures")),
            ],
            options={
                "verbose_name": "release",
                "verbose_name_plural": "releases",
                "constraints": [models.UniqueConstraint(fields=("petition", "number"), name="release_numbered")],
            },
        ),
        migrations.CreateModel(
            name="ReleaseClock",
            fields=[
                (
                    "petition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="signatures.petition",
                    ),
                ),
                ("look_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
            ],
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                ("signature_id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "petition",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="movements",
                        to="signatures.petition",
                    ),
                ),
                ("was_counted", models.BooleanField()),
                ("is_counted", models.BooleanField()),
                ("is_gone", models.BooleanField(default=False)),
                ("has_withdrawn", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "indexes": [models.Index(models.F("petition"), name="movement_petition")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("was_counted", True), ("is_counted", True), _connector="OR"),
                        name="movement_touches_the_count",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_gone", False), ("is_counted", False), _connector="OR"),
                        name="movement_gone_counts_no_more",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="signatures.recipient",
                        verbose_name="recipient",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("PREPARED", "Prepared"), ("HANDED_OVER", "Handed over"), ("ANSWERED", "Answered")],
                        default="PREPARED",
                        max_length=11,
                        verbose_name="state",
                    ),
                ),
                (
                    "profile",
                    models.CharField(
                        choices=[("NAMES", "List of names, and totals"), ("TOTALS", "Totals only")],
                        max_length=6,
                        verbose_name="receives",
                    ),
                ),
                ("cut_off", models.DateTimeField(verbose_name="cut-off (UTC)")),
                ("since", models.DateTimeField(null=True, verbose_name="only what is new since (UTC)")),
                (
                    "language",
                    models.CharField(
                        choices=signatures.languages.shipped_choices, max_length=2, verbose_name="language"
                    ),
                ),
                ("delimiter", models.CharField(max_length=1, verbose_name="separator")),
                (
                    "order",
                    models.CharField(
                        choices=[
                            ("SIGNED", "As they signed"),
                            ("NAME", "By name"),
                            ("SURNAME", "By surname, the last word"),
                            ("COUNTRY", "By country"),
                        ],
                        max_length=7,
                        verbose_name="order",
                    ),
                ),
                ("with_latin", models.BooleanField(verbose_name="names in Latin letters, too")),
                ("with_city", models.BooleanField(verbose_name="with cities")),
                ("by_country", models.BooleanField(verbose_name="totals by country")),
                ("with_workbook", models.BooleanField(verbose_name="with a workbook (XLSX)")),
                ("with_document", models.BooleanField(verbose_name="with a document (PDF)")),
                (
                    "with_petitioner",
                    models.BooleanField(verbose_name="with the lead petitioner's nationality and address"),
                ),
                (
                    "release",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="signatures.release",
                        verbose_name="release",
                    ),
                ),
                ("confirmed", models.PositiveIntegerField(verbose_name="signatures")),
                ("named", models.PositiveIntegerField(verbose_name="with names")),
                (
                    "prepared_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="prepared at",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="prepared by",
                    ),
                ),
                ("seed_encrypted", models.BinaryField(null=True)),
                ("handed_over_on", models.DateField(null=True, verbose_name="handed over on")),
                (
                    "handed_over_how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("IN_PERSON", "In person"),
                            ("POST", "By post"),
                            ("PORTAL", "Through the recipient's website"),
                            ("MAIL", "By e-mail"),
                            ("OTHER", "Otherwise"),
                        ],
                        default="",
                        max_length=9,
                        verbose_name="how",
                    ),
                ),
                ("note", models.TextField(blank=True, default="", max_length=500, verbose_name="note")),
                ("answered_on", models.DateField(null=True, verbose_name="answered on")),
                ("reply", models.TextField(blank=True, default="", max_length=20000, verbose_name="reply")),
                (
                    "reply_en",
                    models.TextField(blank=True, default="", max_length=20000, null=True, verbose_name="reply"),
                ),
                (
                    "reply_ru",
                    models.TextField(blank=True, default="", max_length=20000, null=True, verbose_name="reply"),
                ),
            ],
            options={
                "verbose_name": "hand-over",
                "verbose_name_plural": "hand-overs",
                "indexes": [
                    models.Index(
                        models.F("petition"), models.OrderBy(models.F("id"), descending=True), name="delivery_newest"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["PREPARED", "HANDED_OVER", "ANSWERED"])),
                        name="delivery_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("profile__in", ["NAMES", "TOTALS"])), name="delivery_profile_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("order__in", ["SIGNED", "NAME", "SURNAME", "COUNTRY"])),
                        name="delivery_order_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "ru"])), name="delivery_language_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delimiter__in", [",", ";"])), name="delivery_delimiter_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "cut_off__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("prepared_at"), "-", models.Value(datetime.timedelta(seconds=600))
                                ),
                            )
                        ),
                        name="delivery_cut_off_is_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("since__isnull", True), ("since__lt", models.F("cut_off")), _connector="OR"
                        ),
                        name="delivery_since_before_cut_off",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("named__lte", models.F("confirmed"))), name="delivery_names_are_confirmed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("profile", "NAMES"), ("named", 0), _connector="OR"),
                        name="delivery_totals_have_no_names",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ANSWERED"), _negated=True),
                            models.Q(
                                ("answered_on__gte", models.F("handed_over_on")),
                                ("answered_on__isnull", False),
                                models.Q(
                                    models.Q(
                                        models.Q(("reply_en__isnull", False), models.Q(("reply_en", ""), _negated=True))
                                    ),
                                    models.Q(
                                        models.Q(("reply_ru__isnull", False), models.Q(("reply_ru", ""), _negated=True))
                                    ),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="delivery_answer_in_a_language",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Packing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="packings",
                        to="signatures.delivery",
                        verbose_name="hand-over",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="made at",
                    ),
                ),
                ("confirmed", models.PositiveIntegerField(verbose_name="signatures")),
                ("named", models.PositiveIntegerField(verbose_name="with names")),
                ("manifest", models.TextField(editable=False)),
                ("signature", models.BinaryField(max_length=64)),
                ("public_key", models.BinaryField(max_length=32)),
                (
                    "edition",
                    models.CharField(blank=True, default="", editable=False, max_length=16, verbose_name="edition"),
                ),
            ],
            options={
                "verbose_name": "packing",
                "verbose_name_plural": "packings",
                "constraints": [
                    models.UniqueConstraint(fields=("delivery", "id"), name="packing_of_delivery"),
                    models.CheckConstraint(
                        condition=models.Q(("named__lte", models.F("confirmed"))), name="packing_names_are_confirmed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("manifest", ""), _negated=True),
                            models.Q(("signature", b""), _negated=True),
                            models.Q(("public_key", b""), _negated=True),
                        ),
                        name="packing_is_signed",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="delivery",
            name="packing",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="signatures.packing",
                verbose_name="packing",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("handed_over_how", ""),
                        ("handed_over_on__isnull", True),
                        ("packing__isnull", True),
                        ("state", "PREPARED"),
                    ),
                    models.Q(
                        ("handed_over_on__isnull", False),
                        ("packing__isnull", False),
                        ("state__in", ["HANDED_OVER", "ANSWERED"]),
                        ("handed_over_how__in", ["IN_PERSON", "POST", "PORTAL", "MAIL", "OTHER"]),
                    ),
                    _connector="OR",
                ),
                name="delivery_handed_over_is_packed",
            ),
        ),
        migrations.CreateModel(
            name="Update",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="updates",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
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
                "indexes": [
                    models.Index(
                        models.F("petition"),
                        models.OrderBy(models.F("published_at"), descending=True),
                        condition=models.Q(("published_at__isnull", False)),
                        name="update_published",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
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
                            _connector="OR",
                        ),
                        name="update_published_in_a_language",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("CONFIRM", "Confirmation"), ("MY_SIGNATURE", "Link to one's own signature")],
                        max_length=12,
                    ),
                ),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="signatures.petition"
                    ),
                ),
                (
                    "attempt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="signatures.attempt",
                    ),
                ),
                ("language", models.CharField(choices=signatures.languages.shipped_choices, max_length=2)),
                ("address_encrypted", models.BinaryField()),
                ("secret_encrypted", models.BinaryField()),
                (
                    "email_keys",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(), null=True, size=None),
                ),
                ("message_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("created_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ("attempts_made", models.PositiveSmallIntegerField(default=0)),
                (
                    "next_attempt_at",
                    models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow()),
                ),
                ("claimed_until", models.DateTimeField(null=True)),
                ("counted", models.BooleanField(default=False)),
                ("fault", models.CharField(blank=True, db_default="", default="", max_length=13)),
                ("doubted_at", models.DateTimeField(null=True)),
                ("doubts", models.PositiveSmallIntegerField(db_default=0, default=0)),
            ],
            options={
                "indexes": [
                    models.Index(models.F("next_attempt_at"), models.F("id"), name="mail_due"),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("email_keys__isnull", False)),
                        fastupdate=False,
                        fields=["email_keys"],
                        name="mail_keys",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["CONFIRM", "MY_SIGNATURE"])), name="mail_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("attempt__isnull", False), ("email_keys__isnull", True), ("kind", "CONFIRM")),
                            models.Q(("attempt__isnull", True), ("kind", "MY_SIGNATURE")),
                            _connector="OR",
                        ),
                        name="mail_about_an_attempt",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "fault__in",
                                [
                                    "",
                                    "UNREACHABLE",
                                    "SILENT",
                                    "BUSY",
                                    "TLS",
                                    "LOGIN",
                                    "NAME",
                                    "SENDER",
                                    "PROOF",
                                    "RELAYING",
                                    "QUOTA",
                                    "POLICY",
                                    "SIZE",
                                    "CONTENT",
                                    "COMMANDS",
                                    "INTERNATIONAL",
                                    "UNCLEAR",
                                ],
                            )
                        ),
                        name="mail_fault_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MailCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BinaryField(max_length=32, unique=True)),
                ("ends_at", models.DateTimeField()),
                ("amount", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [models.Index(models.F("ends_at"), name="mail_count_end")],
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mail_key", models.BinaryField(max_length=32, unique=True)),
                ("created_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
            ],
        ),
        migrations.CreateModel(
            name="Relay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("fault", models.CharField(blank=True, db_default="", default="", max_length=13)),
                ("before_mails", models.BooleanField(db_default=False, default=False)),
                ("refused_in_row", models.PositiveIntegerField(db_default=0, default=0)),
                ("pauses", models.PositiveIntegerField(db_default=0, default=0)),
                ("retry_at", models.DateTimeField(null=True)),
                ("taken_at", models.DateTimeField(null=True)),
                ("speaks_utf8", models.BooleanField(null=True)),
                ("unknown", models.JSONField(db_default={}, default=dict)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "fault__in",
                                [
                                    "",
                                    "UNREACHABLE",
                                    "SILENT",
                                    "BUSY",
                                    "TLS",
                                    "LOGIN",
                                    "NAME",
                                    "SENDER",
                                    "PROOF",
                                    "RELAYING",
                                    "QUOTA",
                                    "POLICY",
                                    "SIZE",
                                    "CONTENT",
                                    "COMMANDS",
                                    "INTERNATIONAL",
                                    "UNCLEAR",
                                ],
                            )
                        ),
                        name="relay_fault_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BounceMailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=64, unique=True)),
                ("uidvalidity", models.BigIntegerField(default=0)),
                ("last_uid", models.BigIntegerField(default=0)),
                ("last_cleared_uid", models.BigIntegerField(db_default=0, default=0)),
                ("strangers", models.PositiveIntegerField(default=0)),
                ("waiting", models.PositiveIntegerField(db_default=0, default=0)),
                ("read_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
            ],
        ),
        migrations.CreateModel(
            name="BounceCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "day",
                    models.DateField(
                        db_default=signatures.models.clock.UtcDay(django.contrib.postgres.functions.TransactionNow()),
                        verbose_name="day (UTC)",
                    ),
                ),
                ("provider", models.CharField(blank=True, max_length=40, verbose_name="provider")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("PERMANENT", "Refused for good"),
                            ("TEMPORARY", "Delayed"),
                            ("UNCLEAR", "Cannot be told"),
                        ],
                        max_length=9,
                        verbose_name="what it says",
                    ),
                ),
                ("amount", models.PositiveIntegerField(verbose_name="amount")),
            ],
            options={
                "verbose_name": "mails that came back",
                "verbose_name_plural": "mails that came back",
                "constraints": [
                    models.UniqueConstraint(fields=("day", "provider", "kind"), name="bounce_count_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["PERMANENT", "TEMPORARY", "UNCLEAR"])),
                        name="bounce_count_kind_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="bounce_count_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "UNCLEAR"), _negated=True), ("provider", ""), _connector="OR"
                        ),
                        name="bounce_count_unclear_has_no_provider",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(), verbose_name="when"
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        help_text="Empty for commands and the worker.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
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
                (
                    "petition",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="signatures.petition",
                        verbose_name="petition",
                    ),
                ),
                ("target", models.BigIntegerField(null=True, verbose_name="number of the row concerned")),
                ("amount", models.BigIntegerField(null=True, verbose_name="rows")),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="why")),
                ("details", models.JSONField(default=dict, verbose_name="details")),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit log",
                "ordering": ["-id"],
                "indexes": [models.Index(models.F("petition"), models.F("action"), name="audit_petition_action")],
            },
        ),
        migrations.CreateModel(
            name="Rewrite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField(unique=True)),
                ("clean_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ("seen", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="WorkerBeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("worker", models.UUIDField(unique=True)),
                ("beat_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
            ],
        ),
    ]
