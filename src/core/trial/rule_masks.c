/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/rule_masks.h"

#include <string.h>

/* Eight doubles side by side; what the processor cannot do at once the compiler does in parts, with
 * the same bits. */
#define LANES 8
typedef double Doubles __attribute__((vector_size(64)));
typedef int64_t Integers __attribute__((vector_size(64)));

/* A column as the loops read it: eight values every `stride` doubles, 0 for a constant. */
typedef struct Operand {
    const double *at;
    size_t stride;
    double before;
} Operand;

static Operand operand_of(const RuleOperand *column, Doubles *constant) {
    if (column->values) return (Operand){column->values, LANES, column->values[-1]};
    for (unsigned lane = 0; lane < LANES; lane++)
        (*constant)[lane] = column->constant;
    return (Operand){(const double *)constant, 0, column->constant};
}

/* Lane l of block b is bar 8 b + l: its bit is put there, and the lanes are joined in the end. */
static inline uint64_t joined(const Integers *bits) {
    uint64_t word = 0;
    for (unsigned lane = 0; lane < LANES; lane++)
        word |= (uint64_t)(*bits)[lane];
    return word;
}

#define COMPARE(name, operator)                                                                    \
    static void name(Operand left, Operand right, size_t words, uint64_t *bits) {                  \
        static const Integers first = {1, 2, 4, 8, 16, 32, 64, 128};                               \
        for (size_t word = 0; word < words; word++) {                                              \
            Integers found = {0}, place = first;                                                   \
            for (unsigned block = 0; block < LANES; block++) {                                     \
                Doubles a, b;                                                                      \
                memcpy(&a, __builtin_assume_aligned(left.at, 64), sizeof a);                       \
                memcpy(&b, __builtin_assume_aligned(right.at, 64), sizeof b);                      \
                found |= (a operator b) & place;                                                   \
                place <<= LANES;                                                                   \
                left.at += left.stride;                                                            \
                right.at += right.stride;                                                          \
            }                                                                                      \
            bits[word] = joined(&found);                                                           \
        }                                                                                          \
    }
COMPARE(above, >)
COMPARE(below, <)
COMPARE(not_above, <=)
COMPARE(not_below, >=)
#undef COMPARE

/* now &= what held one bar before; `carry`: whether it held at the bar before the first. */
static void and_before(uint64_t *now, const uint64_t *held, size_t words, bool carry) {
    for (size_t word = 0; word < words; word++) {
        now[word] &= held[word] << 1 | carry;
        carry = held[word] >> (RULE_MASK_BARS - 1);
    }
}

/* Crossings look one bar back. */
static void condition_bits(RuleTest test, Operand left, Operand right, size_t words,
                           uint64_t *bits) {
    uint64_t held[RULE_MASK_WORDS];
    bool up = test == TEST_ABOVE || test == TEST_CROSSES_ABOVE;
    (up ? above : below)(left, right, words, bits);
    if (test == TEST_ABOVE || test == TEST_BELOW) return;
    (up ? not_above : not_below)(left, right, words, held);
    and_before(bits, held, words, up ? left.before <= right.before : left.before >= right.before);
}

static void group_bits(const RuleGroup *group, const RuleOperand *columns, size_t words,
                       uint64_t *bits) {
    for (unsigned each = 0; each < group->count; each++) {
        const RuleCondition *condition = &group->conditions[each];
        Doubles constants[2];
        uint64_t part[RULE_MASK_WORDS];
        Operand left = operand_of(&columns[condition->left], &constants[0]);
        Operand right = operand_of(&columns[condition->right], &constants[1]);
        condition_bits(condition->test, left, right, words, part);
        for (size_t word = 0; word < words; word++)
            bits[word] = each ? bits[word] & part[word] : part[word];
    }
}

void rule_masks_list(const RuleList *list, const RuleOperand *columns, size_t count,
                     uint64_t bits[static RULE_MASK_WORDS]) {
    CHECK(count > 0 && count <= RULE_MASK_WINDOW, "masks are made of a window");
    size_t words = (count + RULE_MASK_BARS - 1) / RULE_MASK_BARS;
    memset(bits, 0, RULE_MASK_WORDS * sizeof *bits);
    for (unsigned each = 0; each < list->count; each++) {
        uint64_t part[RULE_MASK_WORDS];
        if (list->groups[each].count == 0) continue;
        group_bits(&list->groups[each], columns, words, part);
        for (size_t word = 0; word < words; word++)
            bits[word] |= part[word];
    }
    if (count % RULE_MASK_BARS) bits[words - 1] &= (1ULL << count % RULE_MASK_BARS) - 1;
}
