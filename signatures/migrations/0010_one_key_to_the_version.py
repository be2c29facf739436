"""Petition and text version of a signature as one foreign key, in place of three."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Drops the keys that ``signature_version_of_petition`` and ``attempt_version_of_petition`` imply."""

    dependencies = [("signatures", "0009_nationality_in_both_languages")]

    operations = [
        migrations.AlterField(
            model_name="attempt",
            name="text_version",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="signatures.textversion",
            ),
        ),
        migrations.AlterField(
            model_name="signature",
            name="petition",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="signatures",
                to="signatures.petition",
                verbose_name="petition",
            ),
        ),
        migrations.AlterField(
            model_name="signature",
            name="text_version",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="signatures",
                to="signatures.textversion",
                verbose_name="text version",
            ),
        ),
    ]
