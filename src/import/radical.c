/* SPDX-License-Identifier: Apache-2.0 */
#include "import/radical.h"

#include <string.h>

/* By position: U+2F00 is the first. */
static const char characters[] =
    "一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十"
    "卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工"
    "己巾干幺广廴廾弋弓彐彡彳心戈戶手支攴文斗斤方无日"
    "曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉"
    "瓜瓦甘生用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸"
    "缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行"
    "衣襾見角言谷豆豕豸貝赤走足身車辛辰辵邑酉釆里金長"
    "門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯"
    "鬲鬼魚鳥鹵鹿麥麻黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠";

static bool radical(const unsigned char *p) {
  return p[0] == 0xE2 && (p[1] & 0xFC) == 0xBC &&
         ((p[1] & 3U) << 6 | (p[2] & 0x3FU)) < 214;
}

/* In valid UTF-8 a byte 0xE2 always begins a character of three bytes. */
static size_t find(struct evald_text text, size_t at) {
  const unsigned char *p = (const unsigned char *)text.data;
  for (; at + 2 < text.size; at++) {
    if (radical(p + at)) return at;
  }
  return text.size;
}

struct evald_text radical_replace(struct reader *r, struct evald_text text) {
  size_t at = find(text, 0);
  if (at == text.size) return text;
  char *copy = reader_take(r, text.size);
  if (!copy) return (struct evald_text){"", 0};
  memcpy(copy, text.data, text.size);
  for (; at < text.size; at = find(text, at + 3)) {
    const unsigned char *p = (const unsigned char *)text.data + at;
    size_t index = (p[1] & 3U) << 6 | (p[2] & 0x3FU);
    memcpy(copy + at, characters + 3 * index, 3);
  }
  return (struct evald_text){copy, text.size};
}
