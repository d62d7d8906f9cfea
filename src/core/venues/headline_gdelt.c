/* SPDX-License-Identifier: Apache-2.0 */
/* GDELT DOC 2.0, mode=artlist: articles by address. Its JSON may hold invalid escapes: such items
 * are malformed, their neighbours are not. */
#include "core/venues/headline_item.h"

const HeadlineSource headline_gdelt = {.list = "articles",
                                       .title = "title",
                                       .link = "url",
                                       .id = "url",
                                       .published = "seendate",
                                       .name = "domain"};
