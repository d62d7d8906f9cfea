/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/call/call.h"

int main(int argc, char **argv) {
    return call_main(argc, argv);
}
