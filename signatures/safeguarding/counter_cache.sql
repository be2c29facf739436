-- UNLOGGED: nothing of the limits is worth a disk write, and they may be lost in a crash.
CREATE UNLOGGED TABLE signatures_ratelimit (
    key text PRIMARY KEY,
    value bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX ratelimit_expiry ON signatures_ratelimit (expires_at);
-- PostgreSQL would keep samples of keys for longer than the counters.
ALTER TABLE signatures_ratelimit ALTER COLUMN key SET STATISTICS 0;

-- reverse

DROP TABLE signatures_ratelimit;
