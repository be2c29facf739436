"""What changed in each text since the version before, kept with the text, so that no page has to find it out."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# It knows no model, and takes no more steps than it is allowed, whatever the texts are.
from signatures.texts.difference import PARTS, changes_by_part

THAW = "ALTER TABLE signatures_textversionbody DISABLE TRIGGER frozen"
FREEZE = "ALTER TABLE signatures_textversionbody ENABLE TRIGGER frozen"


def compare_with_the_version_before(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Store the differences of what was published before, one pair of texts in memory at a time."""
    bodies = apps.get_model("signatures", "TextVersionBody").objects
    for pk in list(bodies.filter(version__number__gt=1).values_list("pk", flat=True)):
        body = bodies.select_related("version").get(pk=pk)
        before = bodies.filter(
            version__petition_id=body.version.petition_id,
            version__number=body.version.number - 1,
            language=body.language,
        )
        old, new = before.values(*PARTS).get(), bodies.filter(pk=pk).values(*PARTS).get()
        body.changes = changes_by_part(old, new)
        body.save(update_fields=["changes"])


class Migration(migrations.Migration):
    """Adds the column, and fills it for what was published before."""

    dependencies = [("signatures", "0016_mails_and_marks")]

    operations = [
        migrations.AddField("textversionbody", "changes", models.JSONField(default=dict, editable=False)),
        migrations.RunSQL(THAW, FREEZE),
        migrations.RunPython(compare_with_the_version_before, migrations.RunPython.noop),
        # Events of the deferred foreign keys would keep the table from being altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(FREEZE, THAW),
    ]
