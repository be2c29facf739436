"""A sequence that a standby has, too, when it takes over."""

from __future__ import annotations

from django.db import migrations

from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Runs the file that writes the sequence of an unlogged table into the write-ahead log."""

    dependencies = [("signatures", "0028_switches")]

    operations = [run_sql_file("models/mail_sequence.sql")]
