-- An account that is closed, shut out of the desk, or given a new password has no session any more.
CREATE FUNCTION signatures_end_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM signatures_session WHERE organiser_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER organiser_ends_sessions AFTER UPDATE OF is_active, is_staff, password ON signatures_organiser
    FOR EACH ROW WHEN (NOT NEW.is_active OR NOT NEW.is_staff OR NEW.password IS DISTINCT FROM OLD.password)
    EXECUTE FUNCTION signatures_end_sessions();

-- PostgreSQL would keep samples of organisers' sessions for longer than these.
ALTER TABLE signatures_session
    ALTER COLUMN key_hash SET STATISTICS 0,
    ALTER COLUMN data SET STATISTICS 0,
    ALTER COLUMN organiser_id SET STATISTICS 0,
    ALTER COLUMN created_at SET STATISTICS 0,
    ALTER COLUMN seen_at SET STATISTICS 0,
    ALTER COLUMN browser SET STATISTICS 0,
    ALTER COLUMN system SET STATISTICS 0;

-- Each row was a login for whoever read it. Nothing looks there any more; everybody logs in once again.
DELETE FROM django_session;

-- reverse

ALTER TABLE signatures_session
    ALTER COLUMN system SET STATISTICS -1,
    ALTER COLUMN browser SET STATISTICS -1,
    ALTER COLUMN seen_at SET STATISTICS -1,
    ALTER COLUMN created_at SET STATISTICS -1,
    ALTER COLUMN organiser_id SET STATISTICS -1,
    ALTER COLUMN data SET STATISTICS -1,
    ALTER COLUMN key_hash SET STATISTICS -1;
DROP TRIGGER organiser_ends_sessions ON signatures_organiser;
DROP FUNCTION signatures_end_sessions();
