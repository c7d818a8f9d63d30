-- drop_opinions: list $1 says these of entries $2 no more, but only what is in ($3, $4); what was taken back
DELETE FROM opinions o WHERE list_id = $1::integer AND entry_id = ANY ($2::bigint[])
    AND NOT EXISTS (
        SELECT FROM unnest($3::bigint[], $4::text[]) k (entry_id, organisation)
        WHERE k.entry_id = o.entry_id AND k.organisation = o.organisation)
RETURNING entry_id, organisation, verdict, why
