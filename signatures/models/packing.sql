-- Every file that leaves the house belongs to a signed manifest that is kept for ever.
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON signatures_packing
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_packing
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- reverse

DROP TRIGGER not_emptied ON signatures_packing;
DROP TRIGGER frozen ON signatures_packing;
