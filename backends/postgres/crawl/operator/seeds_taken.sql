-- seeds_taken: these are queued or refused
UPDATE seeds s SET taken_at = $3, why = t.why FROM unnest($1::bigint[], $2::text[]) t (seq, why) WHERE s.seq = t.seq
