-- about: the server, and who we are here
SELECT current_setting('server_version_num')::integer AS version,
       current_user::text AS role,
       current_database()::text AS database,
       r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls AS mighty,
       (SELECT coalesce(array_agg(m.roleid::regrole::text ORDER BY 1), '{}') FROM pg_auth_members m WHERE m.member = r.oid) AS member_of,
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relowner = r.oid) AS owns,
       has_schema_privilege('public', 'CREATE') AS creates
FROM pg_roles r WHERE r.rolname = current_user
