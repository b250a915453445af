# The bar of time has a test program of its own: it needs no running game.
if(TARGET inspect_test)
  add_executable(inspect_time_test inspect/inspect_time_test.c)
  target_link_libraries(inspect_time_test PRIVATE inspect hl_flags PkgConfig::cmocka m)
  add_test(NAME inspect_time COMMAND inspect_time_test)
endif()
