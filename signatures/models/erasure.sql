-- What is taken away from a row, or that it is gone, is noted in the same transaction, whoever does it and by whatever
-- program: a backup that is restored later still holds it. The arguments of a trigger are the column of the primary key,
-- the columns whose values are noted, those of which only a digest is, since texts are compared, not kept, and those of
-- which it is only noted whether they hold anything. Of a person's name, city or address there is not even a digest:
-- whoever has the journal and its key could test guessed ones.
-- In plpgsql, which keeps its plans: a form that lowers takes hardly longer where there is a signature than where not.
CREATE FUNCTION signatures_facts(given jsonb, plain text[], digested text[], present text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    found jsonb := '{}';
    name text;
BEGIN
    FOREACH name IN ARRAY plain LOOP
        found := found || jsonb_build_object(name, given -> name);
    END LOOP;
    FOREACH name IN ARRAY digested LOOP
        found := found || jsonb_build_object(
            name, encode(sha256(convert_to(coalesce(given ->> name, ''), 'UTF8')), 'hex'));
    END LOOP;
    FOREACH name IN ARRAY present LOOP
        found := found || jsonb_build_object(name, coalesce(given ->> name, '') <> '');
    END LOOP;
    RETURN found;
END $$;
-- By the same words in every session.
CREATE FUNCTION signatures_note_erasure() RETURNS trigger LANGUAGE plpgsql
SET TimeZone = 'UTC' SET bytea_output = 'hex' AS $$
DECLARE
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    becomes jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    plain text[] := string_to_array(TG_ARGV[1], ',');
    -- Of what is gone nothing is compared.
    digested text[] := string_to_array(CASE WHEN TG_OP = 'DELETE' THEN '' ELSE TG_ARGV[2] END, ',');
    present text[] := string_to_array(coalesce(TG_ARGV[3], ''), ',');
    facts jsonb := signatures_facts(coalesce(becomes, was), plain, digested, present);
BEGIN
    -- Erasing a whole campaign is noted once, of the petition.
    IF TG_OP = 'DELETE' AND current_setting('signatures.erasing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND facts = signatures_facts(was, plain, digested, present) THEN
        RETURN NULL;
    END IF;
    -- The journal must never know of what a power cut has undone.
    PERFORM set_config('synchronous_commit', 'on', true);
    INSERT INTO signatures_erasure (about, row_id, is_gone, facts)
    VALUES (TG_TABLE_NAME, (coalesce(becomes, was) ->> TG_ARGV[0])::bigint, TG_OP = 'DELETE', facts);
    RETURN NULL;
END $$;

-- Signatures that are only listed, or lose the mark of their domain by age, are not looked at.
CREATE TRIGGER note_erasure AFTER DELETE ON signatures_signature FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure(
    'id', 'petition_id,state,state_reason,visibility,name_review,reason_approved', '');
-- When it was confirmed last tells whether the name may be another one by now.
CREATE TRIGGER note_lowering AFTER UPDATE ON signatures_signature FOR EACH ROW WHEN (
    (OLD.state, OLD.state_reason, OLD.visibility, OLD.name_review, OLD.reason_approved, OLD.name, OLD.city, OLD.reason)
    IS DISTINCT FROM
    (NEW.state, NEW.state_reason, NEW.visibility, NEW.name_review, NEW.reason_approved, NEW.name, NEW.city, NEW.reason)
) EXECUTE FUNCTION signatures_note_erasure(
    'id', 'petition_id,state,state_reason,visibility,name_review,reason_approved,last_confirmed_at', '',
    'name,city,reason');

-- An address that wants no more mails. Before, so that it is noted however often it says so.
CREATE FUNCTION signatures_note_suppression() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    INSERT INTO signatures_erasure (about, facts)
    VALUES (TG_TABLE_NAME, jsonb_build_object('mail_key', encode(NEW.mail_key, 'hex')));
    RETURN NEW;
END $$;
CREATE TRIGGER note_erasure BEFORE INSERT ON signatures_suppression
    FOR EACH ROW EXECUTE FUNCTION signatures_note_suppression();

CREATE TRIGGER note_erasure AFTER UPDATE OR DELETE ON signatures_petition
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure(
        'id',
        'status,protection,purged_at,archived_at,reviews_names,four_eyes,four_eyes_from,erase_on,opens_at,closes_at', '');
CREATE TRIGGER note_erasure AFTER UPDATE OR DELETE ON signatures_recipient
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure('id', 'profile', '');
CREATE TRIGGER note_erasure AFTER UPDATE OR DELETE ON signatures_update
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure(
        'id', 'published_at', 'title,body,title_en,title_ru,title_be,body_en,body_ru,body_be');
-- Of these two, one that is added has the number of one that was removed.
CREATE TRIGGER note_erasure AFTER INSERT OR UPDATE OR DELETE ON signatures_picture
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure(
        'petition_id', 'digest', 'alt_en,alt_ru,alt_be,caption_en,caption_ru,caption_be');
CREATE FUNCTION signatures_renew_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.stamp := gen_random_uuid();
    RETURN NEW;
END $$;
CREATE TRIGGER renew_stamp BEFORE UPDATE ON signatures_leadpetitioner FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW)
    EXECUTE FUNCTION signatures_renew_stamp();
CREATE TRIGGER note_erasure AFTER INSERT OR UPDATE OR DELETE ON signatures_leadpetitioner
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure(
        'petition_id', 'stamp', '');
CREATE TRIGGER note_erasure AFTER DELETE ON signatures_delivery
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure('id', '', '');

-- Accounts: what lets somebody in. A factor that was added counts, too: without it the password alone would.
CREATE TRIGGER note_erasure AFTER UPDATE ON signatures_organiser
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure('id', 'is_active,is_staff,is_superuser', 'password');
CREATE TRIGGER note_erasure AFTER UPDATE OR DELETE ON signatures_membership
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure('id', 'role_id', '');
CREATE TRIGGER note_erasure AFTER DELETE ON signatures_organiser_groups
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure('id', '', '');
CREATE TRIGGER note_erasure AFTER DELETE ON signatures_organiser_user_permissions
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure('id', '', '');
CREATE TRIGGER note_erasure AFTER INSERT OR DELETE ON signatures_totpdevice
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure('id', 'user_id', '');
CREATE TRIGGER note_erasure AFTER INSERT OR DELETE ON django_otp_webauthn_webauthncredential
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure('id', 'user_id', '');
CREATE TRIGGER note_erasure AFTER UPDATE OR DELETE ON signatures_recoverycode
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure('id', 'used_at', '');
CREATE TRIGGER note_erasure AFTER UPDATE OR DELETE ON signatures_alertwish
    FOR EACH ROW EXECUTE FUNCTION signatures_note_erasure('id', 'kinds,mark,confirmed_at', '');

-- PostgreSQL would keep samples of keys and digests for longer than the rows.
ALTER TABLE signatures_erasure ALTER COLUMN facts SET STATISTICS 0;
ALTER TABLE signatures_leadpetitioner ALTER COLUMN stamp SET STATISTICS 0;
-- Every database serves that was not restored from a backup: none holds this row.
INSERT INTO signatures_serving (id) VALUES (1);

-- reverse

DELETE FROM signatures_serving;
ALTER TABLE signatures_leadpetitioner ALTER COLUMN stamp SET STATISTICS -1;
ALTER TABLE signatures_erasure ALTER COLUMN facts SET STATISTICS -1;
DROP TRIGGER note_erasure ON signatures_alertwish;
DROP TRIGGER note_erasure ON signatures_recoverycode;
DROP TRIGGER note_erasure ON django_otp_webauthn_webauthncredential;
DROP TRIGGER note_erasure ON signatures_totpdevice;
DROP TRIGGER note_erasure ON signatures_organiser_user_permissions;
DROP TRIGGER note_erasure ON signatures_organiser_groups;
DROP TRIGGER note_erasure ON signatures_membership;
DROP TRIGGER note_erasure ON signatures_organiser;
DROP TRIGGER note_erasure ON signatures_delivery;
DROP TRIGGER note_erasure ON signatures_leadpetitioner;
DROP TRIGGER renew_stamp ON signatures_leadpetitioner;
DROP FUNCTION signatures_renew_stamp();
DROP TRIGGER note_erasure ON signatures_picture;
DROP TRIGGER note_erasure ON signatures_update;
DROP TRIGGER note_erasure ON signatures_recipient;
DROP TRIGGER note_erasure ON signatures_petition;
DROP TRIGGER note_erasure ON signatures_suppression;
DROP FUNCTION signatures_note_suppression();
DROP TRIGGER note_lowering ON signatures_signature;
DROP TRIGGER note_erasure ON signatures_signature;
DROP FUNCTION signatures_note_erasure();
DROP FUNCTION signatures_facts(jsonb, text[], text[], text[]);
