-- The recipient is one of this petition, and the packing that was handed over one of this hand-over.
ALTER TABLE signatures_delivery ADD CONSTRAINT delivery_recipient_of_petition
    FOREIGN KEY (petition_id, recipient_id) REFERENCES signatures_recipient (petition_id, id);
ALTER TABLE signatures_delivery ADD CONSTRAINT delivery_packing_of_itself
    FOREIGN KEY (id, packing_id) REFERENCES signatures_packing (delivery_id, id);

-- What a hand-over is of never changes; what it held is frozen once it is out of the house, and it does not come back.
CREATE FUNCTION signatures_refuse_other_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.petition_id, OLD.recipient_id, OLD.profile, OLD.cut_off, OLD.since, OLD.language, OLD.delimiter,
        OLD."order", OLD.with_latin, OLD.with_city, OLD.by_country, OLD.with_workbook, OLD.with_document,
        OLD.with_petitioner, OLD.prepared_at, OLD.prepared_by_id)
        IS DISTINCT FROM
       (NEW.petition_id, NEW.recipient_id, NEW.profile, NEW.cut_off, NEW.since, NEW.language, NEW.delimiter,
        NEW."order", NEW.with_latin, NEW.with_city, NEW.by_country, NEW.with_workbook, NEW.with_document,
        NEW.with_petitioner, NEW.prepared_at, NEW.prepared_by_id)
    THEN
        RAISE EXCEPTION 'another hand-over is another row' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state <> 'PREPARED' AND (
        (OLD.confirmed, OLD.named, OLD.packing_id, OLD.handed_over_on, OLD.handed_over_how, OLD.note)
        IS DISTINCT FROM
        (NEW.confirmed, NEW.named, NEW.packing_id, NEW.handed_over_on, NEW.handed_over_how, NEW.note)
        OR NEW.state = 'PREPARED' OR (OLD.state = 'ANSWERED' AND NEW.state <> 'ANSWERED'))
    THEN
        RAISE EXCEPTION 'what was handed over stays as it was' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE ON signatures_delivery
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_other_delivery();

-- Nor does whose numbers its files hold.
CREATE TRIGGER release_frozen BEFORE UPDATE ON signatures_delivery
    FOR EACH ROW WHEN (OLD.release_id IS DISTINCT FROM NEW.release_id) EXECUTE FUNCTION signatures_refuse_change();

-- A hand-over can go while nothing of it has left the house.
CREATE FUNCTION signatures_refuse_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'PREPARED' AND NOT EXISTS (SELECT FROM signatures_packing WHERE delivery_id = OLD.id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a hand-over whose files were made stays' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER kept BEFORE DELETE ON signatures_delivery
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_forgetting();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- PostgreSQL would keep samples of seeds for longer than these, and write them to its log.
ALTER TABLE signatures_delivery ALTER COLUMN seed_encrypted SET STATISTICS 0;

-- reverse

ALTER TABLE signatures_delivery ALTER COLUMN seed_encrypted SET STATISTICS -1;
DROP TRIGGER not_emptied ON signatures_delivery;
DROP TRIGGER kept ON signatures_delivery;
DROP FUNCTION signatures_refuse_forgetting();
DROP TRIGGER release_frozen ON signatures_delivery;
DROP TRIGGER frozen ON signatures_delivery;
DROP FUNCTION signatures_refuse_other_delivery();
ALTER TABLE signatures_delivery DROP CONSTRAINT delivery_packing_of_itself;
ALTER TABLE signatures_delivery DROP CONSTRAINT delivery_recipient_of_petition;
