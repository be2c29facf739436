"""What the public page shows of a petition's goal, said at the field."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Changes the help text of a field, and nothing in the database."""

    dependencies = [("signatures", "0010_one_key_to_the_version")]

    operations = [
        migrations.AlterField(
            model_name="petition",
            name="goal",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="The public page shows the next step on the way: 100, 250, 500, 1,000, 2,500 and so on. Your goal stands there once it is nearer than the next of these; after it they go on. May stay empty.",
                null=True,
                verbose_name="goal",
            ),
        ),
    ]
