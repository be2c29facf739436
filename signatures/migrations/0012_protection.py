"""Protection, and in each text version all that its signers rely on, with the bytes that its digest is of."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LEVELS = [("ORDINARY", "Ordinary: nobody is punished for signing"), ("GUARDED", "Guarded: signers can be punished")]
LANGUAGES = ("en", "ru")

# Whoever signed a guarded petition goes on being guarded. Levels stand here from the lowest to the highest.
NEVER_LOWERED = """
CREATE FUNCTION signatures_refuse_lower_protection() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    levels constant text[] := ARRAY['ORDINARY', 'GUARDED'];
BEGIN
    IF EXISTS (
        SELECT FROM signatures_textversion
        WHERE petition_id = NEW.petition_id
            AND array_position(levels, protection::text) > array_position(levels, NEW.protection::text)
    ) THEN
        RAISE EXCEPTION 'the protection of a published petition cannot be lowered'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER protection_never_lowered BEFORE INSERT ON signatures_textversion
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_lower_protection();
ALTER TABLE signatures_textversion ADD CONSTRAINT text_version_digest_of_its_bytes
    CHECK (digest = encode(sha256(convert_to(canonical_json, 'UTF8')), 'hex'));
"""
NEVER_LOWERED_REVERSE = """
ALTER TABLE signatures_textversion DROP CONSTRAINT text_version_digest_of_its_bytes;
DROP TRIGGER protection_never_lowered ON signatures_textversion;
DROP FUNCTION signatures_refuse_lower_protection();
"""
THAW = """
ALTER TABLE signatures_textversion DISABLE TRIGGER frozen;
ALTER TABLE signatures_textversionbody DISABLE TRIGGER frozen;
"""
FREEZE = """
ALTER TABLE signatures_textversion ENABLE TRIGGER frozen;
ALTER TABLE signatures_textversionbody ENABLE TRIGGER frozen;
"""


def keep_what_was_digested(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Store the bytes of earlier versions as they were digested, and what the petition told their signers besides."""
    bodies = apps.get_model("signatures", "TextVersionBody")
    for version in apps.get_model("signatures", "TextVersion").objects.select_related("petition"):
        petition = version.petition
        shown = list(bodies.objects.filter(version=version))
        for body in shown:
            body.responsible_body = getattr(petition, f"responsible_body_{body.language}") or ""
            body.save()
        version.canonical_json = _canonical_json(version, shown, apps.get_model("signatures", "TextVersionRecipient"))
        version.protection, version.asks_city = petition.protection, petition.asks_city
        version.contact = petition.contact
        version.save()


def _canonical_json(version: Any, bodies: list[Any], recipients: Any) -> str:
    """Return the bytes that have the version's digest: those of before, or of a database that was taken back to then."""
    petition, before = version.petition, ("title", "summary", "body", "consent")
    shown = recipients.objects.filter(version=version).select_related("recipient").order_by("position", "id")
    common = {
        "petition": petition.slug,
        "version": version.number,
        "recipients": [
            {
                "name": {code: _normalize(getattr(entry.recipient, f"name_{code}")) for code in LANGUAGES},
                "profile": entry.profile,
            }
            for entry in shown
        ],
    }
    relied_on = {"protection": petition.protection, "asks_city": petition.asks_city, "contact": petition.contact}
    for parts, more in ((before, {}), ((*before, "responsible_body"), relied_on)):
        texts = {body.language: {part: getattr(body, part) for part in parts} for body in bodies}
        content = {**common, **more, "bodies": texts}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if hashlib.sha256(text.encode()).hexdigest() == version.digest:
            return text
    raise ValueError(f"Text version {version.pk} does not have the digest that it was published with.")


def _normalize(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


class Migration(migrations.Migration):
    """Adds the columns, fills them for what was published before, and lets no text lower the protection."""

    dependencies = [("signatures", "0011_goal_explained")]

    operations = [
        migrations.AddField(
            "petition",
            "protection",
            models.CharField(
                "protection",
                max_length=8,
                choices=LEVELS,
                default="GUARDED",
                help_text="It can be raised with a new text, and never lowered once the text was published.",
            ),
        ),
        migrations.AddConstraint(
            "petition",
            models.CheckConstraint(
                condition=models.Q(protection__in=["ORDINARY", "GUARDED"]), name="petition_protection_known"
            ),
        ),
        migrations.AddField(
            "textversion", "canonical_json", models.TextField(editable=False, default=""), preserve_default=False
        ),
        migrations.AddField(
            "textversion",
            "protection",
            models.CharField("protection", max_length=8, choices=LEVELS, default="GUARDED"),
            preserve_default=False,
        ),
        migrations.AddField(
            "textversion", "asks_city", models.BooleanField("ask for the city", default=False), preserve_default=False
        ),
        migrations.AddField(
            "textversion", "contact", models.EmailField("contact", max_length=254, default=""), preserve_default=False
        ),
        migrations.AddField(
            "textversionbody",
            "responsible_body",
            models.CharField(max_length=160, default=""),
            preserve_default=False,
        ),
        migrations.RunSQL(THAW, FREEZE),
        migrations.RunPython(keep_what_was_digested, migrations.RunPython.noop),
        # Events of the deferred foreign keys would keep the tables from being altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(FREEZE, THAW),
        migrations.AddConstraint(
            "textversion",
            models.CheckConstraint(
                condition=models.Q(protection__in=["ORDINARY", "GUARDED"]), name="text_version_protection_known"
            ),
        ),
        migrations.RunSQL(NEVER_LOWERED, NEVER_LOWERED_REVERSE),
    ]
