/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one list of errors.
 *
 * Used by: every folder.  Uses: nothing.
 *
 * A row gives the symbol, the text a person reads, the JSON-RPC code, the HTTP status and the exit
 * status of a process that ends because of it; the comment below it is for docs/errors.md: the cause,
 * and what to do.  Functions return 0 or one of these codes, which are negative; outputs come last, are
 * named `ret_…`, and are untouched on failure.  The symbols of the original design keep their names
 * (`DAEMON_ERROR_…`), the rest are `GOXEL_ERROR_…`.
 */
#ifndef GOXEL_BASE_ERROR_H
#define GOXEL_BASE_ERROR_H

/* clang-format off */
#define GOXEL_ERRORS(X) \
/*  symbol                                  text                                              rpc    http exit */ \
  X(DAEMON_ERROR_INVALID_ENVIRONMENT,       "the system lacks something the daemon needs",    -1000,  500,  10) \
    /* The kernel or a library is too old, or a folder cannot be made; the message names it. Upgrade, or make the folder. */ \
  X(DAEMON_ERROR_ALREADY_RUNNING,           "another daemon is running",                      -1000,  409,  11) \
    /* Another process holds the PID file. Use or stop that one; a second daemon needs a PID file, sockets and a storage.directory of its own. */ \
  X(DAEMON_ERROR_CONFIG_INVALID,            "the configuration is invalid",                   -1018,  422,  12) \
    /* The messages before it name file, line and option. Nothing has changed; `goxel-daemon --check-config` says the same. */ \
  X(DAEMON_ERROR_PERMISSION_DENIED,         "permission denied",                              -1013,  403,  13) \
    /* The daemon's user may not do what the message names. Give it the folder, or choose another path. */ \
  X(DAEMON_ERROR_RESOURCE_LIMIT_FAILED,     "a resource limit cannot be set",                 -1000,  500,  14) \
    /* The hard limit is below what the configuration needs. Raise `LimitNOFILE=` or `ulimit -Hn`, or lower performance.max_connections. */ \
  X(DAEMON_ERROR_SIGNAL_SETUP_FAILED,       "signal handling cannot be set up",               -1000,  500,  15) \
    /* The system refused a signal handler or descriptor: it is out of memory or descriptors, or a filter forbids it. */ \
  X(DAEMON_ERROR_LOGGING_INIT_FAILED,       "the log cannot be opened",                       -1000,  500,  16) \
    /* The file of logging.file cannot be opened for writing. Check path, owner and room. */ \
  X(DAEMON_ERROR_PID_FILE_CREATE_FAILED,    "the PID file cannot be created",                 -1000,  500,  17) \
    /* The PID file cannot be written or locked. Check its folder's owner, and that the file system can lock. */ \
  X(DAEMON_ERROR_FORK_FAILED,               "fork failed",                                    -1000,  500,  18) \
    /* The system has no room for another process. Check memory and `TasksMax=` or `ulimit -u`. */ \
  X(DAEMON_ERROR_SETSID_FAILED,             "setsid failed",                                  -1000,  500,  19) \
    /* The system did not let the process detach. Run it in the foreground, under a supervisor. */ \
  X(DAEMON_ERROR_CHDIR_FAILED,              "the working directory cannot be entered",        -1000,  500,  20) \
    /* process.working_directory is not there, or the daemon's user may not enter it. */ \
  X(DAEMON_ERROR_INVALID_USER_GROUP,        "unknown user or group",                          -1000,  500,  21) \
    /* There is no such user or group. Make it, or set process.user and process.group to "". */ \
  X(DAEMON_ERROR_CHROOT_FAILED,             "chroot failed",                                  -1000,  500,  22) \
    /* security.chroot_directory cannot be entered, or was asked for without root or under systemd (use `RootDirectory=`). */ \
  X(DAEMON_ERROR_GOXEL_INIT_FAILED,         "the voxel engine cannot be started",             -1000,  500,  23) \
    /* storage.directory cannot be read or used; the message says what. All is left as it is: see backup.md. */ \
  X(DAEMON_ERROR_THREAD_POOL_INIT_FAILED,   "the worker pool cannot be started",              -1000,  500,  24) \
    /* Threads cannot be made. Lower workers.count, or raise memory and `TasksMax=`. */ \
  X(DAEMON_ERROR_QUEUE_INIT_FAILED,         "the request queue cannot be made",               -1000,  500,  25) \
    /* There is no memory for the queue. Lower workers.queue_size, or free memory. */ \
  X(DAEMON_ERROR_SOCKET_CREATE_FAILED,      "a listening socket cannot be made",              -1000,  500,  26) \
    /* An address is taken (`ss -ltnp` tells by whom), not of this machine, or its port or path is not for this user. */ \
  X(DAEMON_ERROR_HEALTH_MONITOR_FAILED,     "the health monitor cannot be started",           -1000,  500,  27) \
    /* The thread of the health checks cannot be made: memory or `TasksMax=`. */ \
  X(DAEMON_ERROR_INVALID_STATE_TRANSITION,  "not allowed in this state",                     -32003,  409,  28) \
    /* The daemon starts, stops or reloads just now. Ask again when /state says RUNNING. */ \
  X(DAEMON_ERROR_TRANSITION_FAILED,         "the change of state was refused",               -32003,  409,  29) \
    /* What was asked for was begun and refused; the data or the log say why. The daemon goes on as it was. */ \
  X(DAEMON_ERROR_RECOVERY_TOO_SOON,         "recovery attempted too soon",                   -32003,  409,  30) \
    /* The last recovery is less than health.restart_delay_ms ago. It is tried again by itself. */ \
  X(DAEMON_ERROR_MAX_RECOVERY_ATTEMPTS,     "too many recovery attempts",                    -32003,  500,  31) \
    /* health.max_restart_attempts recoveries did not help. Mend what the failed check names, then start the service. */ \
  X(GOXEL_ERROR_RESTART_ELSEWHERE,          "the supervisor has to start the daemon again",  -32003,  409,  32) \
    /* A daemon in a chroot cannot start itself anew. A supervisor that starts it again at status 32 does, as the systemd unit. */ \
  X(GOXEL_ERROR_GENERAL,                    "internal error",                                 -1000,  500,   1) \
    /* Something failed for which there is no other code; the log has the request's id and the reason. If it happens again, report it. */ \
  X(GOXEL_ERROR_NO_VOXEL,                   "no voxel there",                                 -1000,  404,  66) \
    /* The place is empty. Check the coordinates and the layer. */ \
  X(GOXEL_ERROR_USAGE,                      "wrong command line",                             -1018,  400,   2) \
    /* An option or command is unknown or incomplete. `--help` lists them. */ \
  X(GOXEL_ERROR_JSON_SYNTAX,                "Parse error",                                   -32700,  400,  65) \
    /* The body is not JSON, or is cut off; the data say where. Over a stream the connection ends with it. */ \
  X(GOXEL_ERROR_JSON_UTF8,                  "Parse error: invalid UTF-8",                    -32700,  400,  65) \
    /* A text is not UTF-8; the data say where. Encode it. */ \
  X(GOXEL_ERROR_JSON_DEPTH,                 "Parse error: nested too deeply",                -32700,  400,  65) \
    /* Arrays and objects nest deeper than the daemon reads. No method needs that. */ \
  X(GOXEL_ERROR_JSON_NUMBER,                "Parse error: number out of range",              -32700,  400,  65) \
    /* A number does not fit a double. Send a smaller one. */ \
  X(GOXEL_ERROR_JSON_DUPLICATE,             "Parse error: duplicate key",                    -32700,  400,  65) \
    /* An object has a key twice; which one was meant nobody knows. Send it once. */ \
  X(GOXEL_ERROR_JSON_SIZE,                  "Parse error: too many values",                  -32700,  400,  65) \
    /* The message has too many values. Send several messages, or packed voxels. */ \
  X(GOXEL_ERROR_INVALID_REQUEST,            "Invalid Request",                               -32600,  400,  65) \
    /* It is JSON, and no request: jsonrpc must be "2.0", method a text, params an array or object, id a text, number or null. */ \
  X(GOXEL_ERROR_BATCH_SIZE,                 "Invalid Request: batch too long",               -32600,  400,  65) \
    /* The array has more requests than allowed; the data have the limit. Send several. */ \
  X(GOXEL_ERROR_METHOD_NOT_FOUND,           "Method not found",                              -32601,  404,  65) \
    /* No method has that name; the data may have one that is near. `system.list_methods` lists them. */ \
  X(GOXEL_ERROR_INVALID_PARAMS,             "Invalid params",                                -32602,  400,  65) \
    /* A parameter is unknown, missing or of the wrong type; the data name field and expectation. Mend the request. */ \
  X(GOXEL_ERROR_INTERNAL,                   "Internal error",                                -32603,  500,  70) \
    /* A fault of the daemon. The log has the request's id; report it. */ \
  X(GOXEL_ERROR_OVERLOADED,                 "overloaded, try again",                         -32000,  503,  75) \
    /* The queue is full, a file had no turn in time, or there are too many connections, listeners or files under way. Send it again after Retry-After; see monitoring.md. */ \
  X(GOXEL_ERROR_SHUTTING_DOWN,              "shutting down",                                 -32001,  503,  75) \
    /* The daemon stops, and did not carry it out. Connect again when it is back. */ \
  X(GOXEL_ERROR_REQUEST_TIMEOUT,            "request timed out",                             -32002,  504,  75) \
    /* It took longer than performance.request_timeout_ms, waiting included. Do it in parts, or raise the limit. */ \
  X(GOXEL_ERROR_CLIENT_GONE,                "nobody waits for the answer any more",          -32002,  499,  75) \
    /* The client closed the connection before it had the answer; what only reads ends then. The log has it; who had closed but one half of a TCP connection may get to see it. */ \
  X(GOXEL_ERROR_UNAUTHORISED,               "unauthorised",                                  -32004,  401,  77) \
    /* A token is needed, and none was sent: `Authorization: Bearer TOKEN`, or `system.authenticate` on a stream. */ \
  X(GOXEL_ERROR_CLIENT_RATE,                "too many requests of this client, try again",   -32000,  429,  75) \
    /* The client has sent more than limits.requests_per_second. Send it again after Retry-After. */ \
  X(GOXEL_ERROR_CLIENT_BUSY,                "too many requests of this client are under way, try again", -32000, 429, 75) \
    /* The client has limits.concurrent_requests_per_client under way. Wait for one of them. */ \
  X(GOXEL_ERROR_PROJECT_NOT_FOUND,          "project not found",                              -1001,  404,  66) \
    /* No project has that name or id, or there is no current one. `project.list` lists them. */ \
  X(GOXEL_ERROR_LAYER_NOT_FOUND,            "layer not found",                                -1002,  404,  66) \
    /* The project has no such layer. `layer.get_list` lists them; ids change when a project is replaced. */ \
  X(GOXEL_ERROR_INVALID_COORDINATES,        "invalid coordinates",                            -1003,  400,  65) \
    /* A coordinate or box lies outside what there can be, or its corners are in the wrong order; the data name it. */ \
  X(GOXEL_ERROR_INVALID_COLOR,              "invalid colour",                                 -1004,  400,  65) \
    /* It is none of [r,g,b], [r,g,b,a], {r,g,b,a}, "#RRGGBB", "#RRGGBBAA". */ \
  X(GOXEL_ERROR_FILE_ACCESS,                "file access failed",                             -1005,  403,  74) \
    /* The path lies outside storage.allowed_roots, is not there, may not be read or written, or the disk failed; the message says which. */ \
  X(GOXEL_ERROR_FORMAT_NOT_SUPPORTED,       "format not supported",                           -1006,  415,  65) \
    /* No format has that name or extension, or not in this direction. `export.formats` lists them. */ \
  X(GOXEL_ERROR_OUT_OF_MEMORY,              "out of memory",                                  -1007,  507,  71) \
    /* Memory is short, or above limits.max_memory_mb. Reading and deleting go on; close projects, or raise the limit. */ \
  X(GOXEL_ERROR_OPERATION_TIMEOUT,          "operation timed out",                            -1008,  504,  75) \
    /* The daemon or the health script did not answer in time, or a phase of the stop hung; the message or the log says which. */ \
  X(GOXEL_ERROR_LOCKED,                     "locked",                                         -1009,  423,  75) \
    /* Somebody else is at the project, or another process at the folder. Try again, or end that one. */ \
  X(GOXEL_ERROR_INVALID_DATA,               "invalid binary data",                            -1010,  400,  65) \
    /* A file or packed data are not of that format, cut off or damaged; the data say where. Nothing has changed. */ \
  X(GOXEL_ERROR_PROJECT_DAMAGED,            "the project is damaged",                         -1010,  500,  65) \
    /* The project is not as it was written, and refused: backup.md tells how to repair or restore it. */ \
  X(GOXEL_ERROR_COMPRESSION,                "compression failed",                             -1011,  400,  65) \
    /* What was sent compressed cannot be unpacked. Check how it was made and that it is complete. */ \
  X(GOXEL_ERROR_AUTHENTICATION,             "authentication failed",                          -1012,  401,  77) \
    /* The token that was sent is not in security.tokens_file. After a change of the file: `goxelctl reload`. */ \
  X(GOXEL_ERROR_FORBIDDEN,                  "not allowed to this client",                     -1013,  403,  77) \
    /* The client's level is too low; the data name the one that is needed. Use another token, or change the file. */ \
  X(GOXEL_ERROR_QUOTA,                      "quota exceeded",                                 -1014,  413,  73) \
    /* More than a limit allows: voxels, layers, projects, bytes of a file. The message names the limit. */ \
  X(GOXEL_ERROR_BAD_PROJECT_STATE,          "the project's state does not allow this",        -1016,  409,  65) \
    /* The name is taken, there are unsaved changes, nothing to undo, or the project is read-only; the message says which. */ \
  X(GOXEL_ERROR_UNSUPPORTED_OPERATION,      "unsupported operation",                          -1017,  501,  69) \
    /* It cannot be done in this build, over this way of connecting, or with this format; the message says which. */ \
  X(GOXEL_ERROR_VALIDATION,                 "validation failed",                              -1018,  422,  65) \
    /* A value is out of range or does not fit others, or `strict` would lose something; the data name field or warnings. */ \
  X(GOXEL_ERROR_CONCURRENT,                 "concurrent modification",                        -1019,  409,  75) \
    /* The project is at another version than if_version or the cursor says. Read it anew, and decide again. */ \
  X(GOXEL_ERROR_STORAGE_FULL,               "storage full",                                   -1020,  507,  74) \
    /* The disk is full, or storage.quota_mb or storage.project_quota_mb is reached. Make room; reading and deleting go on. */ \
  X(GOXEL_ERROR_FORBIDDEN_ORIGIN,           "request from a foreign origin or host",          -1013,  403,  77) \
    /* A page of another site, or a Host that is not known: security.allowed_origins, security.allowed_hosts. */ \
  X(GOXEL_ERROR_BAD_HTTP,                   "malformed HTTP request",                        -32600,  400,  65) \
    /* The request breaks a rule of HTTP. Send it by an HTTP library. */ \
  X(GOXEL_ERROR_NOT_FOUND,                  "no such resource",                              -32601,  404,  66) \
    /* There is no such route. README.md lists them. */ \
  X(GOXEL_ERROR_HTTP_METHOD,                "method not allowed here",                       -32600,  405,  65) \
    /* The route takes other methods: the header Allow has them. */ \
  X(GOXEL_ERROR_HTTP_DEADLINE,              "the request took too long to arrive",           -32002,  408,  75) \
    /* Header or body did not arrive within sockets.header_timeout_ms or sockets.body_timeout_ms. */ \
  X(GOXEL_ERROR_MESSAGE_SIZE,               "message too large",                             -32600,  413,  65) \
    /* A body above performance.max_message_size, a file above limits.max_file_mb. Send parts, or raise the limit. */ \
  X(GOXEL_ERROR_URI_LENGTH,                 "URI too long",                                  -32600,  414,  65) \
    /* The address is too long. Send parameters in a body. */ \
  X(GOXEL_ERROR_MEDIA_TYPE,                 "media type not supported",                      -32600,  415,  65) \
    /* The body's Content-Type or Content-Encoding is not what the route takes. JSON-RPC: `application/json`. */ \
  X(GOXEL_ERROR_PRECONDITION,               "precondition failed",                            -1019,  412,  75) \
    /* If-Match or If-None-Match does not hold: somebody was faster. Read it anew, and decide again. */ \
  X(GOXEL_ERROR_RANGE,                      "range not satisfiable",                         -32600,  416,  65) \
    /* The range begins behind the end. The header Content-Range has the size. */
/* clang-format on */

#define DAEMON_SUCCESS 0

/* Row numbers; the public codes below are their negatives. */
enum goxel_error_row {
    GOXEL_ERROR_ROW_SUCCESS,
#define X(symbol, text, rpc, http, exit) symbol##_ROW,
    GOXEL_ERRORS(X)
#undef X
        GOXEL_ERROR_ROWS
};

enum goxel_error {
#define X(symbol, text, rpc, http, exit) symbol = -symbol##_ROW,
    GOXEL_ERRORS(X)
#undef X
};

/* Each takes 0 or any code; a number that is no code counts as GOXEL_ERROR_INTERNAL. Thread-safe, never NULL. */
const char *goxel_error_text(int code);   /* "project not found" */
const char *goxel_error_symbol(int code); /* "GOXEL_ERROR_PROJECT_NOT_FOUND", "DAEMON_SUCCESS" */
int goxel_error_rpc(int code);            /* JSON-RPC error code; 0 for success */
int goxel_error_http(int code);           /* HTTP status; 200 for success */
int goxel_error_exit(int code);           /* exit status of a process; 0 for success */

#endif
