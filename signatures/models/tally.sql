-- Tally rows are only ever added; the fold alone takes them away, and says so to its transaction.
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
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_tally
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_hourtally
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- Nobody else adds to a sum, takes a row away that is part of one, or says of a row that it is.
CREATE FUNCTION signatures_refuse_unsummed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('signatures.summing', true) = 'on' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'sums of the tally are kept by the fold' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER kept_by_fold BEFORE INSERT OR UPDATE OR DELETE ON signatures_tallysum
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_unsummed();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_tallysum
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();
CREATE TRIGGER summed_by_fold BEFORE INSERT ON signatures_tally
    FOR EACH ROW WHEN (NEW.is_summed) EXECUTE FUNCTION signatures_refuse_unsummed();
CREATE TRIGGER summed_stays BEFORE DELETE ON signatures_tally
    FOR EACH ROW WHEN (OLD.is_summed) EXECUTE FUNCTION signatures_refuse_unsummed();

-- reverse

DROP TRIGGER summed_stays ON signatures_tally;
DROP TRIGGER summed_by_fold ON signatures_tally;
DROP TRIGGER not_emptied ON signatures_tallysum;
DROP TRIGGER kept_by_fold ON signatures_tallysum;
DROP FUNCTION signatures_refuse_unsummed();
DROP TRIGGER not_emptied ON signatures_hourtally;
DROP TRIGGER not_emptied ON signatures_tally;
DROP TRIGGER insert_only ON signatures_hourtally;
DROP TRIGGER insert_only ON signatures_tally;
DROP FUNCTION signatures_refuse_unfolding();
