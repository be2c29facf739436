-- What was published stays as it was.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON signatures_release
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_release
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- What waits may be lost in a crash: the next release then waits for others.
ALTER TABLE signatures_movement SET UNLOGGED;

-- reverse

ALTER TABLE signatures_movement SET LOGGED;
DROP TRIGGER not_emptied ON signatures_release;
DROP TRIGGER append_only ON signatures_release;
