# More test programs of inspect, by subject: neither needs a game that runs.
if(TARGET inspect_test)
  foreach(subject time crash)
    add_executable(inspect_${subject}_test inspect/inspect_${subject}_test.c)
    target_link_libraries(inspect_${subject}_test PRIVATE inspect hl_flags PkgConfig::cmocka m)
    add_test(NAME inspect_${subject} COMMAND inspect_${subject}_test)
  endforeach()
endif()
