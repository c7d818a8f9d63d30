-- claim_review: claim for person $1 (account $2) until $4 the next case that they may look at now ($3): their own claim first, then baseline ones, the oldest
WITH next AS (
    SELECT c.case_id
    FROM cases c
    LEFT JOIN review_claims r USING (case_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(r.until >= $3::bigint AND (r.person = $1::text OR ($2::bigint <> 0 AND r.account = $2::bigint)), false) AS mine
    ) o
    WHERE c.state = 'in_review' AND (r.until IS NULL OR r.until < $3::bigint OR o.mine)
        AND NOT EXISTS (
            SELECT FROM review_skips s WHERE s.case_id = c.case_id AND s.until > $3::bigint
                AND (s.person = $1::text OR ($2::bigint <> 0 AND s.account = $2::bigint)))
        AND NOT EXISTS (
            SELECT FROM review_decisions d WHERE d.case_id = c.case_id AND d.at >= coalesce(c.back_at, 0)
                AND (d.person = $1::text OR ($2::bigint <> 0 AND d.account = $2::bigint)))
    ORDER BY o.mine DESC, c.legality = 'baseline' DESC, c.opened_at, c.case_id
    LIMIT 1
), claimed AS (
    INSERT INTO review_claims AS r (case_id, account, until, person)
    SELECT case_id, $2::bigint, $4::bigint, $1::text FROM next
    ON CONFLICT (case_id) DO UPDATE SET account = excluded.account, until = excluded.until, person = excluded.person
    WHERE r.until < $3::bigint OR r.person = $1::text OR ($2::bigint <> 0 AND r.account = $2::bigint)
    RETURNING r.case_id
)
SELECT next.case_id, claimed.case_id IS NOT NULL AS ours FROM next LEFT JOIN claimed USING (case_id)
