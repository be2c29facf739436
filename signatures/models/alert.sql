-- An account that is closed, or shut out of the desk, in whatever way, is told nothing any more, and its address goes.
CREATE FUNCTION signatures_end_alerts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM signatures_outgoingmail WHERE wish_id IN (SELECT id FROM signatures_alertwish WHERE organiser_id = NEW.id);
    DELETE FROM signatures_alertnews WHERE wish_id IN (SELECT id FROM signatures_alertwish WHERE organiser_id = NEW.id);
    DELETE FROM signatures_alertwish WHERE organiser_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER organiser_ends_alerts AFTER UPDATE OF is_active, is_staff ON signatures_organiser
    FOR EACH ROW WHEN (NOT NEW.is_active OR NOT NEW.is_staff) EXECUTE FUNCTION signatures_end_alerts();

-- PostgreSQL would keep samples of addresses and codes for longer than these.
ALTER TABLE signatures_alertwish
    ALTER COLUMN address_encrypted SET STATISTICS 0,
    ALTER COLUMN code_hash SET STATISTICS 0,
    ALTER COLUMN mark SET STATISTICS 0;

-- reverse

ALTER TABLE signatures_alertwish
    ALTER COLUMN mark SET STATISTICS -1,
    ALTER COLUMN code_hash SET STATISTICS -1,
    ALTER COLUMN address_encrypted SET STATISTICS -1;
DROP TRIGGER organiser_ends_alerts ON signatures_organiser;
DROP FUNCTION signatures_end_alerts();
