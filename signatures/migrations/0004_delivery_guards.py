"""Triggers for what a hand-over keeps, and a foreign key within one petition."""

from __future__ import annotations

from django.db import migrations

# Of what a hand-over is never changes; what it held is frozen once it is out of the house, and it does not come back.
FROZEN_DELIVERY = """
CREATE FUNCTION signatures_refuse_other_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.petition_id, OLD.recipient_id, OLD.profile, OLD.cut_off, OLD.since, OLD.language, OLD.delimiter,
        OLD."order", OLD.with_latin, OLD.with_city, OLD.by_country, OLD.with_workbook, OLD.with_document,
        OLD.prepared_at, OLD.prepared_by_id)
        IS DISTINCT FROM
       (NEW.petition_id, NEW.recipient_id, NEW.profile, NEW.cut_off, NEW.since, NEW.language, NEW.delimiter,
        NEW."order", NEW.with_latin, NEW.with_city, NEW.by_country, NEW.with_workbook, NEW.with_document,
        NEW.prepared_at, NEW.prepared_by_id)
    THEN
        RAISE EXCEPTION 'another hand-over is another row' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state <> 'PREPARED' AND (
        (OLD.confirmed, OLD.named, OLD.manifest, OLD.signature, OLD.public_key, OLD.handed_over_on,
         OLD.handed_over_how, OLD.note)
        IS DISTINCT FROM
        (NEW.confirmed, NEW.named, NEW.manifest, NEW.signature, NEW.public_key, NEW.handed_over_on,
         NEW.handed_over_how, NEW.note)
        OR NEW.state = 'PREPARED' OR (OLD.state = 'ANSWERED' AND NEW.state <> 'ANSWERED'))
    THEN
        RAISE EXCEPTION 'what was handed over stays as it was' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE ON signatures_delivery
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_other_delivery();
CREATE TRIGGER kept BEFORE DELETE ON signatures_delivery
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
"""
FROZEN_DELIVERY_REVERSE = """
DROP TRIGGER kept ON signatures_delivery;
DROP TRIGGER frozen ON signatures_delivery;
DROP FUNCTION signatures_refuse_other_delivery();
"""

SAME_PETITION = """
ALTER TABLE signatures_delivery ADD CONSTRAINT delivery_recipient_of_petition
    FOREIGN KEY (petition_id, recipient_id) REFERENCES signatures_recipient (petition_id, id);
"""
SAME_PETITION_REVERSE = "ALTER TABLE signatures_delivery DROP CONSTRAINT delivery_recipient_of_petition;"


class Migration(migrations.Migration):
    """Puts the invariants of hand-overs that Django's models cannot express into the database."""

    dependencies = [("signatures", "0003_deliveries")]

    operations = [
        migrations.RunSQL(FROZEN_DELIVERY, FROZEN_DELIVERY_REVERSE),
        migrations.RunSQL(SAME_PETITION, SAME_PETITION_REVERSE),
    ]
