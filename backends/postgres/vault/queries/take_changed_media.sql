-- take_changed_media: media whose cases are to be looked at again
WITH next AS MATERIALIZED (
    SELECT change_id FROM changed_media ORDER BY change_id LIMIT $1::integer FOR UPDATE SKIP LOCKED
)
DELETE FROM changed_media m USING next WHERE next.change_id = m.change_id RETURNING m.sha256
