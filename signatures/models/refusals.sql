-- What several tables refuse.

CREATE FUNCTION signatures_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows cannot be changed or deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Guards that look at rows are not asked when a table is emptied at once: each table that has one has this one, too.
CREATE FUNCTION signatures_refuse_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% cannot be emptied', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- reverse

DROP FUNCTION signatures_refuse_truncation();
DROP FUNCTION signatures_refuse_change();
