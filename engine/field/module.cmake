# field_moved_test compiles two builds of a game's types.
if(TARGET field_test)
  add_executable(field_moved_test field/field_moved_test.c)
  target_link_libraries(field_moved_test PRIVATE field hl_flags PkgConfig::cmocka)
  add_test(NAME field_moved COMMAND field_moved_test)
endif()
