"""The files that configure the embedded server, as text: they are written anew at each start.

Whoever connects is judged by the kernel's word for it (peer authentication): the user that owns the state, and root,
may be any role; nobody else gets in, even if the socket's folder were open. So there are no passwords to keep, and
which role a connection has is a matter of its DSN. Roles still bound what each part of Pisaura can read.
"""

from pathlib import Path

from contracts.options import KIB
from contracts.settings import Storage

SUPERUSER = "postgres"
PORT = 5432
"""There is no TCP port; it names the socket file."""


def quoted(value: str | Path) -> str:
    """A value of postgresql.conf in quotes."""
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def server(settings: Storage, data: Path, socket: Path, configuration: Path, name: str) -> str:
    """postgresql.conf. `name` marks the processes of this server in process lists."""
    shared = max(settings.shared_buffers // KIB, 128)
    fsync = "on" if settings.fsync else "off"
    values: list[tuple[str, str, str]] = [
        ("data_directory", quoted(data), ""),
        ("hba_file", quoted(configuration / "pg_hba.conf"), ""),
        ("ident_file", quoted(configuration / "pg_ident.conf"), ""),
        ("cluster_name", quoted(name), "marks our processes"),
        ("update_process_title", "off", "costs a system call a statement"),
        ("listen_addresses", "''", "no TCP"),
        ("unix_socket_directories", quoted(socket), ""),
        ("unix_socket_permissions", "0700", ""),
        ("port", str(PORT), "names the socket file"),
        ("max_connections", "50", ""),
        ("client_connection_check_interval", "1s", "a killed client's statement ends and frees its locks"),
        ("idle_in_transaction_session_timeout", "60s", "no transaction of ours lasts over 5 s"),
        ("shared_buffers", f"{shared}kB", ""),
        ("effective_cache_size", f"{min(4 * shared, 2**31 - 1)}kB", "planner's guess, not memory"),
        ("work_mem", "8MB", ""),
        ("maintenance_work_mem", "64MB", ""),
        ("jit", "off", "statements are short"),
        ("max_parallel_workers_per_gather", "0", "one statement, one process: the CPUs are busy crawling"),
        ("max_parallel_maintenance_workers", "0", ""),
        ("io_method", "sync", "point look-ups gain nothing from I/O workers"),
        ("random_page_cost", "1.1", "solid state disks"),
        ("fsync", fsync, "off survives a killed process, not a crashed machine"),
        ("full_page_writes", fsync, "torn pages need a crashed machine"),
        ("synchronous_commit", "on", "a commit is a promise"),
        ("wal_level", "minimal", "no replication of an embedded server"),
        ("max_wal_senders", "0", ""),
        ("wal_compression", "off", "this build has pglz only, which cost twice the CPU to save a third of the bytes"),
        ("wal_buffers", "16MB", ""),
        ("min_wal_size", "128MB", ""),
        ("max_wal_size", "2GB", "rare checkpoints, fewer full pages written"),
        ("checkpoint_timeout", "15min", ""),
        ("checkpoint_completion_target", "0.9", ""),
        ("autovacuum_max_workers", "2", ""),
        ("autovacuum_naptime", "15s", "queue tables turn over fast"),
        ("autovacuum_vacuum_cost_limit", "1000", ""),
        ("autovacuum_vacuum_scale_factor", "0.1", ""),
        ("autovacuum_analyze_scale_factor", "0.05", ""),
        ("timezone", "'UTC'", ""),
        ("log_timezone", "'UTC'", ""),
        ("datestyle", "'iso, ymd'", ""),
        ("lc_messages", "'C'", ""),
        ("lc_monetary", "'C'", ""),
        ("lc_numeric", "'C'", ""),
        ("lc_time", "'C'", ""),
        ("log_destination", "'stderr'", "our supervisor's file"),
        ("logging_collector", "off", ""),
        ("log_line_prefix", "'%m [%p] '", ""),
        ("log_error_verbosity", "terse", "no DETAIL or CONTEXT: they quote rows, and lists are sensitive"),
        ("log_min_error_statement", "panic", "no statements either"),
        ("log_parameter_max_length_on_error", "0", ""),
        ("log_statement", "'none'", ""),
        ("log_min_duration_statement", "-1", ""),
        ("log_checkpoints", "off", ""),
        ("log_autovacuum_min_duration", "-1", ""),
    ]
    lines = ["# Written by Pisaura at each start of its embedded Postgres; changes here are lost."]
    lines += [f"{key} = {value}" + (f"  # {why}" if why else "") for key, value, why in values]
    return "\n".join(lines) + "\n"


def access() -> str:
    """pg_hba.conf: local connections only, by peer."""
    return "# Written by Pisaura at each start.\nlocal all all peer map=owners\n"


def owners(names: list[str]) -> str:
    """pg_ident.conf: the users of the system who may connect, as any role. Names are matched exactly."""
    lines = []
    for name in sorted(set(names)):
        escaped = name.replace('"', '""')
        lines.append(f'owners "{escaped}" all')
    return "\n".join(["# Written by Pisaura at each start.", *lines]) + "\n"
