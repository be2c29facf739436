-- Petition and text version as one foreign key: a list cannot be entered under the text of another petition.
ALTER TABLE signatures_outsidelist ADD CONSTRAINT list_version_of_petition
    FOREIGN KEY (petition_id, text_version_id) REFERENCES signatures_textversion (petition_id, id);

-- PostgreSQL would keep samples of what it plans by for longer than the rows that they were taken of.
ALTER TABLE signatures_outsidelist
    ALTER COLUMN label SET STATISTICS 0,
    ALTER COLUMN file_key SET STATISTICS 0;
ALTER TABLE signatures_listpart ALTER COLUMN rows_encrypted SET STATISTICS 0;

CREATE TRIGGER not_emptied BEFORE TRUNCATE ON signatures_outsidelist
    FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse_truncation();

-- reverse

DROP TRIGGER not_emptied ON signatures_outsidelist;
ALTER TABLE signatures_listpart ALTER COLUMN rows_encrypted SET STATISTICS -1;
ALTER TABLE signatures_outsidelist
    ALTER COLUMN file_key SET STATISTICS -1,
    ALTER COLUMN label SET STATISTICS -1;
ALTER TABLE signatures_outsidelist DROP CONSTRAINT list_version_of_petition;
