-- What was ever put before readers stays: signers withdraw on its pages, and its versions name it.
CREATE FUNCTION signatures_refuse_deleting_petition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'DRAFT' OR EXISTS (SELECT FROM signatures_textversion WHERE petition_id = OLD.id) THEN
        RAISE EXCEPTION 'a petition that was ever published is not deleted'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER never_deleted_once_published BEFORE DELETE ON signatures_petition
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_deleting_petition();

-- reverse

DROP TRIGGER never_deleted_once_published ON signatures_petition;
DROP FUNCTION signatures_refuse_deleting_petition();
