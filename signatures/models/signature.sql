-- Petition and text version as one foreign key: a text of another petition cannot be signed.
ALTER TABLE signatures_signature ADD CONSTRAINT signature_version_of_petition
    FOREIGN KEY (petition_id, text_version_id) REFERENCES signatures_textversion (petition_id, id);

-- PostgreSQL would keep samples of what it plans by for longer than the rows that they were taken of: of names, cities,
-- reasons and keys, and of the words of names. Of a table that was emptied they would stay for ever, since nothing takes
-- their place.
ALTER TABLE signatures_signature
    ALTER COLUMN name SET STATISTICS 0,
    ALTER COLUMN city SET STATISTICS 0,
    ALTER COLUMN reason SET STATISTICS 0,
    ALTER COLUMN email_key SET STATISTICS 0,
    ALTER COLUMN domain_key SET STATISTICS 0;
ALTER INDEX signature_name_words ALTER COLUMN 1 SET STATISTICS 0;

-- A name that is new to the public, or not what it was, waits for a release and stands at a place of its own: by the
-- minute, and at random within it.
CREATE FUNCTION signatures_random_place() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT (extract(epoch FROM now()) / 60)::bigint * 4294967296 + floor(random() * 4294967296)::bigint
$$;
CREATE FUNCTION signatures_place_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'CONFIRMED' OR NEW.visibility <> 'PUBLIC' THEN
        NEW.is_listed := false;
        NEW.place := NULL;
    ELSIF TG_OP = 'INSERT' THEN
        NEW.is_listed := false;
        NEW.place := signatures_random_place();
    ELSIF (OLD.state, OLD.visibility, OLD.name, OLD.country)
        IS DISTINCT FROM (NEW.state, NEW.visibility, NEW.name, NEW.country) THEN
        NEW.is_listed := false;
        NEW.place := signatures_random_place();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER place_name BEFORE INSERT OR UPDATE ON signatures_signature
    FOR EACH ROW EXECUTE FUNCTION signatures_place_name();

-- Signatures that enter, change or leave are noted for the next release, and of those that go whether they counted until
-- then. One that enters and leaves between two releases was in neither, and leaves nothing. Erasing a whole campaign is no
-- movement.
CREATE FUNCTION signatures_note_movement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted_before boolean := TG_OP <> 'INSERT' AND OLD.state = 'CONFIRMED';
    counts_now boolean := TG_OP <> 'DELETE' AND NEW.state = 'CONFIRMED';
    number bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
BEGIN
    IF current_setting('signatures.erasing', true) = 'on' THEN
        DELETE FROM signatures_movement WHERE signature_id = number;
        RETURN NULL;
    END IF;
    IF NOT (counted_before OR counts_now) THEN
        -- One that was removed since the last release may go for good, too.
        UPDATE signatures_movement SET is_gone = TG_OP = 'DELETE' WHERE signature_id = number AND NOT is_counted;
        RETURN NULL;
    END IF;
    INSERT INTO signatures_movement (signature_id, petition_id, was_counted, is_counted, is_gone, has_withdrawn)
    VALUES (number, CASE WHEN TG_OP = 'DELETE' THEN OLD.petition_id ELSE NEW.petition_id END, counted_before, true,
        false, false)
    ON CONFLICT (signature_id) DO NOTHING;
    IF NOT counts_now THEN
        DELETE FROM signatures_movement WHERE signature_id = number AND NOT was_counted;
    END IF;
    UPDATE signatures_movement SET is_counted = counts_now, is_gone = TG_OP = 'DELETE', has_withdrawn = TG_OP = 'DELETE'
    WHERE signature_id = number AND (is_counted, is_gone) IS DISTINCT FROM (counts_now, TG_OP = 'DELETE');
    RETURN NULL;
END $$;
CREATE TRIGGER note_movement AFTER INSERT OR DELETE ON signatures_signature
    FOR EACH ROW EXECUTE FUNCTION signatures_note_movement();
CREATE TRIGGER note_change AFTER UPDATE ON signatures_signature
    FOR EACH ROW WHEN (
        (OLD.state, OLD.visibility, OLD.country, OLD.language, OLD.text_version_id, OLD.last_confirmed_at)
        IS DISTINCT FROM
        (NEW.state, NEW.visibility, NEW.country, NEW.language, NEW.text_version_id, NEW.last_confirmed_at)
    ) EXECUTE FUNCTION signatures_note_movement();
-- No release would learn of it.
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_signature
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- reverse

DROP TRIGGER not_emptied ON signatures_signature;
DROP TRIGGER note_change ON signatures_signature;
DROP TRIGGER note_movement ON signatures_signature;
DROP FUNCTION signatures_note_movement();
DROP TRIGGER place_name ON signatures_signature;
DROP FUNCTION signatures_place_name();
DROP FUNCTION signatures_random_place();
ALTER INDEX signature_name_words ALTER COLUMN 1 SET STATISTICS -1;
ALTER TABLE signatures_signature
    ALTER COLUMN domain_key SET STATISTICS -1,
    ALTER COLUMN email_key SET STATISTICS -1,
    ALTER COLUMN reason SET STATISTICS -1,
    ALTER COLUMN city SET STATISTICS -1,
    ALTER COLUMN name SET STATISTICS -1;
ALTER TABLE signatures_signature DROP CONSTRAINT signature_version_of_petition;
