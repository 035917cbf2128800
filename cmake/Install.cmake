# SPDX-License-Identifier: Apache-2.0
# What is installed besides the programs, which install themselves: libevald
# with its headers, pkg-config file and CMake package, and the rulesets.
include(CMakePackageConfigHelpers)

install(DIRECTORY include/evald DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")
install(DIRECTORY config/rulesets DESTINATION ${CMAKE_INSTALL_DATADIR}/evald
  FILES_MATCHING PATTERN "*.yaml")

install(TARGETS evald_shared evald_static evald_client_shared
  evald_client_static EXPORT evald-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
set(EVALD_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/evald)
install(EXPORT evald-targets NAMESPACE evald::
  DESTINATION ${EVALD_PACKAGE_DIR})

configure_package_config_file(src/lib/evald-config.cmake.in
  evald-config.cmake INSTALL_DESTINATION ${EVALD_PACKAGE_DIR}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/evald-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/evald-config.cmake
  ${PROJECT_BINARY_DIR}/evald-config-version.cmake
  DESTINATION ${EVALD_PACKAGE_DIR})

# Relative to itself, so that a moved tree still works.
file(RELATIVE_PATH EVALD_PC_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" EVALD_PC_UP "${EVALD_PC_UP}")
configure_file(src/lib/evald.pc.in evald.pc @ONLY)
configure_file(src/client/evald-client.pc.in evald-client.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/evald.pc ${PROJECT_BINARY_DIR}/evald-client.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
