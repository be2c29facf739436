-- What a list was made for never changes.
CREATE FUNCTION signatures_refuse_other_purpose() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.purpose <> NEW.purpose THEN
        RAISE EXCEPTION 'another hand-over is another row' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER purpose_frozen BEFORE UPDATE ON signatures_delivery
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_other_purpose();

-- reverse

DROP TRIGGER purpose_frozen ON signatures_delivery;
DROP FUNCTION signatures_refuse_other_purpose();
