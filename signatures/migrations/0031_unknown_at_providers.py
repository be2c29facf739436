"""Of large providers it is noted how many mailboxes in a row they do not know."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the column."""

    dependencies = [("signatures", "0030_who_withdrew")]

    operations = [migrations.AddField("relay", "unknown", models.JSONField(db_default={}, default=dict))]
