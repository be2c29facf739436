-- What was put before signers stays as it was: no row of it changes or goes.
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON signatures_textversion
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON signatures_textversionbody
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON signatures_textversionrecipient
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_textversion
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_textversionbody
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_textversionrecipient
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- No part is added after the transaction that published the text.
CREATE FUNCTION signatures_refuse_late_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT published_at FROM signatures_textversion WHERE id = NEW.version_id) IS DISTINCT FROM now() THEN
        RAISE EXCEPTION 'a published text cannot be added to' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER complete BEFORE INSERT ON signatures_textversionbody
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_late_part();
CREATE TRIGGER complete BEFORE INSERT ON signatures_textversionrecipient
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_late_part();

-- Looked at when the transaction ends, since a version is stored before its texts.
CREATE FUNCTION signatures_refuse_other_languages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT array_agg(language::text ORDER BY language::text)
            FROM signatures_textversionbody WHERE version_id = NEW.id)
        IS DISTINCT FROM (SELECT array_agg(code ORDER BY code) FROM unnest(NEW.languages::text[]) AS code)
    THEN
        RAISE EXCEPTION 'a published text is there in each of its languages once, and in no other'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER has_its_bodies AFTER INSERT ON signatures_textversion
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_other_languages();

-- Whoever signed a guarded petition goes on being guarded. Levels stand here from the lowest to the highest.
CREATE FUNCTION signatures_refuse_lower_protection() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    levels constant text[] := ARRAY['ORDINARY', 'GUARDED'];
BEGIN
    IF EXISTS (
        SELECT FROM signatures_textversion
        WHERE petition_id = NEW.petition_id
            AND array_position(levels, protection::text) > array_position(levels, NEW.protection::text)
    ) THEN
        RAISE EXCEPTION 'the protection of a published petition cannot be lowered'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER protection_never_lowered BEFORE INSERT ON signatures_textversion
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_lower_protection();

-- The bytes that were digested are kept with their digest.
ALTER TABLE signatures_textversion ADD CONSTRAINT text_version_digest_of_its_bytes
    CHECK (digest = encode(sha256(convert_to(canonical_json, 'UTF8')), 'hex'));

-- reverse

ALTER TABLE signatures_textversion DROP CONSTRAINT text_version_digest_of_its_bytes;
DROP TRIGGER protection_never_lowered ON signatures_textversion;
DROP FUNCTION signatures_refuse_lower_protection();
DROP TRIGGER has_its_bodies ON signatures_textversion;
DROP FUNCTION signatures_refuse_other_languages();
DROP TRIGGER complete ON signatures_textversionrecipient;
DROP TRIGGER complete ON signatures_textversionbody;
DROP FUNCTION signatures_refuse_late_part();
DROP TRIGGER not_emptied ON signatures_textversionrecipient;
DROP TRIGGER not_emptied ON signatures_textversionbody;
DROP TRIGGER not_emptied ON signatures_textversion;
DROP TRIGGER frozen ON signatures_textversionrecipient;
DROP TRIGGER frozen ON signatures_textversionbody;
DROP TRIGGER frozen ON signatures_textversion;
