-- set_reviewed: their earlier verdicts were looked at
UPDATE frame_counts SET reviewed = true WHERE digest = ANY ($1::bytea[])
