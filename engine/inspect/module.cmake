# More test programs of inspect, by subject: none needs a game that runs.
if(TARGET inspect_test)
  foreach(subject time crash)
    add_executable(inspect_${subject}_test inspect/inspect_${subject}_test.c)
    target_link_libraries(inspect_${subject}_test PRIVATE inspect hl_flags PkgConfig::cmocka m)
    add_test(NAME inspect_${subject} COMMAND inspect_${subject}_test)
  endforeach()
  add_executable(inspect_shots_test inspect/inspect_shots_test.c)
  target_link_libraries(inspect_shots_test PRIVATE
    inspect platform asset hl_flags PkgConfig::cmocka m)
  target_compile_definitions(inspect_shots_test PRIVATE
    TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}" TEST_BUILD_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME inspect_shots COMMAND inspect_shots_test)
endif()
