-- A petition that people could sign stays where they find it: its signers withdraw on its pages. A draft has none.
CREATE FUNCTION signatures_refuse_hiding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a petition that was public is closed, not hidden' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER never_hidden BEFORE UPDATE ON signatures_petition
    FOR EACH ROW WHEN (OLD.status <> 'DRAFT' AND NEW.status = 'DRAFT') EXECUTE FUNCTION signatures_refuse_hiding();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_petition
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- reverse

DROP TRIGGER not_emptied ON signatures_petition;
DROP TRIGGER never_hidden ON signatures_petition;
DROP FUNCTION signatures_refuse_hiding();
