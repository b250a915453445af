# The tests look at what is made with what reads it: libdw, libunwind and the loader.
if(TARGET refit_test)
  foreach(test refit_debug refit_literals)
    add_executable(${test}_test refit/${test}_test.c)
    add_test(NAME ${test} COMMAND ${test}_test)
  endforeach()
  foreach(test refit_test refit_debug_test refit_literals_test)
    target_link_libraries(${test} PRIVATE refit hl_flags PkgConfig::cmocka PkgConfig::libelf
                          PkgConfig::libdw PkgConfig::libunwind ${CMAKE_DL_LIBS})
    target_compile_definitions(${test} PRIVATE TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  endforeach()
endif()
