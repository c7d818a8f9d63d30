-- replies_of: what was answered to notice $1, or with 0 what names no notice of ours; newest first
SELECT
    r.reply_id, coalesce(r.notice_id, 0) AS notice_id, r.kind, r.at, r.status, r.discarded,
    array(SELECT c.case_id FROM reply_cases c WHERE c.reply_id = r.reply_id ORDER BY c.case_id) AS cases,
    coalesce(k.wrapped, '') AS wrapped, r.sealed
FROM replies r LEFT JOIN reply_keys k USING (reply_id)
WHERE r.notice_id = $1 OR ($1::bigint = 0 AND r.notice_id IS NULL)
ORDER BY r.reply_id DESC
LIMIT $2;
