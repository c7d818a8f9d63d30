-- add_snapshot: say that a snapshot is being made at change $2; those made before $4 are forgotten
WITH forgotten AS (DELETE FROM index_snapshots WHERE made_at < $4::bigint)
INSERT INTO index_snapshots (content, seq, made_at) VALUES ($1::bytea, $2::bigint, $3::bigint)
