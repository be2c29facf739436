"""Indexes by which the audit log is filtered, over the entries that are there already, while others are written."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    """Not in one transaction, which would keep everybody from being recorded meanwhile."""

    atomic = False

    dependencies = [("signatures", "0019_audit_chain")]

    operations = [
        AddIndexConcurrently("auditentry", models.Index("target", "action", name="audit_target_action")),
        AddIndexConcurrently("auditentry", models.Index("action", F("id").desc(), name="audit_action")),
        AddIndexConcurrently("auditentry", models.Index("at", name="audit_at")),
    ]
