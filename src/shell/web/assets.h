/* SPDX-License-Identifier: Apache-2.0 */
/* The built page inside the binary: constant bytes, listed by tools/embed.sh; the last row has no
 * name. */
#ifndef SHELL_WEB_ASSETS_H
#define SHELL_WEB_ASSETS_H

#include <stddef.h>

typedef struct WebAsset {
    const char *name; /* "index.html", "app.js.br" */
    const unsigned char *bytes;
    size_t size;
    const char *hash; /* first 16 hex digits of its SHA-256: the ETag */
} WebAsset;

extern const WebAsset web_assets[];

#endif
