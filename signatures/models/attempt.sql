-- Petition and text version as one foreign key: a text of another petition cannot be signed.
ALTER TABLE signatures_attempt ADD CONSTRAINT attempt_version_of_petition
    FOREIGN KEY (petition_id, text_version_id) REFERENCES signatures_textversion (petition_id, id);

-- PostgreSQL would keep samples of what it plans by for longer than the rows that they were taken of. Nothing is planned
-- by these columns: where a key is looked for, an index says that there is one.
ALTER TABLE signatures_attempt
    ALTER COLUMN code_hash SET STATISTICS 0,
    ALTER COLUMN name_encrypted SET STATISTICS 0,
    ALTER COLUMN city_encrypted SET STATISTICS 0,
    ALTER COLUMN email_keys SET STATISTICS 0,
    ALTER COLUMN domain_keys SET STATISTICS 0,
    ALTER COLUMN press_hash SET STATISTICS 0;

-- reverse

ALTER TABLE signatures_attempt
    ALTER COLUMN press_hash SET STATISTICS -1,
    ALTER COLUMN domain_keys SET STATISTICS -1,
    ALTER COLUMN email_keys SET STATISTICS -1,
    ALTER COLUMN city_encrypted SET STATISTICS -1,
    ALTER COLUMN name_encrypted SET STATISTICS -1,
    ALTER COLUMN code_hash SET STATISTICS -1;
ALTER TABLE signatures_attempt DROP CONSTRAINT attempt_version_of_petition;
