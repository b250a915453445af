# The built-in font: a small program of ours turns its drawing into a header, so a change to
# assets/font8x8.txt is seen in a diff as what it looks like.
add_executable(fontc ${PROJECT_SOURCE_DIR}/tools/fontc.c)
target_link_libraries(fontc PRIVATE hl_flags)
add_custom_command(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/draw_font_data.h
  COMMAND fontc ${PROJECT_SOURCE_DIR}/assets/font8x8.txt
          ${CMAKE_CURRENT_BINARY_DIR}/draw_font_data.h
  DEPENDS fontc ${PROJECT_SOURCE_DIR}/assets/font8x8.txt
  COMMENT "fontc: assets/font8x8.txt"
  VERBATIM)
target_sources(draw PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/draw_font_data.h)
target_include_directories(draw PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
