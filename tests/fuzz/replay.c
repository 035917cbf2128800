/* SPDX-License-Identifier: Apache-2.0 */
/* Runs every file of the folders named through a fuzz target: what a fuzzer
 * found once is tried in every test run, without a fuzzer. */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>

static int replay_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return -1;
  (void)fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  /* Exactly as large as the input, so that a sanitizer sees any step past it.
   */
  uint8_t *data = size >= 0 ? malloc(size ? (size_t)size : 1) : NULL;
  int status = -1;
  if (data && fread(data, 1, (size_t)size, file) == (size_t)size) {
    (void)LLVMFuzzerTestOneInput(data, (size_t)size);
    status = 0;
  }
  free(data);
  (void)fclose(file);
  return status;
}

static int replay_folder(const char *folder, size_t *count) {
  DIR *dir = opendir(folder);
  if (!dir) return -1;
  int status = 0;
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (replay_file(path) != 0) status = -1;
    (*count)++;
  }
  (void)closedir(dir);
  return status;
}

int main(int argc, char **argv) {
  size_t count = 0;
  for (int i = 1; i < argc; i++) {
    if (replay_folder(argv[i], &count) != 0) {
      (void)fprintf(stderr, "cannot read %s\n", argv[i]);
      return 1;
    }
  }
  (void)printf("%zu inputs\n", count);
  return count > 0 ? 0 : 1;
}
