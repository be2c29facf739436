"""Files carry random bits of their own: the seed that they follow from, and by what a file is traced."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds two columns; what was made before has neither, and its seed is drawn when its files are made again."""

    dependencies = [("signatures", "0012_protection")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="seed_encrypted",
            field=models.BinaryField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="packing",
            name="edition",
            field=models.CharField(blank=True, default="", editable=False, max_length=16, verbose_name="edition"),
        ),
    ]
