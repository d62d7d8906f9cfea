/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds in RSS 2.0 or Atom, as the port hands them on: a JSON array of their items (messages.def,
 * OutsideReply). */
#include "core/venues/headline_item.h"

const HeadlineSource headline_rss = {
    .list = "", .title = "title", .link = "link", .id = "guid", .published = "published"};
