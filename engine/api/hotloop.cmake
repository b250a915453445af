# For games that are built with CMake:
#
#   include(/path/to/hotloop/engine/api/hotloop.cmake)
#   hl_add_game(mygame mygame.c hero.c)
#
# makes mygame.so with the flags that hotloop itself builds a game with, so that an IDE and hotloop
# build the same thing. Then either hotloop builds the folder (`hotloop run FOLDER`), or CMake does:
#
#   hotloop run --build 'cmake --build build' --so build/mygame.so
#
# The flags are those of engine/build/build_tools.c, BASE_FLAGS; build_lane_test compares them.
include_guard(GLOBAL)
include(CheckCCompilerFlag)

set(HOTLOOP_API_DIR "${CMAKE_CURRENT_LIST_DIR}")
function(hl_add_game name)
  add_library(${name} SHARED ${ARGN})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so" C_STANDARD 11 C_EXTENSIONS ON C_VISIBILITY_PRESET hidden
    POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${name} PRIVATE "${HOTLOOP_API_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE
    -O1 -g -pipe -ffp-contract=off -Wall -Wextra -Werror=incompatible-pointer-types
    -Werror=implicit-function-declaration -Werror=int-conversion -Werror=return-type
    -Werror=format)
  # Padding without garbage: the state's hash is the same at every optimisation level.
  check_c_compiler_flag(-ftrivial-auto-var-init=zero HOTLOOP_HAS_ZERO_INIT)
  if(HOTLOOP_HAS_ZERO_INIT)
    target_compile_options(${name} PRIVATE -ftrivial-auto-var-init=zero)
  endif()
  # A static that is only written, or only read, is a variable all the same: the next edit may want it.
  check_c_compiler_flag(-fno-ipa-reference-addressable HOTLOOP_HAS_NO_IPA_REFERENCE)
  if(HOTLOOP_HAS_NO_IPA_REFERENCE)
    target_compile_options(${name} PRIVATE -fno-ipa-reference-addressable)
  endif()
  target_link_options(${name} PRIVATE
    -Wl,-Bsymbolic -Wl,--build-id -Wl,--eh-frame-hdr -Wl,--hash-style=gnu)
  # The hl_ names stay open: the executable has them. (A library that needs libhotloop.so, the stub of
  # these names, would be bound to the stub.)
  target_link_libraries(${name} PRIVATE m)
endfunction()
