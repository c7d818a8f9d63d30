-- insert_leases: orders go out once this is committed
INSERT INTO leases (order_id, partition, epoch, bucket, host_id, host, kind, address, issued_at, deadline, lanes, dues, url_ids, medias)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
