"""Mails that are counted apart from every key of a person, marks of removed addresses, and domain marks that go."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

REASONS = [
    ("HONEYPOT", "The hidden field was filled in"),
    ("SUSPICIOUS", "Suspicious pattern"),
    ("DUPLICATE", "The same person twice"),
    ("INVENTED", "Invented name"),
    ("ABUSIVE", "Abusive content"),
    ("REQUESTED", "At the signer's request"),
]
STUB = Q(
    confirmed_at__isnull=False,
    country__isnull=True,
    visibility__isnull=True,
    language__isnull=True,
    text_version__isnull=True,
    email_keys__isnull=True,
    domain_keys__isnull=True,
    name_encrypted__isnull=True,
    city_encrypted__isnull=True,
    suspicion__isnull=True,
)


WHOLE = Q(
    Q(domain_keys__isnull=True) | Q(domain_keys__len__gte=1),
    Q(visibility="COUNTED", name_encrypted__isnull=True, city_encrypted__isnull=True)
    | Q(visibility__in=["DELIVERED", "PUBLIC"], name_encrypted__isnull=False),
    visibility__isnull=False,
    confirmed_at__isnull=True,
    country__isnull=False,
    language__isnull=False,
    language__in=["en", "ru"],
    text_version__isnull=False,
    email_keys__isnull=False,
    email_keys__len__gte=1,
)


# PostgreSQL samples what it plans by, and keeps the samples when the rows are gone; those that there are go with the type.
NO_SAMPLES = """
ALTER TABLE signatures_attempt ALTER COLUMN email_keys TYPE bytea[], ALTER COLUMN domain_keys TYPE bytea[];
ALTER TABLE signatures_attempt ALTER COLUMN email_keys SET STATISTICS 0, ALTER COLUMN domain_keys SET STATISTICS 0;
ALTER TABLE signatures_outgoingmail ALTER COLUMN email_keys SET STATISTICS 0;
"""
SAMPLES = """
ALTER TABLE signatures_attempt ALTER COLUMN email_keys SET STATISTICS -1, ALTER COLUMN domain_keys SET STATISTICS -1;
ALTER TABLE signatures_outgoingmail ALTER COLUMN email_keys SET STATISTICS -1;
"""
# Taken back, mails that wait are each counted by themselves, or all but one would be dropped as replaced.
KEYS_OF_THEIR_OWN = "UPDATE signatures_outgoingmail SET mail_key = sha256(id::text::bytea)"
SOME_DOMAIN = (
    "UPDATE signatures_attempt SET domain_keys = email_keys WHERE domain_keys IS NULL AND confirmed_at IS NULL"
)


class Migration(migrations.Migration):
    """Takes the mail key off the outbox; the day's counts begin anew, and whoever asked for no mails is remembered."""

    dependencies = [("signatures", "0014_erased_from_files")]

    operations = [
        migrations.DeleteModel("MailCount"),
        migrations.CreateModel(
            "MailCount",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BinaryField(max_length=32, unique=True)),
                ("ends_at", models.DateTimeField()),
                ("amount", models.PositiveIntegerField()),
            ],
            options={"indexes": [models.Index("ends_at", name="mail_count_end")]},
        ),
        migrations.RunSQL(
            "ALTER TABLE signatures_mailcount SET UNLOGGED", "ALTER TABLE signatures_mailcount SET LOGGED"
        ),
        migrations.RemoveIndex("outgoingmail", "mail_newest"),
        migrations.RunSQL(migrations.RunSQL.noop, KEYS_OF_THEIR_OWN),
        migrations.AlterField("outgoingmail", "mail_key", models.BinaryField(max_length=32, default=b"")),
        migrations.RemoveField("outgoingmail", "mail_key"),
        migrations.AddField(
            "outgoingmail",
            "email_keys",
            django.contrib.postgres.fields.ArrayField(models.BinaryField(), null=True, size=None),
        ),
        migrations.RemoveConstraint("outgoingmail", "mail_about_an_attempt"),
        migrations.AddConstraint(
            "outgoingmail",
            models.CheckConstraint(
                condition=Q(kind="CONFIRM", attempt__isnull=False, email_keys__isnull=True)
                | Q(kind="MY_SIGNATURE", attempt__isnull=True),
                name="mail_about_an_attempt",
            ),
        ),
        migrations.AddIndex(
            "outgoingmail",
            django.contrib.postgres.indexes.GinIndex(
                fields=["email_keys"], name="mail_keys", fastupdate=False, condition=Q(email_keys__isnull=False)
            ),
        ),
        migrations.RunSQL(NO_SAMPLES, SAMPLES),
        migrations.AddIndex(
            "attempt",
            django.contrib.postgres.indexes.GinIndex(
                fields=["email_keys"], name="attempt_keys", fastupdate=False, condition=Q(email_keys__isnull=False)
            ),
        ),
        migrations.RemoveConstraint("attempt", "attempt_whole_or_stub"),
        migrations.RunSQL(migrations.RunSQL.noop, SOME_DOMAIN),
        migrations.AddConstraint(
            "attempt",
            models.CheckConstraint(
                condition=STUB | WHOLE,
                name="attempt_whole_or_stub",
            ),
        ),
        migrations.AddIndex(
            "signature",
            models.Index(
                models.F("last_confirmed_at"), name="signature_domain_mark", condition=Q(domain_key__isnull=False)
            ),
        ),
        migrations.CreateModel(
            "RemovedMark",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email_key", models.BinaryField(max_length=33)),
                ("reason", models.CharField(max_length=10, choices=REASONS)),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="signatures.petition"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("petition", "email_key"), name="removed_mark_once"),
                    models.CheckConstraint(
                        condition=Q(reason__in=[code for code, _ in REASONS]), name="removed_mark_reason_known"
                    ),
                ]
            },
        ),
    ]
