/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The peer of the HTTP benchmark: libmicrohttpd with as little around it as possible.
 *
 *   bench-hello PORT
 *
 * GET /direct is answered on libmicrohttpd's thread; any other request is suspended, passed to one
 * worker thread through a list, and resumed with its answer, as a server with workers must do. Two
 * epoll threads, its own listening socket, no checks of any kind. Ends when standard input ends.
 */
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char body[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"pong\":true}}";

struct request {
    struct MHD_Connection *connection;
    struct request *next;
    int seen, answered;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static struct request *first, *last;

static void *serve(void *arg)
{
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!first)
            pthread_cond_wait(&work, &lock);
        struct request *request = first;
        first = request->next;
        if (!first)
            last = NULL;
        request->answered = 1;
        MHD_resume_connection(request->connection);
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static enum MHD_Result answer(struct MHD_Connection *connection)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(sizeof(body) - 1, (void *)body,
                                                                    MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);

    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes, size_t *size,
                                  void **req_cls)
{
    struct request *request = *req_cls;
    int answered;

    (void)cls, (void)method, (void)version, (void)bytes;
    if (!request) {
        *req_cls = request = calloc(1, sizeof(*request));
        if (!request)
            return MHD_NO;
        request->connection = connection;
        return MHD_YES;
    }
    if (*size) {
        *size = 0;
        return MHD_YES;
    }
    pthread_mutex_lock(&lock);
    answered = request->answered;
    if (!answered && strcmp(url, "/direct")) {
        MHD_suspend_connection(connection);
        if (last)
            last->next = request;
        else
            first = request;
        last = request;
        pthread_cond_signal(&work);
        pthread_mutex_unlock(&lock);
        return MHD_YES;
    }
    pthread_mutex_unlock(&lock);
    return answer(connection);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **req_cls,
                         enum MHD_RequestTerminationCode why)
{
    (void)cls, (void)connection, (void)why;
    free(*req_cls);
}

int main(int argc, char **argv)
{
    struct MHD_Daemon *daemon;
    pthread_t worker;
    char byte;

    if (argc != 2)
        return 2;
    if (pthread_create(&worker, NULL, serve, NULL))
        return 1;
    daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC,
                              (uint16_t)strtoul(argv[1], NULL, 10), NULL, NULL, on_request, NULL,
                              MHD_OPTION_THREAD_POOL_SIZE, 2u, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
                              NULL, MHD_OPTION_END);
    if (!daemon) {
        fprintf(stderr, "bench-hello: port %s cannot be used\n", argv[1]);
        return 1;
    }
    while (read(0, &byte, 1) > 0)
        ;
    _exit(0); /* nothing to save, and connections may be suspended */
}
