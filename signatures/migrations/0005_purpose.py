"""What a list is made for: to be handed over, or for the organisers' own work."""

from __future__ import annotations

from datetime import timedelta

from django.db import migrations, models
from django.db.models import F, Q

from signatures.models.sql_files import run_sql_file

# The constraint of before knows no lists that are up to date; what was signed of them stays in their manifests.
OLDER_REVERSE = """
ALTER TABLE signatures_delivery DISABLE TRIGGER frozen;
UPDATE signatures_delivery SET cut_off = prepared_at - interval '10 minutes' WHERE purpose = 'OWN_WORK';
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE signatures_delivery ENABLE TRIGGER frozen;
"""


class Migration(migrations.Migration):
    """Adds the purpose; all that was prepared before was to be handed over."""

    dependencies = [("signatures", "0004_belarusian_checked")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="purpose",
            field=models.CharField(
                choices=[("HAND_OVER", "To be handed over"), ("OWN_WORK", "For the organisers’ own work")],
                default="HAND_OVER",
                max_length=9,
                verbose_name="purpose",
            ),
        ),
        migrations.RemoveConstraint(model_name="delivery", name="delivery_cut_off_is_over"),
        migrations.RunSQL(migrations.RunSQL.noop, OLDER_REVERSE),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=Q(cut_off__lte=F("prepared_at") - timedelta(minutes=10))
                | Q(purpose="OWN_WORK", cut_off__lte=F("prepared_at")),
                name="delivery_cut_off_is_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=Q(purpose__in=["HAND_OVER", "OWN_WORK"]), name="delivery_purpose_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=Q(purpose="HAND_OVER") | Q(state="PREPARED"), name="delivery_own_work_stays"
            ),
        ),
        run_sql_file("models/delivery_purpose.sql"),
    ]
