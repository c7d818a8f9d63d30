-- add_entry_told: a notice about these entries was made to a recipient
INSERT INTO entry_told (entry_id, recipient, told_at) SELECT e, $2::text, $3::bigint FROM unnest($1::bigint[]) e
ON CONFLICT DO NOTHING
