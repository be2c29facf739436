"""Only drafts that were never public are deleted."""

from __future__ import annotations

from django.db import migrations

from signatures.models.sql_files import run_sql_file


class Migration(migrations.Migration):
    """Adds a trigger to a table with few rows."""

    dependencies = [("signatures", "0021_approvals")]

    operations = [run_sql_file("models/petition_deletion.sql")]
