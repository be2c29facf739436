-- Nobody is added whose petition mails no news, was purged, or has a newest text that protects otherwise than its draft.
-- The petition is locked, so that somebody who raises its protection or erases its data meanwhile either is waited for
-- or finds the row.
CREATE FUNCTION signatures_check_news_subscriber() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM signatures_petition AS petition
    WHERE petition.id = NEW.petition_id AND petition.news_by_mail AND petition.purged_at IS NULL
        AND petition.protection = (
            SELECT protection FROM signatures_textversion WHERE petition_id = petition.id ORDER BY number DESC LIMIT 1)
    FOR SHARE OF petition;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the news of this petition are not mailed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_where_news_are_mailed BEFORE INSERT OR UPDATE OF petition_id ON signatures_newssubscriber
    FOR EACH ROW EXECUTE FUNCTION signatures_check_news_subscriber();
-- Emptied at once, nobody who has left would be noted.
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_newssubscriber
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- Switched off, nothing more is mailed, not even what waits; switched on, what was published before is not mailed late,
-- and what is scheduled is mailed when it appears. A constraint keeps it off where the protection does not allow it: a
-- protection that was raised erases everybody, whenever it was switched off.
CREATE FUNCTION signatures_switch_news_mails() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- First, so that whoever is queueing mails of it is waited for, and these are found below.
    DELETE FROM signatures_newsmailing USING signatures_update AS item
    WHERE item.id = update_id AND item.petition_id = NEW.id;
    IF NEW.news_by_mail THEN
        INSERT INTO signatures_newsmailing (update_id)
        SELECT id FROM signatures_update WHERE petition_id = NEW.id AND is_scheduled AND published_at > now();
    ELSIF OLD.protection <> NEW.protection THEN
        DELETE FROM signatures_newssubscriber WHERE petition_id = NEW.id;
    END IF;
    DELETE FROM signatures_outgoingmail WHERE petition_id = NEW.id AND kind IN ('NEWS', 'NEWS_CHECK');
    RETURN NULL;
END $$;
CREATE TRIGGER switches_news_mails AFTER UPDATE OF news_by_mail, protection ON signatures_petition
    FOR EACH ROW WHEN (
        OLD.news_by_mail <> NEW.news_by_mail OR (NOT NEW.news_by_mail AND OLD.protection <> NEW.protection)
    ) EXECUTE FUNCTION signatures_switch_news_mails();

-- Who has left must not be written to by a restored backup, nor anybody of a petition that mails no news any more.
CREATE TRIGGER note_erasure AFTER DELETE ON signatures_newssubscriber
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure('id', '', '');
DROP TRIGGER note_erasure ON signatures_petition;
CREATE TRIGGER note_erasure AFTER UPDATE OR DELETE ON signatures_petition
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure(
        'id',
        'status,protection,purged_at,archived_at,reviews_names,four_eyes,four_eyes_from,erase_on,opens_at,closes_at,news_by_mail',
        '');

-- PostgreSQL would keep samples of addresses and keys for longer than these.
ALTER TABLE signatures_newssubscriber
    ALTER COLUMN address_encrypted SET STATISTICS 0,
    ALTER COLUMN address_key SET STATISTICS 0,
    ALTER COLUMN mark SET STATISTICS 0;

-- reverse

ALTER TABLE signatures_newssubscriber
    ALTER COLUMN mark SET STATISTICS -1,
    ALTER COLUMN address_key SET STATISTICS -1,
    ALTER COLUMN address_encrypted SET STATISTICS -1;
DROP TRIGGER note_erasure ON signatures_petition;
CREATE TRIGGER note_erasure AFTER UPDATE OR DELETE ON signatures_petition
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure(
        'id',
        'status,protection,purged_at,archived_at,reviews_names,four_eyes,four_eyes_from,erase_on,opens_at,closes_at', '');
DROP TRIGGER note_erasure ON signatures_newssubscriber;
DROP TRIGGER switches_news_mails ON signatures_petition;
DROP FUNCTION signatures_switch_news_mails();
DROP TRIGGER not_emptied ON signatures_newssubscriber;
DROP TRIGGER only_where_news_are_mailed ON signatures_newssubscriber;
DROP FUNCTION signatures_check_news_subscriber();
