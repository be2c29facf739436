"""Exact sums of the tally, so that no page adds up all its days, kept by the fold alone."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

KINDS = [
    "SUBMITTED",
    "EXPIRED",
    "CONFIRMED",
    "RESTORED",
    "CHANGED_FROM",
    "CHANGED_TO",
    "WITHDRAWN",
    "REMOVED",
    "CORRECTION",
]

# Nobody else adds to a sum, takes a row away that is part of one, or says of a row that it is.
GUARD = """
CREATE FUNCTION signatures_refuse_unsummed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('signatures.summing', true) = 'on' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'sums of the tally are kept by the fold' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER kept_by_fold BEFORE INSERT OR UPDATE OR DELETE ON signatures_tallysum
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_unsummed();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_tallysum
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();
CREATE TRIGGER summed_by_fold BEFORE INSERT ON signatures_tally
    FOR EACH ROW WHEN (NEW.is_summed) EXECUTE FUNCTION signatures_refuse_unsummed();
CREATE TRIGGER summed_stays BEFORE DELETE ON signatures_tally
    FOR EACH ROW WHEN (OLD.is_summed) EXECUTE FUNCTION signatures_refuse_unsummed();
"""
GUARD_REVERSE = """
DROP TRIGGER summed_stays ON signatures_tally;
DROP TRIGGER summed_by_fold ON signatures_tally;
DROP TRIGGER not_emptied ON signatures_tallysum;
DROP TRIGGER kept_by_fold ON signatures_tallysum;
DROP FUNCTION signatures_refuse_unsummed();
"""


class Migration(migrations.Migration):
    """Adds the sums, empty: every row that was there is read as before until the worker has summed it."""

    dependencies = [("signatures", "0021_names")]

    operations = [
        migrations.AddField("tally", "is_summed", models.BooleanField(db_default=False, editable=False)),
        migrations.AddIndex(
            "tally",
            models.Index("petition", condition=models.Q(is_summed=False), name="tally_not_summed"),
        ),
        migrations.CreateModel(
            name="TallySum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[(kind, kind.replace("_", " ").capitalize()) for kind in KINDS], max_length=12
                    ),
                ),
                ("amount", models.BigIntegerField()),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tally_sums",
                        to="signatures.petition",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "tallysum", models.UniqueConstraint(fields=("petition", "kind"), name="tally_sum_per_kind")
        ),
        migrations.AddConstraint(
            "tallysum",
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="tally_sum_kind_known"),
        ),
        migrations.RunSQL(GUARD, GUARD_REVERSE),
    ]
