-- What organisers did is only ever added to.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON signatures_auditentry
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- reverse

DROP TRIGGER not_emptied ON signatures_auditentry;
DROP TRIGGER append_only ON signatures_auditentry;
