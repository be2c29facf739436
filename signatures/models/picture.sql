-- PostgreSQL would keep samples of pictures that were removed.
ALTER TABLE signatures_picture
    ALTER COLUMN narrow SET STATISTICS 0,
    ALTER COLUMN wide SET STATISTICS 0,
    ALTER COLUMN card SET STATISTICS 0;

-- reverse

ALTER TABLE signatures_picture
    ALTER COLUMN card SET STATISTICS -1,
    ALTER COLUMN wide SET STATISTICS -1,
    ALTER COLUMN narrow SET STATISTICS -1;
