"""What the database guards and Django's models cannot express: triggers, foreign keys within one petition, samples.

Each file lies beside the models whose tables it is about, and says why.
"""

from __future__ import annotations

from django.db import migrations

from signatures.models.sql_files import run_sql_file

FILES = (
    "models/refusals.sql",
    "models/organiser.sql",
    "models/petition.sql",
    "models/recipient.sql",
    "models/lead_petitioner.sql",
    "models/text_version.sql",
    "models/attempt.sql",
    "models/signature.sql",
    "models/removed_mark.sql",
    "models/tally.sql",
    "models/release.sql",
    "models/delivery.sql",
    "models/packing.sql",
    "models/mail.sql",
    "models/audit.sql",
    "safeguarding/counter_cache.sql",
)


class Migration(migrations.Migration):
    """Runs the files, and backwards the part of each that takes it back."""

    # A database in which this one was applied, after all before it, has everything already.
    replaces = [("signatures", "0035_any_language")]

    dependencies = [("signatures", "0001_models"), ("sessions", "0001_initial")]

    operations = [run_sql_file(name) for name in FILES]
