/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/config/prompt_files.h"

#include <dirent.h>
#include <stdlib.h>

#include "shell/sys/files.h"

#define ENDING ".txt"

static Slice name_of(const char *file) {
    Slice name = slice_of(file);
    size_t ending = sizeof ENDING - 1;
    if (name.length <= ending || strcmp(file + name.length - ending, ENDING) != 0)
        return (Slice){0};
    return (Slice){file, name.length - ending};
}

/* A misspelt file would leave the built-in prompt in force. */
static bool refuse_name(const char *directory, const char *file, Error *error) {
    char memory[160], place[160];
    Text hint = TEXT_IN(memory), where = TEXT_IN(place);
    Prompt best = 0;
    for (Prompt prompt = 1; prompt < PROMPT_COUNT; prompt++)
        if (slice_distance(name_of(file), slice_of(prompt_name(prompt))) <
            slice_distance(name_of(file), slice_of(prompt_name(best))))
            best = prompt;
    text_format(&where, "%s/%s", directory, file);
    text_format(&hint, "the nearest name is %s" ENDING, prompt_name(best));
    return error_set(error, ERROR_CONFIG, "no prompt has this name", text_end(&where),
                     text_end(&hint));
}

static bool check_names(const char *directory, Error *error) {
    DIR *listing = opendir(directory);
    bool sound = true;
    if (!listing)
        return error_set(error, ERROR_CONFIG, "the directory of prompts cannot be read", directory,
                         "see openai.prompt_directory");
    for (struct dirent *entry; sound && (entry = readdir(listing));) {
        Slice name = name_of(entry->d_name);
        if (name.length > 0 && prompt_find(name) == PROMPT_COUNT)
            sound = refuse_name(directory, entry->d_name, error);
    }
    closedir(listing);
    return sound;
}

static bool read_one(const char *path, Prompt prompt, PromptTemplate *template, Error *error) {
    char *bytes = NULL;
    size_t length = 0;
    if (!files_read(path, PROMPT_MAX, &bytes, &length, error)) return false;
    bool sound = prompt_check(prompt, (Slice){bytes, length}, path, error);
    *template = (PromptTemplate){0};
    if (sound) {
        memcpy(template->name, prompt_name(prompt), strlen(prompt_name(prompt)) + 1);
        memcpy(template->text, bytes, length);
    }
    free(bytes);
    return sound;
}

bool prompt_files_read(const char *directory, PromptTemplate templates[static PROMPT_COUNT],
                       unsigned *count, Error *error) {
    *count = 0;
    if (!directory[0]) return true;
    if (!check_names(directory, error)) return false;
    for (Prompt prompt = 0; prompt < PROMPT_COUNT; prompt++) {
        char memory[400];
        Text path = TEXT_IN(memory);
        text_format(&path, "%s/%s" ENDING, directory, prompt_name(prompt));
        if (!files_exist(text_end(&path))) continue;
        if (!read_one(memory, prompt, &templates[*count], error)) return false;
        ++*count;
    }
    return *count > 0 ||
           error_set(error, ERROR_CONFIG, "the directory holds no prompt", directory,
                     "opportunity.txt, market.txt, risk.txt, bull.txt, bear.txt, judge.txt");
}
