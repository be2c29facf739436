"""Triggers for what must not change, foreign keys within one petition, and the counters of the rate limits."""

from __future__ import annotations

from django.db import migrations

# What was put before signers stays as it was: no row changes or goes, and none is added after the publishing transaction.
FROZEN_TEXT = """
CREATE FUNCTION signatures_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows cannot be changed or deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION signatures_refuse_late_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT published_at FROM signatures_textversion WHERE id = NEW.version_id) IS DISTINCT FROM now() THEN
        RAISE EXCEPTION 'a published text cannot be added to' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON signatures_textversion
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON signatures_textversionbody
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON signatures_textversionrecipient
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER complete BEFORE INSERT ON signatures_textversionbody
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_late_part();
CREATE TRIGGER complete BEFORE INSERT ON signatures_textversionrecipient
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_late_part();
"""
FROZEN_TEXT_REVERSE = """
DROP TRIGGER complete ON signatures_textversionrecipient;
DROP TRIGGER complete ON signatures_textversionbody;
DROP TRIGGER frozen ON signatures_textversionrecipient;
DROP TRIGGER frozen ON signatures_textversionbody;
DROP TRIGGER frozen ON signatures_textversion;
DROP FUNCTION signatures_refuse_late_part();
DROP FUNCTION signatures_refuse_change();
"""

# Signers saw these names: another body is another recipient.
FROZEN_RECIPIENT = """
CREATE FUNCTION signatures_refuse_renaming() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM signatures_textversionrecipient WHERE recipient_id = OLD.id) THEN
        RAISE EXCEPTION 'a published recipient keeps its names' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE ON signatures_recipient
    FOR EACH ROW WHEN (
        (OLD.petition_id, OLD.name, OLD.name_en, OLD.name_ru)
        IS DISTINCT FROM (NEW.petition_id, NEW.name, NEW.name_en, NEW.name_ru)
    ) EXECUTE FUNCTION signatures_refuse_renaming();
"""
FROZEN_RECIPIENT_REVERSE = """
DROP TRIGGER frozen ON signatures_recipient;
DROP FUNCTION signatures_refuse_renaming();
"""

APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON signatures_auditentry
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();

CREATE FUNCTION signatures_refuse_unfolding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('signatures.folding', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'tally rows are only ever added, and folded' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON signatures_tally
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_unfolding();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON signatures_hourtally
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_unfolding();
"""
APPEND_ONLY_REVERSE = """
DROP TRIGGER insert_only ON signatures_hourtally;
DROP TRIGGER insert_only ON signatures_tally;
DROP FUNCTION signatures_refuse_unfolding();
DROP TRIGGER append_only ON signatures_auditentry;
"""

SAME_PETITION = """
ALTER TABLE signatures_signature ADD CONSTRAINT signature_version_of_petition
    FOREIGN KEY (petition_id, text_version_id) REFERENCES signatures_textversion (petition_id, id);
ALTER TABLE signatures_attempt ADD CONSTRAINT attempt_version_of_petition
    FOREIGN KEY (petition_id, text_version_id) REFERENCES signatures_textversion (petition_id, id);
"""
SAME_PETITION_REVERSE = """
ALTER TABLE signatures_attempt DROP CONSTRAINT attempt_version_of_petition;
ALTER TABLE signatures_signature DROP CONSTRAINT signature_version_of_petition;
"""

# UNLOGGED: nothing of the limits is worth a disk write, and they may be lost in a crash.
COUNTERS = """
CREATE UNLOGGED TABLE signatures_ratelimit (
    key text PRIMARY KEY,
    value bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX ratelimit_expiry ON signatures_ratelimit (expires_at);
"""
COUNTERS_REVERSE = "DROP TABLE signatures_ratelimit;"


class Migration(migrations.Migration):
    """Puts the invariants that Django's models cannot express into the database."""

    dependencies = [("signatures", "0001_initial")]

    operations = [
        migrations.RunSQL(FROZEN_TEXT, FROZEN_TEXT_REVERSE),
        migrations.RunSQL(FROZEN_RECIPIENT, FROZEN_RECIPIENT_REVERSE),
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_REVERSE),
        migrations.RunSQL(SAME_PETITION, SAME_PETITION_REVERSE),
        migrations.RunSQL(COUNTERS, COUNTERS_REVERSE),
    ]
