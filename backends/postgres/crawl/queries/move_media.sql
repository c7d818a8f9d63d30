-- move_media: a page URL that turned out to be media belongs to media_urls, so that pages that link it are kept
WITH moved AS (
    DELETE FROM urls u USING unnest($1::smallint[], $2::bigint[], $3::bytea[]) o (bucket, host_id, url_id)
    WHERE u.bucket = o.bucket AND u.host_id = o.host_id AND u.url_id = o.url_id RETURNING u.*
)
INSERT INTO media_urls SELECT * FROM moved ON CONFLICT DO NOTHING
