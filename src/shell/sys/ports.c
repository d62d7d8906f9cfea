/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/sys/ports.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As a server does it: the address may be taken again right after its last owner ended. */
static int try_to_bind(const struct addrinfo *address) {
    int yes = 1;
    int server = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0) return errno;
    (void)setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    int code = bind(server, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    close(server);
    return code;
}

bool ports_free(const char *host, unsigned port, bool *is_free, Error *error) {
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *address;
    char digits[16];
    snprintf(digits, sizeof digits, "%u", port);
    int code = getaddrinfo(host, digits, &wanted, &address);
    if (code != 0)
        return error_set(error, ERROR_CONFIG, gai_strerror(code), host, "dashboard.host");
    int reason = try_to_bind(address);
    freeaddrinfo(address);
    *is_free = reason == 0;
    if (reason == 0 || reason == EADDRINUSE) return true;
    return error_set(error, ERROR_CONFIG, strerror(reason), host, "dashboard.host, dashboard.port");
}
