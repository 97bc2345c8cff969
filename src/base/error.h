/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one list of errors.
 *
 * Used by: every folder.  Uses: nothing.
 *
 * A row gives the symbol, the text a person reads, the JSON-RPC code, the HTTP status and the exit
 * status of a process that ends because of it.  Functions return 0 or one of these codes, which are
 * negative; outputs come last, are named `ret_…`, and are untouched on failure.  The symbols of the
 * original design keep their names (`DAEMON_ERROR_…`), the rest are `GOXEL_ERROR_…`.
 */
#ifndef GOXEL_BASE_ERROR_H
#define GOXEL_BASE_ERROR_H

/* clang-format off */
#define GOXEL_ERRORS(X) \
/*  symbol                                  text                                              rpc    http exit */ \
  X(DAEMON_ERROR_INVALID_ENVIRONMENT,       "the system lacks something the daemon needs",    -1000,  500,  10) \
  X(DAEMON_ERROR_ALREADY_RUNNING,           "another daemon is running",                      -1000,  409,  11) \
  X(DAEMON_ERROR_CONFIG_INVALID,            "the configuration is invalid",                   -1018,  422,  12) \
  X(DAEMON_ERROR_PERMISSION_DENIED,         "permission denied",                              -1013,  403,  13) \
  X(DAEMON_ERROR_RESOURCE_LIMIT_FAILED,     "a resource limit cannot be set",                 -1000,  500,  14) \
  X(DAEMON_ERROR_SIGNAL_SETUP_FAILED,       "signal handling cannot be set up",               -1000,  500,  15) \
  X(DAEMON_ERROR_LOGGING_INIT_FAILED,       "the log cannot be opened",                       -1000,  500,  16) \
  X(DAEMON_ERROR_PID_FILE_CREATE_FAILED,    "the PID file cannot be created",                 -1000,  500,  17) \
  X(DAEMON_ERROR_FORK_FAILED,               "fork failed",                                    -1000,  500,  18) \
  X(DAEMON_ERROR_SETSID_FAILED,             "setsid failed",                                  -1000,  500,  19) \
  X(DAEMON_ERROR_CHDIR_FAILED,              "the working directory cannot be entered",        -1000,  500,  20) \
  X(DAEMON_ERROR_INVALID_USER_GROUP,        "unknown user or group",                          -1000,  500,  21) \
  X(DAEMON_ERROR_CHROOT_FAILED,             "chroot failed",                                  -1000,  500,  22) \
  X(DAEMON_ERROR_GOXEL_INIT_FAILED,         "the voxel engine cannot be started",             -1000,  500,  23) \
  X(DAEMON_ERROR_THREAD_POOL_INIT_FAILED,   "the worker pool cannot be started",              -1000,  500,  24) \
  X(DAEMON_ERROR_QUEUE_INIT_FAILED,         "the request queue cannot be made",               -1000,  500,  25) \
  X(DAEMON_ERROR_SOCKET_CREATE_FAILED,      "a listening socket cannot be made",              -1000,  500,  26) \
  X(DAEMON_ERROR_HEALTH_MONITOR_FAILED,     "the health monitor cannot be started",           -1000,  500,  27) \
  X(DAEMON_ERROR_INVALID_STATE_TRANSITION,  "not allowed in this state",                     -32003,  409,  28) \
  X(DAEMON_ERROR_TRANSITION_FAILED,         "the change of state was refused",               -32003,  409,  29) \
  X(DAEMON_ERROR_RECOVERY_TOO_SOON,         "recovery attempted too soon",                   -32003,  409,  30) \
  X(DAEMON_ERROR_MAX_RECOVERY_ATTEMPTS,     "too many recovery attempts",                    -32003,  500,  31) \
  X(GOXEL_ERROR_RESTART_ELSEWHERE,          "the supervisor has to start the daemon again",  -32003,  409,  32) \
  X(GOXEL_ERROR_GENERAL,                    "internal error",                                 -1000,  500,   1) \
  X(GOXEL_ERROR_NO_VOXEL,                   "no voxel there",                                 -1000,  404,  66) \
  X(GOXEL_ERROR_USAGE,                      "wrong command line",                             -1018,  400,   2) \
  X(GOXEL_ERROR_JSON_SYNTAX,                "Parse error",                                   -32700,  400,  65) \
  X(GOXEL_ERROR_JSON_UTF8,                  "Parse error: invalid UTF-8",                    -32700,  400,  65) \
  X(GOXEL_ERROR_JSON_DEPTH,                 "Parse error: nested too deeply",                -32700,  400,  65) \
  X(GOXEL_ERROR_JSON_NUMBER,                "Parse error: number out of range",              -32700,  400,  65) \
  X(GOXEL_ERROR_JSON_DUPLICATE,             "Parse error: duplicate key",                    -32700,  400,  65) \
  X(GOXEL_ERROR_JSON_SIZE,                  "Parse error: too many values",                  -32700,  400,  65) \
  X(GOXEL_ERROR_INVALID_REQUEST,            "Invalid Request",                               -32600,  400,  65) \
  X(GOXEL_ERROR_BATCH_SIZE,                 "Invalid Request: batch too long",               -32600,  400,  65) \
  X(GOXEL_ERROR_METHOD_NOT_FOUND,           "Method not found",                              -32601,  404,  65) \
  X(GOXEL_ERROR_INVALID_PARAMS,             "Invalid params",                                -32602,  400,  65) \
  X(GOXEL_ERROR_INTERNAL,                   "Internal error",                                -32603,  500,  70) \
  X(GOXEL_ERROR_OVERLOADED,                 "overloaded, try again",                         -32000,  503,  75) \
  X(GOXEL_ERROR_SHUTTING_DOWN,              "shutting down",                                 -32001,  503,  75) \
  X(GOXEL_ERROR_REQUEST_TIMEOUT,            "request timed out",                             -32002,  504,  75) \
  X(GOXEL_ERROR_CLIENT_GONE,                "nobody waits for the answer any more",          -32002,  499,  75) \
  X(GOXEL_ERROR_UNAUTHORISED,               "unauthorised",                                  -32004,  401,  77) \
  X(GOXEL_ERROR_CLIENT_RATE,                "too many requests of this client, try again",   -32000,  429,  75) \
  X(GOXEL_ERROR_CLIENT_BUSY,                "too many requests of this client are under way, try again", -32000, 429, 75) \
  X(GOXEL_ERROR_PROJECT_NOT_FOUND,          "project not found",                              -1001,  404,  66) \
  X(GOXEL_ERROR_LAYER_NOT_FOUND,            "layer not found",                                -1002,  404,  66) \
  X(GOXEL_ERROR_INVALID_COORDINATES,        "invalid coordinates",                            -1003,  400,  65) \
  X(GOXEL_ERROR_INVALID_COLOR,              "invalid colour",                                 -1004,  400,  65) \
  X(GOXEL_ERROR_FILE_ACCESS,                "file access failed",                             -1005,  403,  74) \
  X(GOXEL_ERROR_FORMAT_NOT_SUPPORTED,       "format not supported",                           -1006,  415,  65) \
  X(GOXEL_ERROR_OUT_OF_MEMORY,              "out of memory",                                  -1007,  507,  71) \
  X(GOXEL_ERROR_OPERATION_TIMEOUT,          "operation timed out",                            -1008,  504,  75) \
  X(GOXEL_ERROR_LOCKED,                     "locked",                                         -1009,  423,  75) \
  X(GOXEL_ERROR_INVALID_DATA,               "invalid binary data",                            -1010,  400,  65) \
  X(GOXEL_ERROR_PROJECT_DAMAGED,            "the project is damaged",                         -1010,  500,  65) \
  X(GOXEL_ERROR_COMPRESSION,                "compression failed",                             -1011,  400,  65) \
  X(GOXEL_ERROR_AUTHENTICATION,             "authentication failed",                          -1012,  401,  77) \
  X(GOXEL_ERROR_FORBIDDEN,                  "not allowed to this client",                     -1013,  403,  77) \
  X(GOXEL_ERROR_QUOTA,                      "quota exceeded",                                 -1014,  413,  73) \
  X(GOXEL_ERROR_BAD_PROJECT_STATE,          "the project's state does not allow this",        -1016,  409,  65) \
  X(GOXEL_ERROR_UNSUPPORTED_OPERATION,      "unsupported operation",                          -1017,  501,  69) \
  X(GOXEL_ERROR_VALIDATION,                 "validation failed",                              -1018,  422,  65) \
  X(GOXEL_ERROR_CONCURRENT,                 "concurrent modification",                        -1019,  409,  75) \
  X(GOXEL_ERROR_STORAGE_FULL,               "storage full",                                   -1020,  507,  74) \
  X(GOXEL_ERROR_FORBIDDEN_ORIGIN,           "request from a foreign origin or host",          -1013,  403,  77) \
  X(GOXEL_ERROR_BAD_HTTP,                   "malformed HTTP request",                        -32600,  400,  65) \
  X(GOXEL_ERROR_NOT_FOUND,                  "no such resource",                              -32601,  404,  66) \
  X(GOXEL_ERROR_HTTP_METHOD,                "method not allowed here",                       -32600,  405,  65) \
  X(GOXEL_ERROR_HTTP_DEADLINE,              "the request took too long to arrive",           -32002,  408,  75) \
  X(GOXEL_ERROR_MESSAGE_SIZE,               "message too large",                             -32600,  413,  65) \
  X(GOXEL_ERROR_URI_LENGTH,                 "URI too long",                                  -32600,  414,  65) \
  X(GOXEL_ERROR_MEDIA_TYPE,                 "media type not supported",                      -32600,  415,  65) \
  X(GOXEL_ERROR_PRECONDITION,               "precondition failed",                            -1019,  412,  75) \
  X(GOXEL_ERROR_RANGE,                      "range not satisfiable",                         -32600,  416,  65)
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
