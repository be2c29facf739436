-- Signers saw a recipient's names in the languages of their text: those stay, and another language can be added. Another
-- body is another recipient. The column without a code repeats one of the names, in the language of whoever saved the row
-- last, and nothing reads it.
CREATE FUNCTION signatures_refuse_renaming() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM signatures_textversionrecipient AS shown
        JOIN signatures_textversion AS version ON version.id = shown.version_id
        CROSS JOIN unnest(version.languages) AS code
        WHERE shown.recipient_id = OLD.id AND (
            OLD.petition_id <> NEW.petition_id
            OR to_jsonb(OLD) ->> ('name_' || code) IS DISTINCT FROM to_jsonb(NEW) ->> ('name_' || code)
        )
    ) THEN
        RAISE EXCEPTION 'a published recipient keeps its names' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE ON signatures_recipient
    FOR EACH ROW WHEN (
        to_jsonb(OLD) - '{profile,position,name}'::text[] IS DISTINCT FROM
        to_jsonb(NEW) - '{profile,position,name}'::text[]
    )
    EXECUTE FUNCTION signatures_refuse_renaming();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_recipient
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- reverse

DROP TRIGGER not_emptied ON signatures_recipient;
DROP TRIGGER frozen ON signatures_recipient;
DROP FUNCTION signatures_refuse_renaming();
