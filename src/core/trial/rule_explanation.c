/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/rule_explanation.h"

#include <math.h>
#include <string.h>

#include "core/bus/shape.h"
#include "core/trial/rule_text.h"

#define PLAYERS_MAX (PLAN_GROUPS_MAX * PLAN_CONDITIONS_MAX)
#define JUST_BEYOND 1e-12 /* of a value: a test asks for more or less, never for as much */

typedef struct Seen {
    double now[PLAN_COLUMNS_MAX], before[PLAN_COLUMNS_MAX];
} Seen;

/* The distinct conditions of a list that held, and its groups as sets of them. */
typedef struct Game {
    RuleCondition players[PLAYERS_MAX];
    unsigned player_count, group_count;
    uint32_t groups[PLAN_GROUPS_MAX]; /* bits of players; only groups that held */
} Game;

/* ---- who had a part in it ------------------------------------------------------------------ */

static unsigned player_of(Game *game, const RuleCondition *condition) {
    for (unsigned i = 0; i < game->player_count; i++) {
        const RuleCondition *player = &game->players[i];
        if (player->test == condition->test && player->left == condition->left &&
            player->right == condition->right)
            return i;
    }
    game->players[game->player_count] = *condition;
    return game->player_count++;
}

static bool group_holds(const RuleGroup *group, const Seen *seen) {
    for (unsigned i = 0; i < group->count; i++)
        if (!rule_condition_holds(&group->conditions[i], seen->now, seen->before)) return false;
    return group->count > 0;
}

static Game game_of(const RuleList *list, const Seen *seen) {
    Game game = {.player_count = 0};
    for (unsigned g = 0; g < list->count; g++) {
        const RuleGroup *group = &list->groups[g];
        if (!group_holds(group, seen)) continue;
        uint32_t *set = &game.groups[game.group_count++];
        for (unsigned i = 0; i < group->count; i++)
            *set |= 1u << player_of(&game, &group->conditions[i]);
    }
    return game;
}

/* Union of the groups in `chosen`, a set of groups. */
static unsigned union_size(const Game *game, unsigned chosen, uint32_t *players) {
    *players = 0;
    unsigned size = 0;
    for (unsigned g = 0; g < game->group_count; g++)
        if (chosen >> g & 1) *players |= game->groups[g];
    for (uint32_t rest = *players; rest; rest &= rest - 1)
        size++;
    return size;
}

/* The worth is the largest of the groups' unanimity games, by inclusion and exclusion a signed sum
 * of unanimity games of their unions, and in such a game the members share alike. */
static double share_of(const Game *game, unsigned player) {
    double share = 0;
    for (unsigned chosen = 1; chosen < 1u << game->group_count; chosen++) {
        uint32_t players;
        unsigned size = union_size(game, chosen, &players);
        bool odd = __builtin_popcount(chosen) & 1;
        if (players >> player & 1) share += (odd ? 1.0 : -1.0) / size;
    }
    return share;
}

/* ---- effects ------------------------------------------------------------------------------- */

static void name_condition(const StrategyPlan *plan, const RuleCondition *condition, Text *text) {
    RuleList alone = {.count = 1, .groups = {{.count = 1, .conditions = {*condition}}}};
    rule_text_list(text, plan, &alone);
    text_end(text);
}

static void add_conditions(const StrategyPlan *plan, const Game *game, const Seen *seen,
                           ExplainedSignal *explained) {
    for (unsigned i = 0; i < game->player_count; i++) {
        char memory[160];
        Text name = TEXT_IN(memory);
        name_condition(plan, &game->players[i], &name);
        explanation_add(explained, memory, "rules", seen->now[game->players[i].left],
                        explained->score * share_of(game, i));
    }
}

/* ---- turns --------------------------------------------------------------------------------- */

static bool decides_alike(const RuleAsk *ask, const Seen *seen) {
    bool leaves = rule_list_holds(&ask->plan->leave, seen->now, seen->before);
    if (ask->signal->decision == DECISION_SELL) return leaves;
    return rule_list_holds(&ask->plan->enter, seen->now, seen->before) && !leaves;
}

static double beyond(double level, bool above) {
    double step = level != 0 ? fabs(level) * JUST_BEYOND : JUST_BEYOND;
    return above ? level + step : level - step;
}

/* Of two turns of a column in one direction the nearer is the least change. */
static bool nearer_is_known(const ExplainedSignal *explained, const FlipPoint *flip) {
    for (unsigned i = 0; i < explained->flips_count; i++) {
        const FlipPoint *known = &explained->flips[i];
        if (strcmp(known->factor, flip->factor) == 0 && known->steps <= flip->steps &&
            (known->to > known->from) == (flip->to > flip->from))
            return true;
    }
    return false;
}

/* One side of a condition moved to the other, and just beyond where it is to hold. */
static void try_column(const RuleAsk *ask, const Seen *seen, uint8_t column, double to,
                       ExplainedSignal *explained) {
    if (ask->plan->columns[column].kind == COLUMN_CONSTANT || isnan(to)) return;
    Seen changed = *seen;
    changed.now[column] = to;
    if (isnan(seen->now[column]) || decides_alike(ask, &changed)) return;
    double moved = fabs(seen->now[column] - seen->before[column]);
    FlipPoint flip = {.from = seen->now[column], .to = to, .decision = DECISION_HOLD};
    flip.steps = fabs(to - flip.from) / (moved > 0 ? moved : fabs(flip.from));
    Text name = TEXT_IN(flip.factor);
    rule_text_column(&name, &ask->plan->columns[column]);
    text_end(&name);
    bool sound = flip.steps < 1e300; /* neither NaN nor infinity */
    if (sound && !nearer_is_known(explained, &flip)) explanation_add_flip(explained, &flip);
}

static void try_condition(const RuleAsk *ask, const Seen *seen, const RuleCondition *condition,
                          ExplainedSignal *explained) {
    bool upward = condition->test == TEST_ABOVE || condition->test == TEST_CROSSES_ABOVE;
    double left = seen->now[condition->left], right = seen->now[condition->right];
    if (rule_condition_holds(condition, seen->now, seen->before)) {
        try_column(ask, seen, condition->left, right, explained);
        try_column(ask, seen, condition->right, left, explained);
        return;
    }
    try_column(ask, seen, condition->left, beyond(right, upward), explained);
    try_column(ask, seen, condition->right, beyond(left, !upward), explained);
}

static void try_list(const RuleAsk *ask, const Seen *seen, const RuleList *list,
                     ExplainedSignal *explained) {
    Game distinct = {.player_count = 0};
    for (unsigned g = 0; g < list->count; g++)
        for (unsigned i = 0; i < list->groups[g].count; i++) {
            unsigned known = distinct.player_count;
            if (player_of(&distinct, &list->groups[g].conditions[i]) == known)
                try_condition(ask, seen, &list->groups[g].conditions[i], explained);
        }
}

/* ---- words --------------------------------------------------------------------------------- */

static void say(const RuleAsk *ask, const char *cause, ExplainedSignal *explained) {
    Explanation *words = &explained->explanation;
    const Signal *signal = ask->signal;
    Text summary = TEXT_IN(words->summary), technical = TEXT_IN(words->technical_factors);
    Text social = TEXT_IN(words->social_factors), risk = TEXT_IN(words->risk_assessment);
    text_format(&summary, "%s by %s: %s", Decision_text(signal->decision), ask->strategy->name,
                cause);
    if (explained->flips_count) {
        text_put(&summary, "; ");
        explanation_put_flip(&summary, &explained->flips[0]);
    }
    text_end(&summary);
    for (unsigned i = 0; i < explained->effects_count; i++)
        text_format(&technical, "%s%s", i ? ", " : "", explained->effects[i].factor);
    text_end(&technical);
    text_put(&social, ask->strategy->needs_social ? "Part of its rules" : "Not part of its rules");
    text_end(&social);
    text_put(&risk, RiskLevel_text(signal->risk_level));
    text_put(&risk, signal->stop_loss_fraction > 0 ? ": stop at " : ": no stop");
    if (signal->stop_loss_fraction > 0) text_fixed(&risk, signal->stop_loss_fraction * 100, 2);
    if (signal->stop_loss_fraction > 0) text_put(&risk, " % from the entry");
    text_end(&risk);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void take_values(const RuleInputs *inputs, Seen *seen) {
    for (unsigned i = 0; i < PLAN_COLUMNS_MAX; i++) {
        bool known = i < inputs->values_count;
        seen->now[i] = known ? inputs->values[i].now : (double)NAN;
        seen->before[i] = known ? inputs->values[i].before : (double)NAN;
    }
}

static void explain_rules(const RuleAsk *ask, const Seen *seen, ExplainedSignal *explained) {
    bool buys = ask->signal->decision == DECISION_BUY;
    Game game = game_of(buys ? &ask->plan->enter : &ask->plan->leave, seen);
    add_conditions(ask->plan, &game, seen, explained);
    try_list(ask, seen, &ask->plan->enter, explained);
    try_list(ask, seen, &ask->plan->leave, explained);
    say(ask, buys ? "its rules to enter hold" : "its rules to leave hold", explained);
}

void rule_explanation(const RuleAsk *ask, ExplainedSignal *explained) {
    const RuleInputs *inputs = ask->inputs;
    const StrategyPlan *plan = ask->plan;
    double score = ask->signal->decision == DECISION_SELL ? -1 : 1;
    Seen seen;
    explained->score = score;
    explained->recomputed = inputs != NULL;
    if (inputs) take_values(inputs, &seen);
    if (inputs && !ask->strategy->step && decides_alike(ask, &seen)) {
        explain_rules(ask, &seen, explained);
    } else if (inputs && inputs->open && plan->bars_max && inputs->bars_held >= plan->bars_max) {
        explanation_add(explained, "bars held", "rules", (double)inputs->bars_held, score);
        say(ask, "its longest time is up", explained);
    } else {
        explanation_add(explained, ask->strategy->name, "strategy", (double)NAN, score);
        say(ask, ask->strategy->sentence, explained);
    }
    explanation_settle(explained);
}
