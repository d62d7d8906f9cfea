/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/answer_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/digest.h"
#include "core/bus/codec.h"
#include "shell/sys/files.h"

#define SEAL_LINE  "{\"answer\":1,\"seal\":\"%s\"}\n"
#define SEAL_BYTES 87   /* of that line */
#define HEAD_BYTES 4096 /* the second line: a reply without its body has at most 1,500 bytes */
#define FILE_BYTES (sizeof(OutsideReply) + sizeof(OutsideRequest) + HEAD_BYTES)
#define PATH_BYTES 640

bool answer_hash_is_sound(const char *hash) {
    return strlen(hash) == 64 && strspn(hash, "0123456789abcdef") == 64;
}

static void path_of(const char *directory, const char *hash, char path[static PATH_BYTES]) {
    snprintf(path, PATH_BYTES, "%.500s/%.2s/%s.answer", directory, hash, hash);
}

static void seal_line(const char *bytes, size_t length, char line[static SEAL_BYTES + 1]) {
    uint8_t digest[SHA256_SIZE];
    char hex[65];
    Text text = TEXT_IN(hex);
    sha256_of(bytes, length, digest);
    text_hex(&text, digest, sizeof digest);
    snprintf(line, SEAL_BYTES + 1, SEAL_LINE, text_end(&text));
}

/* ---- reading ------------------------------------------------------------------------------- */

typedef struct Head {
    Slice hash;
    int64_t body, question;
    bool has_reply;
} Head;

static bool read_field(JsonReader *reader, Head *head, OutsideReply *reply) {
    Slice key = reader->slice;
    Error error;
    if (slice_is(key, "hash")) return json_take_string(reader, &head->hash);
    if (slice_is(key, "body")) return json_take_int(reader, &head->body);
    if (slice_is(key, "question")) return json_take_int(reader, &head->question);
    if (!slice_is(key, "reply")) return json_skip(reader);
    head->has_reply =
        codec_read_json(&message_shapes[MESSAGE_OUTSIDE_REPLY], reader, reply, &error);
    return head->has_reply;
}

static bool read_head(Slice line, Head *head, OutsideReply *reply) {
    JsonReader reader = json_reader(line);
    *head = (Head){.body = -1, .question = -1};
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return false;
    for (JsonToken token = json_next(&reader); token == JSON_KEY; token = json_next(&reader))
        if (!read_field(&reader, head, reply)) return false;
    return head->has_reply && head->body >= 0 && head->question >= 0;
}

/* The body stands behind the head's line and must end where the head says. */
static bool take_body(Slice rest, const Head *head, OutsideReply *reply) {
    if ((size_t)head->body >= sizeof reply->body || (size_t)head->body >= rest.length) return false;
    memcpy(reply->body, rest.at, (size_t)head->body);
    reply->body[head->body] = 0;
    return rest.length == (size_t)head->body + (size_t)head->question + 2;
}

static bool read_sound(const char *bytes, size_t length, const char *hash, OutsideReply *reply) {
    char seal[SEAL_BYTES + 1];
    Head head;
    if (length <= SEAL_BYTES) return false;
    const char *at = bytes + SEAL_BYTES, *end = bytes + length;
    seal_line(at, length - SEAL_BYTES, seal);
    if (memcmp(bytes, seal, SEAL_BYTES) != 0) return false;
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    if (!line_end) return false;
    return read_head((Slice){at, (size_t)(line_end - at)}, &head, reply) &&
           slice_is(head.hash, hash) &&
           take_body((Slice){line_end + 1, (size_t)(end - line_end - 1)}, &head, reply);
}

void answer_file_read(const char *directory, const char *hash, OutsideReply *reply, bool *found,
                      bool *damaged) {
    char path[PATH_BYTES], *bytes;
    size_t length;
    Error ignored; /* what cannot be read is as good as none */
    *found = *damaged = false;
    if (!answer_hash_is_sound(hash)) return;
    path_of(directory, hash, path);
    if (!files_exist(path)) return;
    *damaged = true;
    if (!files_read(path, FILE_BYTES, &bytes, &length, &ignored)) return;
    *found = read_sound(bytes, length, hash, reply);
    *damaged = !*found;
    free(bytes);
}

/* ---- writing ------------------------------------------------------------------------------- */

static void write_head(Text *text, const OutsideRequest *request, const OutsideReply *reply,
                       int64_t asked_us) {
    static _Thread_local OutsideReply bare;
    JsonWriter writer = json_writer(text);
    bare = *reply;
    bare.body[0] = 0;
    json_object_begin(&writer);
    json_key(&writer, "hash");
    json_string(&writer, request->content_hash);
    json_key(&writer, "asked");
    json_time(&writer, asked_us);
    json_key(&writer, "body");
    json_int(&writer, (int64_t)strlen(reply->body));
    json_key(&writer, "question");
    json_int(&writer, (int64_t)strlen(request->body));
    json_key(&writer, "reply");
    codec_write_json(&message_shapes[MESSAGE_OUTSIDE_REPLY], &bare, &writer);
    json_object_end(&writer);
    text_format(text, "\n%s\n%s\n", reply->body, request->body);
}

static bool make_place(const char *directory, const char *hash, char path[static PATH_BYTES],
                       Error *error) {
    snprintf(path, PATH_BYTES, "%.500s/%.2s", directory, hash);
    if (!files_make_directory(path, error)) return false;
    path_of(directory, hash, path);
    return true;
}

bool answer_file_write(const char *directory, const OutsideRequest *request,
                       const OutsideReply *reply, int64_t asked_us, Error *error) {
    char path[PATH_BYTES], seal[SEAL_BYTES + 1];
    if (!answer_hash_is_sound(request->content_hash))
        return error_set(error, ERROR_RANGE, "not the hash of a question", "answers", NULL);
    if (!make_place(directory, request->content_hash, path, error)) return false;
    char *bytes = malloc(SEAL_BYTES + FILE_BYTES);
    if (!bytes) return error_set(error, ERROR_LIMIT, "out of memory", "answers", NULL);
    Text text = text_in(bytes + SEAL_BYTES, FILE_BYTES);
    write_head(&text, request, reply, asked_us);
    text_end(&text);
    seal_line(text.at, text.length, seal);
    memcpy(bytes, seal, SEAL_BYTES);
    bool sound = !text.overflow || error_set(error, ERROR_LIMIT, "too long", "answers", NULL);
    sound = sound && files_write(path, bytes, SEAL_BYTES + text.length, 0600, error);
    free(bytes);
    return sound;
}
