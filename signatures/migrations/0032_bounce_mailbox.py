"""How much of the mailbox of bounces waits, and up to where it is cleared; its fields in the words of IMAP."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Renames two columns and adds two."""

    dependencies = [
        ("signatures", "0031_unknown_at_providers"),
    ]

    operations = [
        migrations.RenameField("bouncemailbox", "validity", "uidvalidity"),
        migrations.RenameField("bouncemailbox", "counted_up_to", "last_uid"),
        migrations.AddField("bouncemailbox", "last_cleared_uid", models.BigIntegerField(default=0, db_default=0)),
        migrations.AddField("bouncemailbox", "waiting", models.PositiveIntegerField(default=0, db_default=0)),
    ]
