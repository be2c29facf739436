"""Of signatures that go it is noted whether they counted until then, and of releases which names stood beside them."""

from __future__ import annotations

from django.db import migrations, models

NOTE_MOVEMENTS = """
CREATE OR REPLACE FUNCTION signatures_note_movement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted_before boolean := TG_OP <> 'INSERT' AND OLD.state = 'CONFIRMED';
    counts_now boolean := TG_OP <> 'DELETE' AND NEW.state = 'CONFIRMED';
    number bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
BEGIN
    IF current_setting('signatures.erasing', true) = 'on' THEN
        DELETE FROM signatures_movement WHERE signature_id = number;
        RETURN NULL;
    END IF;
    IF NOT (counted_before OR counts_now) THEN
        -- One that was removed since the last release may go for good, too.
        UPDATE signatures_movement SET is_gone = TG_OP = 'DELETE' WHERE signature_id = number AND NOT is_counted;
        RETURN NULL;
    END IF;
    INSERT INTO signatures_movement (signature_id, petition_id, was_counted, is_counted, is_gone{columns})
    VALUES (number, CASE WHEN TG_OP = 'DELETE' THEN OLD.petition_id ELSE NEW.petition_id END, counted_before, true,
        false{values})
    ON CONFLICT (signature_id) DO NOTHING;
    IF NOT counts_now THEN
        DELETE FROM signatures_movement WHERE signature_id = number AND NOT was_counted;
    END IF;
    UPDATE signatures_movement SET is_counted = counts_now, is_gone = TG_OP = 'DELETE'{sets}
    WHERE signature_id = number AND (is_counted, is_gone) IS DISTINCT FROM (counts_now, TG_OP = 'DELETE');
    RETURN NULL;
END $$;
"""
NOTED = NOTE_MOVEMENTS.format(columns=", has_withdrawn", values=", false", sets=", has_withdrawn = TG_OP = 'DELETE'")
NOTED_BEFORE = NOTE_MOVEMENTS.format(columns="", values="", sets="")

NAMES_BESIDE = """
ALTER TABLE signatures_release DISABLE TRIGGER append_only;
UPDATE signatures_release SET figures = figures || jsonb_build_object('beside', (
    SELECT COALESCE(sum(value::bigint), 0) FROM jsonb_each_text(figures->'countries'->'known')));
ALTER TABLE signatures_release ENABLE TRIGGER append_only;
"""
NAMES_BESIDE_REVERSE = """
ALTER TABLE signatures_release DISABLE TRIGGER append_only;
UPDATE signatures_release SET figures = figures - 'beside';
ALTER TABLE signatures_release ENABLE TRIGGER append_only;
"""


class Migration(migrations.Migration):
    """Adds the column and the number."""

    dependencies = [("signatures", "0027_bounces")]

    operations = [
        migrations.AddField("movement", "has_withdrawn", models.BooleanField(db_default=False, default=False)),
        migrations.RunSQL(NOTED, NOTED_BEFORE),
        migrations.RunSQL(NAMES_BESIDE, NAMES_BESIDE_REVERSE),
    ]
