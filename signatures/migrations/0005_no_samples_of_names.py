"""Keeps names, cities and reasons out of the samples that PostgreSQL plans by, which outlive what was erased.

The words that the search goes by are still sampled, since the search would be slow without; the worker renews them.
"""

from django.db import migrations

STATEMENT = "ALTER TABLE signatures_signature " + ", ".join(
    f"ALTER COLUMN {column} SET STATISTICS {{0}}" for column in ("name", "city", "reason")
)
NONE, USUAL = 0, -1


class Migration(migrations.Migration):
    """Sets how many samples ANALYZE takes of these columns to none."""

    dependencies = [("signatures", "0004_delivery_guards")]

    operations = [migrations.RunSQL(STATEMENT.format(NONE), STATEMENT.format(USUAL))]
