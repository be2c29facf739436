-- A switch that was turned since a backup is turned again after it is restored: names that were hidden stay hidden.
CREATE FUNCTION signatures_note_switch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO signatures_erasure (about, is_gone, facts)
    VALUES (TG_TABLE_NAME, TG_OP = 'DELETE', jsonb_build_object('name', coalesce(NEW.name, OLD.name)));
    RETURN NULL;
END $$;
CREATE TRIGGER note_erasure AFTER INSERT OR DELETE ON signatures_switch
    FOR EACH ROW EXECUTE FUNCTION signatures_note_switch();

-- reverse

DROP TRIGGER note_erasure ON signatures_switch;
DROP FUNCTION signatures_note_switch();
