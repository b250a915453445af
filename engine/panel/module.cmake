# panel_test loads a library of its own; what a panel looks like is drawn by platform, in software,
# and compared with the pictures in shots/.
if(TARGET panel_test)
  target_link_libraries(panel_test PRIVATE ${CMAKE_DL_LIBS} m)
endif()
