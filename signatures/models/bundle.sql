-- Petition and text version as one foreign key: sheets with the text of another petition cannot be entered. Likewise a sheet
-- is of a bundle of its own petition.
ALTER TABLE signatures_bundle ADD CONSTRAINT bundle_version_of_petition
    FOREIGN KEY (petition_id, text_version_id) REFERENCES signatures_textversion (petition_id, id);
ALTER TABLE signatures_sheet ADD CONSTRAINT sheet_bundle_of_petition
    FOREIGN KEY (petition_id, bundle_id) REFERENCES signatures_bundle (petition_id, id);

-- PostgreSQL would keep samples of what it plans by for longer than the rows that they were taken of.
ALTER TABLE signatures_bundle ALTER COLUMN label_encrypted SET STATISTICS 0;
ALTER TABLE signatures_sheet ALTER COLUMN place_encrypted SET STATISTICS 0;
ALTER TABLE signatures_typing ALTER COLUMN rows_encrypted SET STATISTICS 0;

-- Numbers are printed on paper that lies about: what was printed under one text, for one petition, stays so.
CREATE FUNCTION signatures_refuse_other_paper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows keep what was printed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER printed_once BEFORE UPDATE ON signatures_bundle FOR EACH ROW WHEN (
    (OLD.petition_id, OLD.text_version_id, OLD.language, OLD.is_slips)
    IS DISTINCT FROM (NEW.petition_id, NEW.text_version_id, NEW.language, NEW.is_slips)
) EXECUTE FUNCTION signatures_refuse_other_paper();
CREATE TRIGGER printed_once BEFORE UPDATE ON signatures_sheet FOR EACH ROW WHEN (
    (OLD.id, OLD.petition_id, OLD.bundle_id) IS DISTINCT FROM (NEW.id, NEW.petition_id, NEW.bundle_id)
) EXECUTE FUNCTION signatures_refuse_other_paper();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_bundle
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_sheet
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- reverse

DROP TRIGGER not_emptied ON signatures_sheet;
DROP TRIGGER not_emptied ON signatures_bundle;
DROP TRIGGER printed_once ON signatures_sheet;
DROP TRIGGER printed_once ON signatures_bundle;
DROP FUNCTION signatures_refuse_other_paper();
ALTER TABLE signatures_typing ALTER COLUMN rows_encrypted SET STATISTICS -1;
ALTER TABLE signatures_sheet ALTER COLUMN place_encrypted SET STATISTICS -1;
ALTER TABLE signatures_bundle ALTER COLUMN label_encrypted SET STATISTICS -1;
ALTER TABLE signatures_sheet DROP CONSTRAINT sheet_bundle_of_petition;
ALTER TABLE signatures_bundle DROP CONSTRAINT bundle_version_of_petition;
