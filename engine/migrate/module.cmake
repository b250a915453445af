# Random edits of random structs against what the compiler says (rounds/rounds.h); tools/test runs it for
# a minute with another seed each day.
file(GLOB rounds_sources CONFIGURE_DEPENDS migrate/rounds/*.c)
add_executable(migrate_rounds ${rounds_sources})
target_include_directories(migrate_rounds PRIVATE migrate/rounds)
target_link_libraries(migrate_rounds PRIVATE migrate hl_flags ${CMAKE_DL_LIBS})
add_test(NAME migrate_rounds COMMAND migrate_rounds --rounds 400)
