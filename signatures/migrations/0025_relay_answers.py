"""What workers learn of the mail server; and of each mail, whether it was refused for what may be our fault."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

FAULTS = [
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
]


class Migration(migrations.Migration):
    """Adds a table and three columns; mails that wait have been refused by nobody yet."""

    dependencies = [("signatures", "0023_marks_of_what_was_held")]

    operations = [
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
            ],
        ),
        migrations.AddField("outgoingmail", "doubted_at", models.DateTimeField(null=True)),
        migrations.AddField("outgoingmail", "doubts", models.PositiveSmallIntegerField(db_default=0, default=0)),
        migrations.AddField(
            "outgoingmail", "fault", models.CharField(blank=True, db_default="", default="", max_length=13)
        ),
        migrations.AddConstraint(
            "outgoingmail", models.CheckConstraint(condition=Q(fault__in=["", *FAULTS]), name="mail_fault_known")
        ),
        migrations.AddConstraint(
            "relay", models.CheckConstraint(condition=Q(fault__in=["", *FAULTS]), name="relay_fault_known")
        ),
    ]
