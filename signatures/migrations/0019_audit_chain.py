"""The chain of the audit log, whose entries are sealed from the first run on, those from before included."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from signatures.models.sql_files import run_sql_file

# Whoever records waits for this no longer than for the catalogues: the new table has no rows yet.
LINK_ENTRY = """
ALTER TABLE signatures_auditseal ADD CONSTRAINT signatures_auditseal_entry_id_fk FOREIGN KEY (entry_id)
    REFERENCES signatures_auditentry (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
ALTER TABLE signatures_auditseal VALIDATE CONSTRAINT signatures_auditseal_entry_id_fk;
"""


def _table(*, is_linked: bool) -> migrations.CreateModel:
    """Return the new table, with or without the constraint that links its rows to entries."""
    entry: models.Field[object, object] = models.OneToOneField(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="seal",
        to="signatures.auditentry",
        db_constraint=is_linked,
    )
    return migrations.CreateModel(
        name="AuditSeal",
        fields=[
            ("number", models.BigIntegerField(primary_key=True, serialize=False)),
            ("entry", entry),
            ("salt", models.CharField(max_length=32)),
            ("digest", models.CharField(max_length=64)),
        ],
        options={
            "constraints": [
                models.CheckConstraint(condition=Q(number__gte=1), name="seal_numbers_from_one"),
                models.CheckConstraint(condition=Q(digest__regex="^[0-9a-f]{64}$"), name="seal_digest_is_one"),
                models.CheckConstraint(condition=Q(salt__regex="^[0-9a-f]{32}$"), name="seal_salt_is_one"),
            ],
        },
    )


class Migration(migrations.Migration):
    """Adds one table."""

    dependencies = [("signatures", "0018_newest_of_a_petition")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[_table(is_linked=False), migrations.RunSQL(LINK_ENTRY, migrations.RunSQL.noop)],
            state_operations=[_table(is_linked=True)],
        ),
        run_sql_file("models/audit_seal.sql"),
    ]
