-- The chain is only ever added to, at its end.
CREATE FUNCTION signatures_seal_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <> 1 + coalesce((SELECT max(number) FROM signatures_auditseal), 0) THEN
        RAISE EXCEPTION 'seals are numbered without a gap' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER follows BEFORE INSERT ON signatures_auditseal
    FOR EACH ROW EXECUTE FUNCTION signatures_seal_follows();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON signatures_auditseal
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- reverse

DROP TRIGGER not_emptied ON signatures_auditseal;
DROP TRIGGER append_only ON signatures_auditseal;
DROP TRIGGER follows ON signatures_auditseal;
DROP FUNCTION signatures_seal_follows();
