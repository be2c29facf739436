"""Alerts by mail to organisers who ask for them."""

from __future__ import annotations

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

import signatures.languages
from signatures.models.sql_files import run_sql_file

# Django would check all rows for a key that stays as it is, or for one that none of them has.
PETITION_MAY_LACK = "ALTER TABLE signatures_outgoingmail ALTER COLUMN petition_id DROP NOT NULL"
PETITION_MUST_BE_THERE = "ALTER TABLE signatures_outgoingmail ALTER COLUMN petition_id SET NOT NULL"
ADD_WISH = """
ALTER TABLE signatures_outgoingmail ADD COLUMN wish_id bigint NULL;
ALTER TABLE signatures_outgoingmail ADD CONSTRAINT signatures_outgoingmail_wish_id_fk FOREIGN KEY (wish_id)
    REFERENCES signatures_alertwish (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
"""
DROP_WISH = "ALTER TABLE signatures_outgoingmail DROP COLUMN wish_id"


class Migration(migrations.Migration):
    """Rows that wait in the outbox are checked by the next migration, while mails are queued."""

    dependencies = [("signatures", "0010_batches")]

    operations = [
        migrations.CreateModel(
            name="AlertNews",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("WAVE", "A wave of signatures that look alike"),
                            ("MILESTONE", "A milestone: a round number of signatures, or the goal"),
                            ("MAIL", "The mail server refusing our mails"),
                        ],
                        max_length=9,
                    ),
                ),
                ("amount", models.BigIntegerField(null=True)),
                ("began_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("happened_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ("told_at", models.DateTimeField(null=True)),
                ("mail", models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="AlertWish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("WAVE", "A wave of signatures that look alike"),
                                ("MILESTONE", "A milestone: a round number of signatures, or the goal"),
                                ("MAIL", "The mail server refusing our mails"),
                            ],
                            max_length=9,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("address_encrypted", models.BinaryField(null=True)),
                ("code_hash", models.BinaryField(max_length=32, null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("refused_at", models.DateTimeField(null=True)),
                ("mark", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("language", models.CharField(choices=signatures.languages.shipped_choices, max_length=2)),
                ("alerted_at", models.DateTimeField(null=True)),
                ("codes_on", models.DateField(null=True)),
                ("codes_sent", models.PositiveSmallIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Milestone",
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
                ("highest", models.BigIntegerField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="outgoingmail",
            name="mail_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="outgoingmail",
            name="mail_about_an_attempt",
        ),
        migrations.AddField(
            model_name="relay",
            name="refuses_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="outgoingmail",
            name="kind",
            field=models.CharField(
                choices=[
                    ("CONFIRM", "Confirmation"),
                    ("MY_SIGNATURE", "Link to one's own signature"),
                    ("ALERT", "Alert to an organiser"),
                    ("ALERT_CHECK", "Code for an organiser's address"),
                ],
                max_length=12,
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(PETITION_MAY_LACK, PETITION_MUST_BE_THERE)],
            state_operations=[
                migrations.AlterField(
                    model_name="outgoingmail",
                    name="petition",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="signatures.petition",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="alertnews",
            name="petition",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="signatures.petition"
            ),
        ),
        migrations.AddField(
            model_name="alertwish",
            name="organiser",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="alertnews",
            name="wish",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="news", to="signatures.alertwish"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ADD_WISH, DROP_WISH)],
            state_operations=[
                migrations.AddField(
                    model_name="outgoingmail",
                    name="wish",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        db_index=False,
                        to="signatures.alertwish",
                    ),
                ),
            ],
        ),
        AddConstraintNotValid(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=Q(("kind__in", ["CONFIRM", "MY_SIGNATURE", "ALERT", "ALERT_CHECK"])), name="mail_kind_known"
            ),
        ),
        AddConstraintNotValid(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("attempt__isnull", False), ("email_keys__isnull", True), ("kind", "CONFIRM")),
                    Q(("attempt__isnull", True), ("kind", "MY_SIGNATURE")),
                    Q(("attempt__isnull", True), ("email_keys__isnull", True), ("kind__in", ["ALERT", "ALERT_CHECK"])),
                    _connector="OR",
                ),
                name="mail_about_an_attempt",
            ),
        ),
        AddConstraintNotValid(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("kind__in", ["ALERT", "ALERT_CHECK"]), ("petition__isnull", True), ("wish__isnull", False)),
                    Q(
                        Q(("kind__in", ["ALERT", "ALERT_CHECK"]), _negated=True),
                        ("petition__isnull", False),
                        ("wish__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="mail_to_signer_or_organiser",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertwish",
            constraint=models.CheckConstraint(
                condition=Q(("kinds__contained_by", ["WAVE", "MILESTONE", "MAIL"])), name="alert_kinds_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="alertwish",
            constraint=models.CheckConstraint(
                condition=Q(
                    ("address_encrypted__isnull", False),
                    Q(("asked_at__isnull", True), ("code_hash__isnull", True), ("confirmed_at__isnull", True)),
                    _connector="OR",
                ),
                name="alert_address_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertwish",
            constraint=models.CheckConstraint(
                condition=Q(("confirmed_at__isnull", True), ("code_hash__isnull", True), _connector="OR"),
                name="alert_code_spent",
            ),
        ),
        migrations.AddIndex(
            model_name="alertnews",
            index=models.Index(models.F("mail"), condition=Q(("mail__isnull", False)), name="alert_news_mail"),
        ),
        migrations.AddConstraint(
            model_name="alertnews",
            constraint=models.UniqueConstraint(
                fields=("wish", "kind", "petition"), name="alert_news_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="alertnews",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("kind", "WAVE"), ("petition__isnull", False)),
                    Q(("amount__isnull", False), ("kind", "MILESTONE"), ("petition__isnull", False)),
                    Q(("amount__isnull", True), ("kind", "MAIL"), ("petition__isnull", True)),
                    _connector="OR",
                ),
                name="alert_news_about",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertnews",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("mail__isnull", True), ("told_at__isnull", True)),
                    Q(("mail__isnull", False), ("told_at__isnull", False)),
                    _connector="OR",
                ),
                name="alert_news_told_by_mail",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertnews",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("began_at__isnull", True), ("ended_at__isnull", True)),
                    Q(("began_at__isnull", False), ("ended_at__isnull", False), ("kind", "MAIL")),
                    _connector="OR",
                ),
                name="alert_news_span",
            ),
        ),
        run_sql_file("models/alert.sql"),
    ]
