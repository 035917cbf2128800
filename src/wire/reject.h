/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_REJECT_H
#define WIRE_REJECT_H

/*
 * Why a job was rejected: a list of problems, each with a code, the key it
 * stands under and the byte it stands at.
 *
 * What the pre-scan finds ends the reading of a job, for nothing behind it can
 * be trusted. What the decoder finds is collected: a producer learns all of it
 * at once, up to WIRE_PROBLEMS_MAX; `more` counts the rest.
 */

#include "wire/buffer.h"

/* X(name, spelling in messages, sentence in English, in Chinese). Spellings
 * are stable: clients compare them. */
#define WIRE_REJECT_LIST(X)                                                    \
  X(TRUNCATED, "truncated", "the message ends inside a value",                 \
    "消息在一个值的中间结束")                                                  \
  X(OVERSIZED, "oversized", "the message is larger than allowed",              \
    "消息超过允许的大小")                                                      \
  X(TOO_DEEP, "too_deep", "nested more deeply than allowed",                   \
    "嵌套层数超过允许的深度")                                                  \
  X(FALSE_COUNT, "false_count",                                                \
    "declares more elements or bytes than the message holds",                  \
    "声明的元素或字节数多于消息实际所有")                                      \
  X(TOO_MANY_KEYS, "too_many_keys", "more keys in one map than allowed",       \
    "一个映射中的键过多")                                                      \
  X(DUPLICATE_KEY, "duplicate_key", "the key stands twice in one map",         \
    "同一映射中键重复")                                                        \
  X(INVALID_UTF8, "invalid_utf8", "the text is not valid UTF-8",               \
    "文本不是有效的 UTF-8")                                                    \
  X(TRAILING_BYTES, "trailing_bytes", "bytes stand behind the end of the job", \
    "任务之后还有多余字节")                                                    \
  X(BAD_BYTE, "bad_byte", "a type that a job cannot hold (ext, reserved)",     \
    "任务中不允许的类型（扩展类型或保留字节）")                                \
  X(BAD_JSON, "bad_json", "the text is not valid JSON", "文本不是有效的 JSON") \
  X(WRONG_TYPE, "wrong_type", "the value has the wrong type", "值的类型不对")  \
  X(UNKNOWN_KEY, "unknown_key",                                                \
    "no such key here (a key of your own begins with x_)",                     \
    "未知的键（自定义的键须以 x_ 开头）")                                      \
  X(MISSING_KEY, "missing_key", "a required key is missing", "缺少必需的键")   \
  X(OUT_OF_RANGE, "out_of_range", "the number is outside its range",           \
    "数值超出范围")                                                            \
  X(NOT_FINITE, "not_finite", "the number is not finite",                      \
    "数值不是有限数（NaN 或无穷大）")                                          \
  X(BAD_NUMBER, "bad_number", "the text is not a decimal number",              \
    "文本不是十进制数")                                                        \
  X(TOO_LONG, "too_long", "the text or the list is too long",                  \
    "文本或列表过长")                                                          \
  X(EMPTY_TEXT, "empty_text", "the text is empty", "文本为空")                 \
  X(EMPTY_ARRAY, "empty_array", "the list is empty", "列表为空")               \
  X(BAD_TEXT, "bad_text", "the text is not of the expected form",              \
    "文本格式不正确")                                                          \
  X(NOT_ALLOWED, "not_allowed", "the value is not one of those allowed",       \
    "值不在允许的范围之内")                                                    \
  X(BAD_VERSION, "bad_version", "a job of a version that is not known",        \
    "任务版本不支持")                                                          \
  X(BAD_KIND, "bad_kind", "a job of a kind that is not known",                 \
    "任务类型不支持")                                                          \
  X(UNKNOWN_RULESET, "unknown_ruleset",                                        \
    "no such ruleset, or none for this division and year",                     \
    "没有此规则集，或该区划和年度未配置规则集")                                \
  X(NO_MEMORY, "no_memory", "the job needs more memory than allowed",          \
    "任务所需内存超过允许值")                                                  \
  X(STORE_DAMAGED, "store_damaged",                                            \
    "what is stored of this division and year is damaged: evalctl verify "     \
    "--repair mends it, then evalctl rejects --requeue all --code "            \
    "store_damaged",                                                           \
    "该区划和年度的存储内容已损坏：先运行 evalctl verify "   \
    "--repair，再运行 evalctl rejects --requeue all --code store_damaged")

enum wire_reject {
#define X(name, spelling, en, zh) WIRE_REJECT_##name,
  WIRE_REJECT_LIST(X)
#undef X
      WIRE_REJECT_COUNT
};

/* What would have been allowed: X(name, in English, in Chinese). NOTHING where
 * the code says it all. */
#define WIRE_EXPECTED_LIST(X)                                                  \
  X(NOTHING, "", "")                                                           \
  X(KEYS, "64", "64")                                                          \
  X(MAP, "map", "映射")                                                        \
  X(ARRAY, "array", "数组")                                                    \
  X(TEXT, "str", "文本")                                                       \
  X(INTEGER, "int", "整数")                                                    \
  X(BOOL, "bool", "布尔值")                                                    \
  X(DECIMAL, "decimal text, int, float", "十进制文本、整数或浮点数")           \
  X(DECIMAL_RANGE, "±999999999999, 6 fractional digits",                       \
    "±999999999999 以内，最多 6 位小数")                                       \
  X(FEN, "≤ 2 fractional digits (元)", "以元为单位时最多 2 位小数")            \
  X(SUM, "what the sums of its division and department have room for",         \
    "不使所属区划或部门的合计超出 64 位整数")                                  \
  X(VERSION, "1", "1")                                                         \
  X(KIND, "evaluate, withdraw, recalculate",                                   \
    "evaluate、withdraw 或 recalculate")                                       \
  X(NAME, "1..64 characters", "1 至 64 个字符")                                \
  X(CODE, "1..40 characters", "1 至 40 个字符")                                \
  X(NO_CONTROLS, "no control characters", "不含控制字符")                      \
  X(DIVISION, "9 digits, str", "9 位数字的文本")                               \
  X(YEAR, "1994..2999", "1994 至 2999")                                        \
  X(REVISION, "≥ 1", "不小于 1")                                               \
  X(MONEY_UNIT, "万元, 元", "万元或元")                                        \
  X(OPERATOR, ">= > = < <= qualitative, 1..6",                                 \
    ">= > = < <= qualitative，或 1 至 6")                                      \
  X(ROWS, "1..512 rows", "1 至 512 行")                                        \
  X(CODES, "1..512 codes", "1 至 512 个项目代码")

enum wire_expected {
#define X(name, en, zh) WIRE_EXPECTED_##name,
  WIRE_EXPECTED_LIST(X)
#undef X
      WIRE_EXPECTED_COUNT
};

enum { WIRE_PROBLEMS_MAX = 32, WIRE_KEY_PATH = 96, WIRE_SENTENCE = 400 };

struct wire_problem {
  uint8_t code;              /* enum wire_reject */
  uint8_t expected;          /* enum wire_expected */
  size_t offset;             /* of the byte in the message, from 0 */
  char key[WIRE_KEY_PATH];   /* "funds.total.budget"; "" at the top */
  struct evald_text printed; /* the value where it is a text; in the frame */
};

/* Only items[0..count) are set: init costs two stores, not three kilobytes. */
struct wire_rejects {
  size_t count;
  size_t more;
  struct wire_problem items[WIRE_PROBLEMS_MAX];
};

void wire_rejects_init(struct wire_rejects *rejects);

/* Appends a problem, cut to its fields' room; past the last place it is only
 * counted. `printed` may be absent. */
void wire_reject_add(struct wire_rejects *rejects, struct wire_problem problem);

/* A problem with code, key and offset, for those who add one by hand. */
struct wire_problem wire_problem_of(enum wire_reject code, const char *key,
                                    size_t offset);

/* "wrong_type"; and back: WIRE_REJECT_COUNT for a spelling that none has. */
const char *wire_reject_name(enum wire_reject code);
enum wire_reject wire_reject_named(struct evald_text spelling);
const char *wire_reject_text(enum wire_reject code, int chinese);

/* "1..64 characters"; empty of NOTHING. */
const char *wire_expected_text(enum wire_expected expected, int chinese);

/* "funds.total.budget: 数值超出范围（1e99；允许 …），字节 118". Terminated, cut
 * at a character boundary. Returns the length. */
size_t wire_problem_sentence(const struct wire_problem *problem, int chinese,
                             char *out, size_t size);

/* All sentences with "; " between them, as far as there is room: what a fault
 * says of a rejected job. */
size_t wire_rejects_sentence(const struct wire_rejects *rejects, int chinese,
                             char *out, size_t size);

/* [{code, key, offset, text}, …], text in Chinese: as `reject.<source>`
 * carries them and as they lie in the rejects stream. */
void wire_rejects_encode(const struct wire_rejects *rejects,
                         struct wire_buffer *out);

/* Reads that array back (evalctl rejects). The key and the sentence of each
 * problem are kept as far as they fit; `printed` is the sentence as stored. */
enum evald_status wire_rejects_decode(struct wire_bytes bytes,
                                      struct wire_rejects *out);

#endif
