-- As for the sums. An earlier version's fold, which would add to the sums alone, says "on" and is refused.
CREATE OR REPLACE FUNCTION signatures_refuse_unsummed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('signatures.summing', true) = 'splits' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'sums of the tally are kept by the fold' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER kept_by_fold BEFORE INSERT OR UPDATE OR DELETE ON signatures_tallysplit
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_unsummed();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_tallysplit
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- reverse

DROP TRIGGER not_emptied ON signatures_tallysplit;
DROP TRIGGER kept_by_fold ON signatures_tallysplit;
CREATE OR REPLACE FUNCTION signatures_refuse_unsummed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('signatures.summing', true) = 'on' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'sums of the tally are kept by the fold' USING ERRCODE = 'integrity_constraint_violation';
END $$;
