-- note_changed_media: cases of entries changed in ($1, $2] are to be looked at again
INSERT INTO changed_media (sha256)
SELECT DISTINCT c.sha256 FROM entries e JOIN case_entries ce USING (entry_id) JOIN cases c USING (case_id)
WHERE e.changed_seq > $1::bigint AND e.changed_seq <= $2::bigint
