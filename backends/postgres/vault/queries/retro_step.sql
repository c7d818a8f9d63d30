-- retro_step: the change in ($1, $2] up to which about $3 entries were changed
SELECT coalesce((
    SELECT changed_seq FROM entries
    WHERE changed_seq > $1::bigint AND changed_seq <= $2::bigint
    ORDER BY changed_seq, entry_id
    OFFSET $3::bigint LIMIT 1
), $2::bigint)
