# SPDX-License-Identifier: Apache-2.0
# Warnings, sanitizers and hardening, for every target of the project.
add_compile_options(
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wvla -Wundef -Wformat=2 -Wswitch-enum -Wcast-qual -Wpointer-arith
  -Wwrite-strings -Wno-missing-field-initializers)
if(EVALD_WERROR)
  add_compile_options(-Werror)
endif()
add_compile_definitions(_POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
if(EVALD_SANITIZE)
  add_compile_options(-fsanitize=${EVALD_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${EVALD_SANITIZE})
else()
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>
    -fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(EVALD_FUZZ) # what the fuzzer is to see; it is linked to its targets only
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
if(EVALD_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
