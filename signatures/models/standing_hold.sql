-- PostgreSQL would keep samples of keys for longer than these.
ALTER TABLE signatures_standinghold
    ALTER COLUMN domain_key SET STATISTICS 0,
    ALTER COLUMN name_key SET STATISTICS 0;

-- reverse

ALTER TABLE signatures_standinghold
    ALTER COLUMN name_key SET STATISTICS -1,
    ALTER COLUMN domain_key SET STATISTICS -1;
