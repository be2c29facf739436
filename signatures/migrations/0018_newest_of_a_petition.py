"""An index for the list of signatures as somebody sees it whose role holds in one petition."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    """Not in one transaction, which would keep everybody from signing meanwhile."""

    atomic = False

    dependencies = [("signatures", "0017_people")]

    operations = [
        AddIndexConcurrently("signature", models.Index(F("petition"), (F("id") + 0).desc(), name="signature_newest")),
    ]
