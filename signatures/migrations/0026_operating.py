"""What became of mails, and what is amiss with the site, for the operator."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Adds two tables of a few rows each."""

    dependencies = [("signatures", "0025_secret_marks")]

    operations = [
        migrations.CreateModel(
            name="MailOutcome",
            fields=[
                ("result", models.CharField(max_length=13, primary_key=True, serialize=False)),
                ("amount", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField(db_default=TransactionNow())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            ("result__in", ["SENT", "UNWANTED", "UNDELIVERABLE", "LIMITED", "RETRIED", "GIVEN_UP"])
                        ),
                        name="mail_result_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Trouble",
            fields=[
                ("kind", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("began_at", models.DateTimeField(db_default=TransactionNow())),
                ("ended_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("tells_end", models.BooleanField(db_default=False, default=False)),
                ("try_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            (
                                "kind__in",
                                [
                                    "GIVEN_UP",
                                    "RELAY",
                                    "LATE",
                                    "BACKUP",
                                    "DISK",
                                    "CERT",
                                    "COUNTERS",
                                    "PROXIES",
                                    "ERASED",
                                    "BOUNCES",
                                    "SWITCH",
                                    "CONTACT",
                                ],
                            )
                        ),
                        name="trouble_kind_known",
                    )
                ],
            },
        ),
    ]
