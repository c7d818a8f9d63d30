-- grants: who may do what with each table, column and sequence, besides the owner; what is part of a table counts as the table
SELECT DISTINCT c.relkind = 'S' AS sequence, coalesce(p.relname, c.relname)::text AS name, g.column_name,
       CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END AS role, g.privilege
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
LEFT JOIN pg_inherits i ON c.relispartition AND i.inhrelid = c.oid
LEFT JOIN pg_class p ON p.oid = i.inhparent
CROSS JOIN LATERAL (
    SELECT ''::text AS column_name, a.grantee, a.privilege_type AS privilege FROM aclexplode(c.relacl) a
    UNION ALL
    SELECT t.attname::text, a.grantee, a.privilege_type
    FROM pg_attribute t CROSS JOIN LATERAL aclexplode(t.attacl) a
    WHERE t.attrelid = c.oid AND NOT t.attisdropped
) g
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND g.grantee <> c.relowner
