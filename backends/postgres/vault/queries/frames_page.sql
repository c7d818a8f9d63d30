-- frames_page: the next stored media in ($1, $2] that have frames, so many that these are at least $3 bytes together
SELECT media_id, frames FROM (
    SELECT media_id, frames,
        sum(length(frames)) OVER (ORDER BY media_id ROWS UNBOUNDED PRECEDING) - length(frames) AS bytes_before
    FROM (
        SELECT media_id, frames FROM media
        WHERE media_id > $1::bigint AND media_id <= $2::bigint AND frames <> ''
        ORDER BY media_id
        LIMIT $4::integer
    ) m
) n
WHERE bytes_before < $3::bigint
ORDER BY media_id
