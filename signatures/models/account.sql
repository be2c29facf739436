-- The audit log refers to accounts by their number and their name: they are closed, and neither deleted nor renamed.
CREATE FUNCTION signatures_refuse_renamed_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an account keeps its name' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keeps_its_name BEFORE UPDATE ON signatures_organiser
    FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id OR OLD.username IS DISTINCT FROM NEW.username)
    EXECUTE FUNCTION signatures_refuse_renamed_account();
CREATE TRIGGER never_deleted BEFORE DELETE ON signatures_organiser
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_organiser
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- A link is used once, and only as it was made; one that was not used may go.
CREATE FUNCTION signatures_refuse_other_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a link is used once, as it was made' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER used_once BEFORE UPDATE ON signatures_accesslink
    FOR EACH ROW WHEN (
        OLD.used_at IS NOT NULL
        OR (OLD.id, OLD.account_id, OLD.kind, OLD.token_hash, OLD.made_by_id, OLD.made_at, OLD.expires_at)
        IS DISTINCT FROM
           (NEW.id, NEW.account_id, NEW.kind, NEW.token_hash, NEW.made_by_id, NEW.made_at, NEW.expires_at))
    EXECUTE FUNCTION signatures_refuse_other_link();
CREATE TRIGGER kept BEFORE DELETE ON signatures_accesslink
    FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION signatures_refuse_other_link();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_accesslink
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- PostgreSQL would keep samples of hashes for longer than these.
ALTER TABLE signatures_accesslink ALTER COLUMN token_hash SET STATISTICS 0;

-- reverse

ALTER TABLE signatures_accesslink ALTER COLUMN token_hash SET STATISTICS -1;
DROP TRIGGER not_emptied ON signatures_accesslink;
DROP TRIGGER kept ON signatures_accesslink;
DROP TRIGGER used_once ON signatures_accesslink;
DROP FUNCTION signatures_refuse_other_link();
DROP TRIGGER not_emptied ON signatures_organiser;
DROP TRIGGER never_deleted ON signatures_organiser;
DROP TRIGGER keeps_its_name ON signatures_organiser;
DROP FUNCTION signatures_refuse_renamed_account();
