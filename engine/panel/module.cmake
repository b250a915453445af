# panel_test loads a library of its own; what a panel looks like is drawn by platform, in software,
# and compared with the pictures in shots/.
if(TARGET panel_test)
  target_link_libraries(panel_test PRIVATE ${CMAKE_DL_LIBS} m)
  add_executable(panel_shots_test panel/panel_shots_test.c)
  target_link_libraries(panel_shots_test PRIVATE
    panel platform asset hl_flags PkgConfig::cmocka ${CMAKE_DL_LIBS} m)
  target_compile_definitions(panel_shots_test PRIVATE
    TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}" TEST_BUILD_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME panel_shots COMMAND panel_shots_test)
endif()
