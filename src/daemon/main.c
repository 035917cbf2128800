/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "base/streams.h"
#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/options.h"
#include "daemon/setup.h"
#include "daemon/supervisor.h"
#include <stdio.h>
#include <stdlib.h>

/* Exit status: 0 fine, 1 it could not run, 2 the command line or the
 * configuration is not sound. */
enum { FINE = 0, FAILED = 1, UNSOUND = 2 };

static int refuse(const struct evald_fault *fault) {
  fprintf(stderr, "evald: %s%s%s\n", fault->place,
          *fault->place != '\0' ? ": " : "", fault->text);
  return UNSOUND;
}

static int print_config(void) {
  char *text = config_print();
  if (text == NULL) return FAILED;
  fputs(text, stdout);
  free(text);
  return FINE;
}

static int run(const struct config *config, const struct options *options,
               struct ruleset_set *rules, struct dev *dev) {
  struct store_options store = {0};
  struct evald_fault fault = {0};
  if (setup_store(config, &store, &fault) != EVALD_OK) {
    ruleset_set_unref(rules);
    return refuse(&fault);
  }
  if (options->check_config != NULL) {
    printf(_("the configuration and its rulesets are sound\n"));
    ruleset_set_unref(rules);
    return FINE;
  }
  return supervisor_run(config, &store, rules, dev);
}

static int prepare(struct config *config, const struct options *options) {
  struct evald_fault fault = {0};
  struct ruleset_set *rules = NULL;
  struct dev dev = {0};
  if (setup_config(options, config, &fault) != EVALD_OK ||
      setup_rules(config, &rules, &fault) != EVALD_OK)
    return refuse(&fault);
  log_init((enum log_level)config->log_level);
  int status = FAILED;
  if (options->dev == NULL || options->check_config != NULL ||
      dev_start(&dev, options->dev, config, &fault) == EVALD_OK) {
    status = run(config, options, rules, &dev);
  } else {
    ruleset_set_unref(rules);
    refuse(&fault);
  }
  dev_stop(&dev);
  return status;
}

static int command(int argc, char **argv) {
  struct options options;
  struct config config;
  if (!options_read(argc, argv, &options)) return UNSOUND;
  if (options.help != NULL) return options_print_help(), FINE;
  if (options.version != NULL) return puts("evald " EVALD_VERSION), FINE;
  if (options.print_config != NULL) return print_config();
  supervisor_block_signals();
  int status = prepare(&config, &options);
  config_fini(&config);
  return status;
}

int main(int argc, char **argv) {
  streams_open();
  i18n_init();
  int status = command(argc, argv);
  return streams_written() || status != FINE ? status : FAILED;
}
