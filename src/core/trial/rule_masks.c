/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/rule_masks.h"

#include <string.h>

#define LINE_BYTES 64

/* A column as the kernels read it. */
typedef struct Operand {
    WideOperand wide;
    double before; /* the value at the bar before the first */
} Operand;

static Operand operand_of(const RuleOperand *column, double *constant) {
    if (column->values) return (Operand){{column->values, WIDE_LANES}, column->values[-1]};
    for (unsigned lane = 0; lane < WIDE_LANES; lane++)
        constant[lane] = column->constant;
    return (Operand){{constant, 0}, column->constant};
}

/* now &= what held one bar before; `carry`: whether it held at the bar before the first. */
static void and_before(uint64_t *now, const uint64_t *held, size_t words, bool carry) {
    for (size_t word = 0; word < words; word++) {
        now[word] &= held[word] << 1 | carry;
        carry = held[word] >> (RULE_MASK_BARS - 1);
    }
}

/* Crossings look one bar back. */
static void condition_bits(const RuleView *view, const RuleCondition *condition, size_t words,
                           uint64_t *bits) {
    _Alignas(LINE_BYTES) double constants[2][WIDE_LANES];
    uint64_t held[RULE_MASK_WORDS];
    Operand left = operand_of(&view->columns[condition->left], constants[0]);
    Operand right = operand_of(&view->columns[condition->right], constants[1]);
    bool crosses = condition->test == TEST_CROSSES_ABOVE || condition->test == TEST_CROSSES_BELOW;
    bool up = condition->test == TEST_ABOVE || condition->test == TEST_CROSSES_ABOVE;
    view->wide->compare(up ? WIDE_ABOVE : WIDE_BELOW, left.wide, right.wide, words, bits);
    if (!crosses) return;
    view->wide->compare(up ? WIDE_NOT_ABOVE : WIDE_NOT_BELOW, left.wide, right.wide, words, held);
    and_before(bits, held, words, up ? left.before <= right.before : left.before >= right.before);
}

static void group_bits(const RuleGroup *group, const RuleView *view, size_t words, uint64_t *bits) {
    for (unsigned each = 0; each < group->count; each++) {
        uint64_t part[RULE_MASK_WORDS];
        condition_bits(view, &group->conditions[each], words, part);
        for (size_t word = 0; word < words; word++)
            bits[word] = each ? bits[word] & part[word] : part[word];
    }
}

void rule_masks_list(const RuleList *list, const RuleView *view,
                     uint64_t bits[static RULE_MASK_WORDS]) {
    CHECK(view->count > 0 && view->count <= RULE_MASK_WINDOW, "masks are made of a window");
    size_t words = (view->count + RULE_MASK_BARS - 1) / RULE_MASK_BARS;
    memset(bits, 0, RULE_MASK_WORDS * sizeof *bits);
    for (unsigned each = 0; each < list->count; each++) {
        uint64_t part[RULE_MASK_WORDS];
        if (list->groups[each].count == 0) continue;
        group_bits(&list->groups[each], view, words, part);
        for (size_t word = 0; word < words; word++)
            bits[word] |= part[word];
    }
    if (view->count % RULE_MASK_BARS) bits[words - 1] &= (1ULL << view->count % RULE_MASK_BARS) - 1;
}
