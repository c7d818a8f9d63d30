-- Hashes of everything seen, packed for matching backwards; and which snapshots of the index belong to this vault.

CREATE TABLE pdq_blocks (
    last_media bigint PRIMARY KEY,
    first_media bigint NOT NULL UNIQUE,
    media_ids bytea NOT NULL,
    hashes bytea NOT NULL,
    CHECK (first_media <= last_media),
    CHECK (length(media_ids) % 8 = 0 AND length(hashes) = 32 * length(media_ids))
);
ALTER TABLE pdq_blocks ALTER COLUMN media_ids SET STORAGE EXTERNAL, ALTER COLUMN hashes SET STORAGE EXTERNAL;
COMMENT ON TABLE pdq_blocks IS 'immutable: all hashes of media first_media..last_media; each begins where the one before ended';
COMMENT ON COLUMN pdq_blocks.media_ids IS 'one a frame: 8 bytes, little-endian';
COMMENT ON COLUMN pdq_blocks.hashes IS 'eight PDQ forms of 32 bytes a frame';

COMMENT ON COLUMN media.media_id IS 'a number that grows; a medium whose frames come later than itself gets another one then';

CREATE TABLE index_snapshots (
    content bytea PRIMARY KEY CHECK (length(content) = 16),
    seq bigint NOT NULL,
    made_at bigint NOT NULL
);
COMMENT ON TABLE index_snapshots IS 'a snapshot that a restored backup does not name may know of changes that never happened';

-- Matches of an entry are told in the order of media, a page at a time.
DROP INDEX matches_entry;
CREATE INDEX matches_entry ON matches (entry_id, sha256);

GRANT SELECT, INSERT ON pdq_blocks TO pisaura_hasher;
GRANT SELECT, INSERT, DELETE ON index_snapshots TO pisaura_hasher;
