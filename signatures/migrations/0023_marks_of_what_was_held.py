"""What an organiser has held stays held, however its signer withdraws and signs again."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

STATES = [("CONFIRMED", "Confirmed"), ("HELD", "Held for review"), ("REMOVED", "Removed")]
OF_A_DECISION = Q(state="REMOVED") | (Q(state="HELD") & ~Q(reason="HONEYPOT"))
# The code before this would have them removed, which nobody has decided.
FORGET_HELD = "DELETE FROM signatures_removedmark WHERE state = 'HELD'"


class Migration(migrations.Migration):
    """Adds the state that a mark brings back; marks so far are of what was removed."""

    dependencies = [("signatures", "0022_tally_sums")]

    operations = [
        migrations.AddField(
            "removedmark", "state", models.CharField(max_length=9, choices=STATES, db_default=models.Value("REMOVED"))
        ),
        migrations.AddConstraint(
            "removedmark", models.CheckConstraint(condition=OF_A_DECISION, name="removed_mark_of_a_decision")
        ),
        migrations.RunSQL(migrations.RunSQL.noop, FORGET_HELD),
    ]
