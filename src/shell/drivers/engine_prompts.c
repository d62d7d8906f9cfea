/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's own prompts enter as inputs at the first turn of a start, where they are not in
 * the state yet: a start that changes nothing says nothing, so that a life with an interruption is
 * the same as one without.
 */
#include "core/analyst/analyst.h"
#include "shell/drivers/engine_parts.h"

static const char *wanted_text(const EnginePlan *plan, Prompt prompt) {
    for (unsigned i = 0; i < plan->prompt_count; i++)
        if (strcmp(plan->prompts[i].name, prompt_name(prompt)) == 0) return plan->prompts[i].text;
    return "";
}

bool engine_prompts_say(Engine *engine, int64_t time_us, Error *error) {
    const Analyst *analyst = kernel_service_state(engine->kernel, "ai_analyzer");
    if (engine->prompts_said || !analyst) return true;
    engine->prompts_said = true;
    for (Prompt prompt = 0; prompt < PROMPT_COUNT; prompt++) {
        PromptTemplate said = {0};
        const char *text = wanted_text(engine->plan, prompt);
        if (strcmp(analyst->calls.prompts[prompt], text) == 0) continue;
        memcpy(said.name, prompt_name(prompt), strlen(prompt_name(prompt)) + 1);
        memcpy(said.text, text, strlen(text) + 1);
        if (!kernel_input(engine->kernel, TOPIC_PROMPT_TEMPLATES, time_us, &said, error))
            return false;
    }
    return true;
}
