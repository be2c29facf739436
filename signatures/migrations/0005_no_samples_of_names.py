"""Keeps names, cities and reasons out of the samples that PostgreSQL plans by, which outlive what was erased."""

from django.db import migrations

COLUMNS = "ALTER TABLE signatures_signature {}"
EACH = ", ".join(f"ALTER COLUMN {column} SET STATISTICS {{0}}" for column in ("name", "city", "reason"))
INDEX = "ALTER INDEX signature_name_words ALTER COLUMN 1 SET STATISTICS {}"
NONE, USUAL = 0, -1


class Migration(migrations.Migration):
    """Sets how many samples ANALYZE takes of these columns to none."""

    dependencies = [("signatures", "0004_delivery_guards")]

    operations = [
        migrations.RunSQL(COLUMNS.format(EACH.format(NONE)), COLUMNS.format(EACH.format(USUAL))),
        migrations.RunSQL(INDEX.format(NONE), INDEX.format(USUAL)),
    ]
