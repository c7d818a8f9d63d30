-- applied: the migrations of this database
SELECT number, name, sha256 FROM public.migrations ORDER BY number
