"""What of a dump says something of the schema."""

from backends.postgres.schema import tidied

DUMP = """--
-- PostgreSQL database dump
--

\\restrict cKcRSWkOeHdKqVDQQJGhZjFqjRl

-- Dumped from database version 18.6

SET statement_timeout = 0;
SET default_tablespace = '';
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Name: hosts; Type: TABLE
--

CREATE TABLE public.hosts (
    name text DEFAULT '-- kept'::text NOT NULL
);


ALTER TABLE ONLY public.hosts ALTER COLUMN name SET STATISTICS 500;


\\unrestrict cKcRSWkOeHdKqVDQQJGhZjFqjRl

"""


def test_comments_settings_and_random_marks_go() -> None:
    assert tidied(DUMP) == (
        "CREATE TABLE public.hosts (\n"
        "    name text DEFAULT '-- kept'::text NOT NULL\n"
        ");\n"
        "\n"
        "ALTER TABLE ONLY public.hosts ALTER COLUMN name SET STATISTICS 500;\n"
    )


def test_tidied_is_stable() -> None:
    assert tidied(tidied(DUMP)) == tidied(DUMP)
