"""News by mail: who asked for it, and how far each news item was mailed."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

import signatures.languages
from signatures.models.sql_files import run_sql_file

# Django would check all rows for keys that none of them has.
ADD_KEYS = """
ALTER TABLE signatures_outgoingmail ADD COLUMN subscriber_id bigint NULL;
ALTER TABLE signatures_outgoingmail ADD COLUMN update_id bigint NULL;
ALTER TABLE signatures_outgoingmail ADD CONSTRAINT signatures_outgoingmail_subscriber_id_fk FOREIGN KEY (subscriber_id)
    REFERENCES signatures_newssubscriber (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
ALTER TABLE signatures_outgoingmail ADD CONSTRAINT signatures_outgoingmail_update_id_fk FOREIGN KEY (update_id)
    REFERENCES signatures_update (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
"""
DROP_KEYS = """
ALTER TABLE signatures_outgoingmail DROP COLUMN update_id;
ALTER TABLE signatures_outgoingmail DROP COLUMN subscriber_id;
"""
# Earlier versions know nothing of these, so that nothing else could be done with them.
DROP_MAILS = "DELETE FROM signatures_outgoingmail WHERE kind IN ('NEWS', 'NEWS_CHECK')"


class Migration(migrations.Migration):
    """Rows that wait in the outbox are checked by the next migration, while mails are queued."""

    dependencies = [("signatures", "0030_bundles")]

    operations = [
        migrations.AddField(
            model_name="petition",
            name="news_by_mail",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text=(
                    "Whoever asks for it is sent each update when it is published. Only for petitions whose signers"
                    " nobody punishes. Switched off, nothing more is sent, and the addresses wait until you switch it"
                    " on again. Raising the protection erases them at once."
                ),
                verbose_name="news by mail",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=Q(("news_by_mail", False), ("protection__in", ["ORDINARY"]), _connector="OR"),
                name="petition_news_by_mail_allowed",
                violation_error_message=(
                    "News by mail is only for petitions whose signers nobody punishes: switch it off."
                ),
            ),
        ),
        migrations.CreateModel(
            name="NewsSubscriber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "petition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="signatures.petition",
                    ),
                ),
                ("address_encrypted", models.BinaryField()),
                ("address_key", models.BinaryField(max_length=32)),
                ("language", models.CharField(choices=signatures.languages.shipped_choices, max_length=2)),
                ("mark", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ],
            options={
                "indexes": [models.Index(models.F("petition"), models.F("id"), name="news_subscriber_order")],
                "constraints": [
                    models.UniqueConstraint(fields=("petition", "address_key"), name="news_subscriber_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="NewsMailing",
            fields=[
                (
                    "update",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="signatures.update",
                    ),
                ),
                ("last_subscriber", models.BigIntegerField(null=True)),
                ("queued_up_to", models.BigIntegerField(db_default=0, default=0)),
                ("hour", models.DateTimeField(null=True)),
                ("in_hour", models.PositiveIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.RemoveConstraint(model_name="outgoingmail", name="mail_kind_known"),
        migrations.RemoveConstraint(model_name="outgoingmail", name="mail_about_an_attempt"),
        migrations.RunSQL(migrations.RunSQL.noop, DROP_MAILS),
        migrations.AlterField(
            model_name="outgoingmail",
            name="kind",
            field=models.CharField(
                choices=[
                    ("CONFIRM", "Confirmation"),
                    ("MY_SIGNATURE", "Link to one's own signature"),
                    ("ALERT", "Alert to an organiser"),
                    ("ALERT_CHECK", "Code for an organiser's address"),
                    ("NEWS_CHECK", "Link that confirms the wish for news"),
                    ("NEWS", "News of a petition"),
                ],
                max_length=12,
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ADD_KEYS, DROP_KEYS)],
            state_operations=[
                migrations.AddField(
                    model_name="outgoingmail",
                    name="subscriber",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="signatures.newssubscriber",
                    ),
                ),
                migrations.AddField(
                    model_name="outgoingmail",
                    name="update",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="signatures.update",
                    ),
                ),
            ],
        ),
        AddConstraintNotValid(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=Q(("kind__in", ["CONFIRM", "MY_SIGNATURE", "ALERT", "ALERT_CHECK", "NEWS_CHECK", "NEWS"])),
                name="mail_kind_known",
            ),
        ),
        AddConstraintNotValid(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("attempt__isnull", False), ("email_keys__isnull", True), ("kind", "CONFIRM")),
                    Q(("attempt__isnull", True), ("kind", "MY_SIGNATURE")),
                    Q(
                        ("attempt__isnull", True),
                        ("email_keys__isnull", True),
                        ("kind__in", ["ALERT", "ALERT_CHECK", "NEWS_CHECK", "NEWS"]),
                    ),
                    _connector="OR",
                ),
                name="mail_about_an_attempt",
            ),
        ),
        AddConstraintNotValid(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("kind", "NEWS"), ("subscriber__isnull", False), ("update__isnull", False)),
                    Q(
                        Q(("kind", "NEWS"), _negated=True),
                        ("subscriber__isnull", True),
                        ("update__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="mail_of_news",
            ),
        ),
        run_sql_file("models/news_mail.sql"),
    ]
