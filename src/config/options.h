/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every option of the configuration, once.
 *
 * To add an option, add one row to GOXEL_OPTIONS, below the other rows of its section, and nothing
 * else: the enum, the libconfuse schema, validation, the difference of two configurations, printing
 * and the tests follow from it. `make -C src sample` then writes etc/daemon.conf anew (a test compares).
 * A new section is one row of GOXEL_SECTIONS first; `a.b` needs `a` there too, after `a.b`.
 *
 * Programs, users, paths and whatever guards the daemon come from the file and the command line alone. So
 * do all options of a section that is set by FILE_ALONE, and every PATH, ROOT and PATHS; the others may
 * be set at run time by ANYBODY who may call system.set_config.
 *
 * Columns of a row:
 *   symbol    GOXEL_OPT_… of enum goxel_option: section and name
 *   section   as in GOXEL_SECTIONS
 *   name      carries the unit of a size or time
 *   kind      BOOL, INT, OCTAL, CHOICE, TEXT, PATH, ROOT (a path without "." and "..", kept without
 *             superfluous slashes), ADDRESS; the lists TEXTS, CAPABILITIES, PATHS, ENDPOINTS, HOSTS, ORIGINS, PEERS
 *   default   as it would stand in the file, without quotes; items of a list are separated by ", "
 *   min, max  of a number; of a text or of each item of a list its bytes (a PATH of at least 0: may be empty)
 *   choices   of a CHOICE, separated by "|" ("true|false" among them: yes, no, on and off too); of TEXTS the
 *             items it may have, "" for any
 *   unit      of a number, "" if it has none
 *   level     RELOAD (applies on reload), REEXEC (by a re-exec), SERVICE (needs a service restart)
 *   doc       one line for the operator
 */
#ifndef GOXEL_CONFIG_OPTIONS_H
#define GOXEL_CONFIG_OPTIONS_H

#define GOXEL_PATH_BYTES_MAX 4096
#define GOXEL_SOCKET_PATH_BYTES_MAX 107 /* sun_path, less its NUL */

/* clang-format off */
#define GOXEL_SECTIONS(X) \
/*  section         set by      doc */ \
  X("process",      FILE_ALONE, "The process as the system sees it.") \
  X("sockets.unix", FILE_ALONE, "The Unix socket.") \
  X("sockets.tcp",  FILE_ALONE, "The TCP sockets.") \
  X("sockets",      ANYBODY,    "How long a connection may take.") \
  X("workers",      ANYBODY,    "The threads that carry out requests, and the queue before them.") \
  X("performance",  ANYBODY,    "Ceilings and deadlines.") \
  X("health",       ANYBODY,    "The checks behind GET /health.") \
  X("logging",      ANYBODY,    "Where the log goes and what it holds.") \
  X("security",     FILE_ALONE, "Who may talk to the daemon.") \
  X("limits",       ANYBODY,    "Resources of the process, and of one request.") \
  X("storage",      ANYBODY,    "Files.") \
  X("www",          ANYBODY,    "The web console.")

#define GOXEL_OPTIONS(X) \
/*  symbol, section, name, kind, default, min, max, choices, unit, level, doc */ \
  X(PROCESS_PID_FILE, "process", "pid_file", PATH, "/run/goxel/goxel.pid", \
    1, GOXEL_PATH_BYTES_MAX, "", "", SERVICE, \
    "Locked as long as the daemon runs; holds its process id.") \
  X(PROCESS_CREATE_PID_FILE, "process", "create_pid_file", BOOL, "true", 0, 0, "", "", SERVICE, \
    "Without it nothing keeps a second daemon from starting.") \
  X(PROCESS_WORKING_DIRECTORY, "process", "working_directory", PATH, "/var/lib/goxel", \
    1, GOXEL_PATH_BYTES_MAX, "", "", SERVICE, \
    "Entered when the daemon detaches from the terminal.") \
  X(PROCESS_USER, "process", "user", TEXT, "goxel", 0, 255, "", "", SERVICE, \
    "User to become, by name or number; empty: stay. Another than the starting one needs root.") \
  X(PROCESS_GROUP, "process", "group", TEXT, "goxel", 0, 255, "", "", SERVICE, \
    "Group to become, by name or number; empty: the user's own, or stay.") \
  X(PROCESS_DAEMONIZE, "process", "daemonize", BOOL, "false", 0, 0, "", "", SERVICE, \
    "Detach from the terminal; off under systemd and launchd.") \
  \
  X(SOCKETS_UNIX_ENABLED, "sockets.unix", "enabled", BOOL, "true", 0, 0, "", "", SERVICE, \
    "Listen on the Unix socket.") \
  X(SOCKETS_UNIX_PATH, "sockets.unix", "path", PATH, "/run/goxel/goxel.sock", \
    1, GOXEL_SOCKET_PATH_BYTES_MAX, "", "", SERVICE, \
    "Its path.") \
  X(SOCKETS_UNIX_GROUP, "sockets.unix", "group", TEXT, "", 0, 255, "", "", SERVICE, \
    "Group that the socket is given, by name or number; empty: the daemon's own.") \
  X(SOCKETS_UNIX_PERMISSIONS, "sockets.unix", "permissions", OCTAL, "0660", 0, 0777, "", "", SERVICE, \
    "Who may connect, as for chmod(1).") \
  X(SOCKETS_UNIX_UNLINK_EXISTING, "sockets.unix", "unlink_existing", BOOL, "true", 0, 0, "", "", SERVICE, \
    "Replace a socket that a dead daemon left at the path; one that answers is never touched.") \
  X(SOCKETS_UNIX_BACKLOG, "sockets.unix", "backlog", INT, "128", 1, 65535, "", "connections", SERVICE, \
    "Clients that may wait to be accepted; the system may hold it lower.") \
  X(SOCKETS_UNIX_PROTOCOL, "sockets.unix", "protocol", CHOICE, "auto", 0, 0, "auto|http|jsonrpc", "", SERVICE, \
    "What is spoken there: HTTP, a stream of JSON-RPC messages, or whichever of them a client begins with.") \
  \
  X(SOCKETS_TCP_ENABLED, "sockets.tcp", "enabled", BOOL, "true", 0, 0, "", "", SERVICE, \
    "Listen on TCP.") \
  X(SOCKETS_TCP_BIND_ADDRESS, "sockets.tcp", "bind_address", ADDRESS, "127.0.0.1", 1, 64, "", "", SERVICE, \
    "With port, shorthand for one item of listen; without effect if listen has any.") \
  X(SOCKETS_TCP_PORT, "sockets.tcp", "port", INT, "7890", 0, 65535, "", "", SERVICE, \
    "0 takes any free port.") \
  X(SOCKETS_TCP_LISTEN, "sockets.tcp", "listen", ENDPOINTS, "", 1, 64, "", "", SERVICE, \
    "Where to listen, in place of bind_address and port.") \
  X(SOCKETS_TCP_BACKLOG, "sockets.tcp", "backlog", INT, "128", 1, 65535, "", "connections", SERVICE, \
    "Clients that may wait to be accepted; the system may hold it lower.") \
  X(SOCKETS_TCP_NODELAY, "sockets.tcp", "nodelay", BOOL, "true", 0, 0, "", "", SERVICE, \
    "Send small replies at once (TCP_NODELAY).") \
  X(SOCKETS_TCP_KEEPALIVE, "sockets.tcp", "keepalive", BOOL, "true", 0, 0, "", "", SERVICE, \
    "Probe silent clients, so that those which vanished are noticed (SO_KEEPALIVE).") \
  X(SOCKETS_TCP_KEEPALIVE_IDLE, "sockets.tcp", "keepalive_idle", INT, "60", 0, 32767, "", "s", SERVICE, \
    "Silence before the first probe; 0: the system's value.") \
  X(SOCKETS_TCP_KEEPALIVE_INTERVAL, "sockets.tcp", "keepalive_interval", INT, "10", \
    0, 32767, "", "s", SERVICE, \
    "Between probes; 0: the system's value.") \
  X(SOCKETS_TCP_KEEPALIVE_COUNT, "sockets.tcp", "keepalive_count", INT, "6", 0, 127, "", "probes", SERVICE, \
    "Probes without an answer before the client counts as gone; 0: the system's value.") \
  \
  X(SOCKETS_RECEIVE_TIMEOUT_MS, "sockets", "receive_timeout_ms", INT, "60000", \
    10, 3600000, "", "ms", RELOAD, \
    "Silence after which a connection without a request is closed.") \
  X(SOCKETS_SEND_TIMEOUT_MS, "sockets", "send_timeout_ms", INT, "60000", 10, 3600000, "", "ms", RELOAD, \
    "How long a client may refuse to take more of its reply.") \
  X(SOCKETS_HEADER_TIMEOUT_MS, "sockets", "header_timeout_ms", INT, "10000", 10, 3600000, "", "ms", RELOAD, \
    "For a whole request header, from its first byte.") \
  X(SOCKETS_BODY_TIMEOUT_MS, "sockets", "body_timeout_ms", INT, "60000", 10, 3600000, "", "ms", RELOAD, \
    "For a whole request body.") \
  \
  X(WORKERS_COUNT, "workers", "count", INT, "4", 1, 256, "", "threads", RELOAD, \
    "How many requests are carried out at the same time; of those that read or make whole files one fewer, so that others go on.") \
  X(WORKERS_QUEUE_SIZE, "workers", "queue_size", INT, "1000", 1, 1000000, "", "requests", RELOAD, \
    "How many may wait, and beside them as many that read or make files; more are answered 503 at once.") \
  \
  X(PERFORMANCE_MAX_CONNECTIONS, "performance", "max_connections", INT, "1024", \
    1, 65536, "", "connections", REEXEC, \
    "How many may be open.") \
  X(PERFORMANCE_MAX_CONNECTIONS_PER_ADDRESS, "performance", "max_connections_per_address", INT, "0", \
    0, 65536, "", \
    "connections", RELOAD, \
    "The same for one client address; 0: no limit of its own (behind a proxy all clients share one).") \
  X(PERFORMANCE_REQUEST_TIMEOUT_MS, "performance", "request_timeout_ms", INT, "30000", \
    10, 3600000, "", "ms", RELOAD, \
    "For one request, waiting in the queue included.") \
  X(PERFORMANCE_SHUTDOWN_TIMEOUT_MS, "performance", "shutdown_timeout_ms", INT, "10000", \
    0, 3600000, "", "ms", RELOAD, \
    "How long a stop waits for the requests that were accepted.") \
  X(PERFORMANCE_SHUTDOWN_GRACE_MS, "performance", "shutdown_grace_ms", INT, "0", \
    0, 3600000, "", "ms", RELOAD, \
    "How long a stop keeps serving with /health at 503, for a load balancer to notice.") \
  X(PERFORMANCE_MAX_MESSAGE_SIZE, "performance", "max_message_size", INT, "10485760", \
    1024, 1073741824, "", "bytes", RELOAD, \
    "The largest request body, or message of a stream.") \
  X(PERFORMANCE_IO_THREADS, "performance", "io_threads", INT, "2", 1, 64, "", "threads", SERVICE, \
    "Threads that read requests and write replies.") \
  \
  X(HEALTH_CHECK_INTERVAL_MS, "health", "check_interval_ms", INT, "5000", 100, 3600000, "", "ms", RELOAD, \
    "Between two rounds of checks.") \
  X(HEALTH_FAILURE_THRESHOLD, "health", "failure_threshold", INT, "3", 1, 1000, "", "rounds", RELOAD, \
    "Failures in a row that make the daemon unhealthy.") \
  X(HEALTH_HEARTBEAT_TIMEOUT_MS, "health", "heartbeat_timeout_ms", INT, "60000", \
    20, 7200000, "", "ms", RELOAD, \
    "How long a worker may show no progress; at least twice performance.request_timeout_ms.") \
  X(HEALTH_CHECK_SCRIPT, "health", "health_check_script", PATH, "", 0, GOXEL_PATH_BYTES_MAX, "", "", RELOAD, \
    "A program of yours: its status 0 says healthy, its last line why not; empty: none.") \
  X(HEALTH_SCRIPT_TIMEOUT_MS, "health", "script_timeout_ms", INT, "5000", 10, 3600000, "", "ms", RELOAD, \
    "How long it may take; then it is killed and counts as failed.") \
  X(HEALTH_RESTART_ON_FAILURE, "health", "restart_on_failure", BOOL, "true", 0, 0, "", "", RELOAD, \
    "Recover by starting anew in place when a check of recover_on has failed.") \
  X(HEALTH_RECOVER_ON, "health", "recover_on", TEXTS, "responsive, script", \
    1, 32, "responsive|memory|queue|script", "", RELOAD, \
    "Checks whose failure the daemon recovers from.") \
  X(HEALTH_MAX_RESTART_ATTEMPTS, "health", "max_restart_attempts", INT, "3", 0, 1000, "", "attempts", RELOAD, \
    "Recoveries after which the daemon gives up and ends.") \
  X(HEALTH_RESTART_DELAY_MS, "health", "restart_delay_ms", INT, "5000", 0, 3600000, "", "ms", RELOAD, \
    "Between two recoveries.") \
  X(HEALTH_RECOVERY_WINDOW_MS, "health", "recovery_window_ms", INT, "60000", 0, 86400000, "", "ms", RELOAD, \
    "Without a failure for that long, earlier attempts are forgotten.") \
  \
  X(LOGGING_LEVEL, "logging", "level", CHOICE, "info", 0, 0, "error|warn|info|debug", "", RELOAD, \
    "What is written: this and everything graver.") \
  X(LOGGING_TARGET, "logging", "target", CHOICE, "auto", 0, 0, "auto|stderr|syslog|file", "", RELOAD, \
    "auto is standard error, or syslog once daemonized.") \
  X(LOGGING_FILE, "logging", "file", PATH, "/var/log/goxel/daemon.log", \
    1, GOXEL_PATH_BYTES_MAX, "", "", RELOAD, \
    "For the target file; opened anew on each reload.") \
  X(LOGGING_USE_COLORS, "logging", "use_colors", CHOICE, "auto", 0, 0, "auto|true|false", "", RELOAD, \
    "auto: when standard error is a terminal.") \
  X(LOGGING_SYSLOG_FACILITY, "logging", "syslog_facility", CHOICE, "daemon", 0, 0, \
    "daemon|user|local0|local1|local2|local3|local4|local5|local6|local7", "", SERVICE, \
    "For the target syslog.") \
  X(LOGGING_SYSLOG_IDENT, "logging", "syslog_ident", TEXT, "goxel-daemon", 1, 64, "", "", SERVICE, \
    "The name that syslog writes before each line.") \
  X(LOGGING_ACCESS_LOG, "logging", "access_log", BOOL, "false", 0, 0, "", "", RELOAD, \
    "A line for each request, at level info.") \
  \
  X(SECURITY_UMASK, "security", "umask", OCTAL, "0027", 0, 0777, "", "", SERVICE, \
    "Permissions that new files do not get.") \
  X(SECURITY_ENABLE_CHROOT, "security", "enable_chroot", BOOL, "false", 0, 0, "", "", SERVICE, \
    "Confine the daemon to chroot_directory; under systemd use RootDirectory= instead.") \
  X(SECURITY_CHROOT_DIRECTORY, "security", "chroot_directory", ROOT, "", \
    0, GOXEL_PATH_BYTES_MAX, "", "", SERVICE, \
    "Every path of this configuration, and the file itself, has to lie inside.") \
  X(SECURITY_DROP_CAPABILITIES, "security", "drop_capabilities", BOOL, "true", 0, 0, "", "", SERVICE, \
    "Keep no capabilities but allowed_capabilities.") \
  X(SECURITY_ALLOWED_CAPABILITIES, "security", "allowed_capabilities", CAPABILITIES, "", \
    1, 64, "", "", SERVICE, \
    "Capabilities to keep, such as CAP_NET_BIND_SERVICE.") \
  X(SECURITY_NO_NEW_PRIVILEGES, "security", "no_new_privileges", BOOL, "true", 0, 0, "", "", SERVICE, \
    "No program that the daemon starts can gain privileges.") \
  X(SECURITY_ALLOWED_HOSTS, "security", "allowed_hosts", HOSTS, "localhost, 127.0.0.1, [::1]", \
    1, 255, "", "", RELOAD, \
    "Names that a request's Host may have; addresses pass anyway.") \
  X(SECURITY_ALLOWED_ORIGINS, "security", "allowed_origins", ORIGINS, "", 1, 300, "", "", RELOAD, \
    "Web pages of other origins that may use the daemon.") \
  X(SECURITY_TOKENS_FILE, "security", "tokens_file", PATH, "", 0, GOXEL_PATH_BYTES_MAX, "", "", RELOAD, \
    "Bearer tokens, as goxelctl token makes them; empty: whoever reaches TCP may do everything.") \
  X(SECURITY_ALLOW_REMOTE_WITHOUT_TOKEN, "security", "allow_remote_without_token", BOOL, "false", \
    0, 0, "", "", SERVICE, \
    "Listen beyond loopback without tokens_file, although whoever connects may do everything.") \
  X(SECURITY_STOP_WITHOUT_TOKEN, "security", "stop_without_token", BOOL, "true", 0, 0, "", "", RELOAD, \
    "Without tokens_file, let TCP clients stop and restart the daemon, too; with false the Unix socket alone.") \
  X(SECURITY_PEERS, "security", "peers", PEERS, "", 1, 300, "", "", RELOAD, \
    "Levels at the Unix socket, \"user:NAME=LEVEL\" or \"group:NAME=LEVEL\"; empty: whoever may connect is an admin.") \
  \
  X(LIMITS_MAX_MEMORY_MB, "limits", "max_memory_mb", INT, "0", 0, 1073741824, "", "MiB", RELOAD, \
    "Resident memory above which requests that need more are refused; 0: none.") \
  X(LIMITS_MAX_FILE_DESCRIPTORS, "limits", "max_file_descriptors", INT, "0", \
    0, 1073741816, "", "descriptors", SERVICE, \
    "0: what connections, workers and files need.") \
  X(LIMITS_MAX_CORE_SIZE_MB, "limits", "max_core_size_mb", INT, "0", 0, 1048576, "", "MiB", SERVICE, \
    "Largest core dump; 0: none.") \
  X(LIMITS_MAX_EDIT_BRICKS, "limits", "max_edit_bricks", INT, "65536", 1, 4194304, "", "bricks", RELOAD, \
    "Bricks of 16x16x16 voxels that one edit may touch, at most 16 KiB of memory each.") \
  X(LIMITS_MAX_RESULT_VOXELS, "limits", "max_result_voxels", INT, "1000000", \
    1, 100000000, "", "voxels", RELOAD, \
    "Voxels in one reply.") \
  X(LIMITS_REQUESTS_PER_SECOND, "limits", "requests_per_second", INT, "0", 0, 1000000, "", "requests", RELOAD, \
    "That one client (a token, a user of the Unix socket, an address) may send on the average; 0: no limit.") \
  X(LIMITS_REQUEST_BURST, "limits", "request_burst", INT, "100", 1, 1000000, "", "requests", RELOAD, \
    "That it may send at once, after a silence.") \
  X(LIMITS_CONCURRENT_REQUESTS_PER_CLIENT, "limits", "concurrent_requests_per_client", INT, "0", \
    0, 65536, "", "requests", RELOAD, \
    "That it may have under way at the same time; 0: no limit.") \
  X(LIMITS_MAX_FILE_MB, "limits", "max_file_mb", INT, "256", 1, 1024, "", "MiB", RELOAD, \
    "The largest file that is sent to or fetched from /projects; those under way may be eight times that together.") \
  \
  X(STORAGE_DIRECTORY, "storage", "directory", PATH, "/var/lib/goxel/projects", \
    1, GOXEL_PATH_BYTES_MAX, "", "", SERVICE, \
    "Projects, and the journal of what is done to them.") \
  X(STORAGE_DURABILITY, "storage", "durability", CHOICE, "full", 0, 0, "full|batched|none", "", RELOAD, \
    "What an edit has when it is answered: full, it is on the disk; batched, it is within 0.2 s; none, the system decides.") \
  X(STORAGE_CHECKPOINT_INTERVAL_MS, "storage", "checkpoint_interval_ms", INT, "300000", \
    1000, 86400000, "", "ms", RELOAD, \
    "How long the journal grows before the projects are written whole; 64 MiB of it are reason enough, too.") \
  X(STORAGE_CACHE_MB, "storage", "cache_mb", INT, "2048", 0, 1099511627776, "", "MiB", RELOAD, \
    "What the daemon may have of memory: above it, voxels that are on the disk leave it until somebody wants them; 0: no limit.") \
  X(STORAGE_MAX_OPEN_PROJECTS, "storage", "max_open_projects", INT, "256", 1, 4096, "", "", RELOAD, \
    "Projects that stay in memory without being used; the others are read when they are wanted.") \
  X(STORAGE_QUOTA_MB, "storage", "quota_mb", INT, "0", 0, 1099511627776, "", "MiB", RELOAD, \
    "What all projects together may take of the disk before edits are refused (-1020); 0: all that there is.") \
  X(STORAGE_PROJECT_QUOTA_MB, "storage", "project_quota_mb", INT, "0", 0, 1099511627776, "", "MiB", RELOAD, \
    "The same for each project.") \
  X(STORAGE_HISTORY_MB, "storage", "history_mb", INT, "256", 0, 1048576, "", "MiB", RELOAD, \
    "What undo and redo of one project may take of memory, a quarter of cache_mb at most; 0: nothing can be undone.") \
  X(STORAGE_ALLOWED_ROOTS, "storage", "allowed_roots", PATHS, "/var/lib/goxel/files", \
    1, GOXEL_PATH_BYTES_MAX, "", "", RELOAD, \
    "Clients may read and write files below these folders only; in storage.directory they may write none.") \
  \
  X(WWW_ENABLED, "www", "enabled", BOOL, "true", 0, 0, "", "", SERVICE, \
    "Serve the web console at /.") \
  X(WWW_DIRECTORY, "www", "directory", PATH, "/usr/share/goxel-daemon/www", \
    1, GOXEL_PATH_BYTES_MAX, "", "", SERVICE, \
    "Its files, which are read once, at the start.")

/*
 * Options of the schema that are not built yet: their default may stand in a file, any other value
 * is refused. Building one turns its row into one of GOXEL_OPTIONS. A list is of kind TEXTS.
 */
#define GOXEL_OPTIONS_LATER(X) \
/*  section,        name,                     kind,  default */ \
  X("storage",      "render_directory",       TEXT,  "") \
  X("storage",      "render_ttl_s",           INT,   "3600") \
  X("storage",      "render_max_mb",          INT,   "1024")

/* Accepted in any section with a warning, and without effect: systemd does these better. */
#define GOXEL_OPTIONS_INERT(X) \
  X("nice_level") X("stack_size") X("pin_to_cpu") X("max_processes") X("max_cpu_time_sec") \
  X("enable_watchdog") X("scheduling_priority")
/* clang-format on */

enum goxel_option {
#define X(symbol, section, name, kind, text, min, max, choices, unit, level, doc) GOXEL_OPT_##symbol,
    GOXEL_OPTIONS(X)
#undef X
        GOXEL_OPTION_COUNT
};

#endif
