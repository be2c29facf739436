-- PostgreSQL would keep samples of a person's data for longer than this: none is taken, in any language.
ALTER TABLE signatures_leadpetitioner
    ALTER COLUMN name SET STATISTICS 0,
    ALTER COLUMN address SET STATISTICS 0,
    ALTER COLUMN nationality SET STATISTICS 0,
    ALTER COLUMN nationality_en SET STATISTICS 0,
    ALTER COLUMN nationality_ru SET STATISTICS 0;

-- reverse

ALTER TABLE signatures_leadpetitioner
    ALTER COLUMN nationality_ru SET STATISTICS -1,
    ALTER COLUMN nationality_en SET STATISTICS -1,
    ALTER COLUMN nationality SET STATISTICS -1,
    ALTER COLUMN address SET STATISTICS -1,
    ALTER COLUMN name SET STATISTICS -1;
