-- next_entry_ids: numbers for new entries
SELECT nextval(pg_get_serial_sequence('entries', 'entry_id')) FROM generate_series(1, $1::integer)
