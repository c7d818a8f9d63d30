-- add_members: name the organisations that entries come from
WITH made AS (
    INSERT INTO members (name) SELECT name FROM unnest($1::text[]) k (name)
    WHERE NOT EXISTS (SELECT FROM members m WHERE m.name = k.name)
    ON CONFLICT (name) DO NOTHING
    RETURNING name, member_id
)
SELECT name, member_id FROM made
UNION ALL
SELECT m.name, m.member_id FROM unnest($1::text[]) k (name) JOIN members m USING (name)
