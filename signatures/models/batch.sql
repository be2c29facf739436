-- PostgreSQL would keep samples of keys and words for longer than these.
ALTER TABLE signatures_batch
    ALTER COLUMN domain_key SET STATISTICS 0,
    ALTER COLUMN name SET STATISTICS 0;

-- reverse

ALTER TABLE signatures_batch
    ALTER COLUMN name SET STATISTICS -1,
    ALTER COLUMN domain_key SET STATISTICS -1;
