-- held_match: why a verdict is held, and what people decided of it
SELECT held, state FROM matches WHERE sha256 = $1 AND entry_id = $2 FOR UPDATE
