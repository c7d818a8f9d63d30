-- kept_answers: kept answers on whose medium the hasher has had its say, or that came before $1
SELECT a.ticket, a.case_id, a.at / 1000.0::double precision AS at, a.answer FROM recheck_answers a
WHERE a.at <= $1::bigint OR EXISTS (SELECT FROM media m WHERE m.sha256 = a.sha256)
ORDER BY a.at LIMIT $2::integer FOR UPDATE OF a SKIP LOCKED
