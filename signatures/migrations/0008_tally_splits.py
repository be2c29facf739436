"""The count by source, country, language and visibility, kept beside the sums by kind."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import signatures.languages
from signatures.models.sql_files import run_sql_file

# No fold runs from here to the end of the transaction, after which one of an earlier version is refused.
HOLD_THE_FOLD = "SELECT pg_advisory_xact_lock(7301001), set_config('signatures.summing', 'splits', true)"
# Folded rows alone: so many as the days have kinds and dimensions, not as there are signatures.
FILL = """
INSERT INTO signatures_tallysplit (petition_id, source, country, language, visibility, amount)
SELECT petition_id, source, country, language, visibility, sum(signed)
FROM (
    SELECT *, CASE WHEN kind IN ('CONFIRMED', 'RESTORED', 'CORRECTION', 'CHANGED_TO') THEN amount ELSE -amount END
        AS signed
    FROM signatures_tally
    WHERE is_summed AND kind NOT IN ('SUBMITTED', 'EXPIRED')
) AS counted
GROUP BY petition_id, source, country, language, visibility HAVING sum(signed) <> 0
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """Sum up what the fold has summed by kind alone."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(HOLD_THE_FOLD)
        cursor.execute(FILL)


class Migration(migrations.Migration):
    """Adds the table, filled: who signs meanwhile is added by the next fold."""

    dependencies = [("signatures", "0007_standing_holds_checked")]

    operations = [
        migrations.CreateModel(
            name="TallySplit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[("WEB", "This site"), ("PAPER", "Paper"), ("IMPORT", "Import")],
                        max_length=6,
                        verbose_name="source",
                    ),
                ),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                (
                    "language",
                    models.CharField(
                        choices=signatures.languages.shipped_choices, max_length=2, verbose_name="language"
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("COUNTED", "No one"),
                            ("DELIVERED", "Only the organisers and the recipients"),
                            ("PUBLIC", "Everyone"),
                        ],
                        max_length=9,
                        verbose_name="visibility",
                    ),
                ),
                ("amount", models.BigIntegerField()),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tally_splits",
                        to="signatures.petition",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index("id", condition=Q(amount=0), name="tally_split_empty")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("petition", "source", "country", "language", "visibility"), name="tally_split_once"
                    )
                ],
            },
        ),
        run_sql_file("models/tally_split.sql"),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
