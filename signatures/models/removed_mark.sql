-- PostgreSQL would keep samples of keys for longer than these, and write them to its log.
ALTER TABLE signatures_removedmark ALTER COLUMN email_key SET STATISTICS 0;

-- reverse

ALTER TABLE signatures_removedmark ALTER COLUMN email_key SET STATISTICS -1;
