-- release_match: a verdict counts from now on, and no guard holds it again
UPDATE matches SET held = '', released = true WHERE sha256 = $1 AND entry_id = $2
