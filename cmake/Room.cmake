# SPDX-License-Identifier: Apache-2.0
# A room is a folder of src/: every .c in it is one static library,
# evald_<name>, linked to its neighbours and to the libraries it may include.
#
#   evald_room(store ROOMS base LIBRARIES PkgConfig::HIREDIS)
#
# Who may include whom stands in tests/rooms/table.txt, and a test holds it.
function(evald_room name)
  cmake_parse_arguments(ARG "" "" "ROOMS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  list(FILTER sources EXCLUDE REGEX "/main\\.c$")
  add_library(evald_${name} STATIC ${sources})
  target_include_directories(evald_${name}
    PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM ARG_ROOMS PREPEND evald_)
  target_link_libraries(evald_${name} PUBLIC ${ARG_ROOMS}
    PRIVATE ${ARG_LIBRARIES})
endfunction()
