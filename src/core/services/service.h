/* SPDX-License-Identifier: Apache-2.0 */
/* The plug of this folder is defined in core/bus/service.h; the generated table includes it by this name. */
#ifndef CORE_SERVICES_SERVICE_H
#define CORE_SERVICES_SERVICE_H

#include "core/bus/service.h"

#endif
