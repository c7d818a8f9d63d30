-- snapshot_known: whether the snapshot with content $1 was made of this vault, at change $2
SELECT EXISTS (SELECT FROM index_snapshots WHERE content = $1::bytea AND seq = $2::bigint)
