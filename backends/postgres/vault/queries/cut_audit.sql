-- cut_audit: take lines away from the beginning of the audit; how many
SELECT cut_audit($1, $2)
