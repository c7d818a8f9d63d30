-- set_switch: switch something
INSERT INTO switches (name, value, person, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, person = excluded.person, at = excluded.at
