# More test programs of platform, by subject: each is linked as platform_test is.
if(TARGET platform_test)
  foreach(subject input offline release)
    add_executable(platform_${subject}_test platform/platform_${subject}_test.c)
    target_link_libraries(platform_${subject}_test PRIVATE
      platform hl_flags PkgConfig::cmocka ${SDL2} PkgConfig::sdl2_image PkgConfig::sdl2_mixer m)
    add_test(NAME platform_${subject} COMMAND platform_${subject}_test)
  endforeach()
endif()
