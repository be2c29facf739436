-- What is agreed to is what was asked: the digest is that of the parameters.
ALTER TABLE signatures_approval ADD CONSTRAINT approval_digest_of_what
    CHECK (digest = encode(sha256(convert_to(what, 'UTF8')), 'hex'));

-- A request is decided on once, used once, and otherwise stays as it was asked.
CREATE FUNCTION signatures_refuse_other_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.petition_id, OLD.kind, OLD.what, OLD.digest, OLD.target, OLD.amount, OLD.reason, OLD.asked_by_id, OLD.asked_at)
        IS DISTINCT FROM
       (NEW.petition_id, NEW.kind, NEW.what, NEW.digest, NEW.target, NEW.amount, NEW.reason, NEW.asked_by_id, NEW.asked_at)
    THEN
        RAISE EXCEPTION 'another request is another row' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.decided_by_id IS NOT NULL
        AND (OLD.decided_by_id, OLD.decided_at, OLD.agreed, OLD.why_refused)
            IS DISTINCT FROM (NEW.decided_by_id, NEW.decided_at, NEW.agreed, NEW.why_refused)
    THEN
        RAISE EXCEPTION 'it is decided on already' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.used_at IS NOT NULL OR OLD.taken_back_at IS NOT NULL OR NOT OLD.agreed THEN
        RAISE EXCEPTION 'it is over' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decided_once BEFORE UPDATE ON signatures_approval
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_other_approval();
CREATE TRIGGER kept BEFORE DELETE ON signatures_approval
    FOR EACH ROW EXECUTE FUNCTION signatures_refuse_change();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_approval
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- No page can forget that asking less often waits, too: the agreement is used in the same transaction. A command on the
-- server says that it is one.
CREATE FUNCTION signatures_refuse_one_pair_of_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF COALESCE(current_setting('signatures.by_command', true), '') <> 'on' AND NOT EXISTS (
        SELECT FROM signatures_approval
        WHERE petition_id = NEW.id AND kind = 'SETTING' AND agreed AND used_at = now()
    ) THEN
        RAISE EXCEPTION 'a second person must agree' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER two_people BEFORE UPDATE ON signatures_petition
    FOR EACH ROW WHEN (OLD.four_eyes AND (NOT NEW.four_eyes OR NEW.four_eyes_from > OLD.four_eyes_from))
    EXECUTE FUNCTION signatures_refuse_one_pair_of_eyes();

-- reverse

DROP TRIGGER two_people ON signatures_petition;
DROP FUNCTION signatures_refuse_one_pair_of_eyes();
DROP TRIGGER not_emptied ON signatures_approval;
DROP TRIGGER kept ON signatures_approval;
DROP TRIGGER decided_once ON signatures_approval;
DROP FUNCTION signatures_refuse_other_approval();
ALTER TABLE signatures_approval DROP CONSTRAINT approval_digest_of_what;
