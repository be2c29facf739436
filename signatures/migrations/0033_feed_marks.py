"""A random mark for each news item, by which feeds know it."""

from __future__ import annotations

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("signatures", "0032_news_by_mail_checked")]

    operations = [
        migrations.AddField(
            model_name="update",
            name="mark",
            field=models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False),
        ),
    ]
