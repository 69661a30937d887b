# For find_package(upscope) with CMAKE_PREFIX_PATH set to the unpacked archive. Defines the targets upscope::upscope (the
# DLL) and, for MinGW, upscope::upscope_static.

get_filename_component(_upscope_root "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

if(NOT TARGET upscope::upscope)
  add_library(upscope::upscope SHARED IMPORTED)
  set_target_properties(upscope::upscope PROPERTIES
    IMPORTED_LOCATION "${_upscope_root}/upscope.dll"
    INTERFACE_INCLUDE_DIRECTORIES "${_upscope_root}/include")
  if(MINGW)
    set_target_properties(upscope::upscope PROPERTIES IMPORTED_IMPLIB "${_upscope_root}/libupscope.dll.a")
  else()
    set_target_properties(upscope::upscope PROPERTIES IMPORTED_IMPLIB "${_upscope_root}/upscope.lib")
  endif()
endif()

# libupscope.a needs MinGW's C library.
if(MINGW AND NOT TARGET upscope::upscope_static)
  add_library(upscope::upscope_static STATIC IMPORTED)
  set_target_properties(upscope::upscope_static PROPERTIES
    IMPORTED_LOCATION "${_upscope_root}/libupscope.a"
    IMPORTED_LINK_INTERFACE_LANGUAGES "C"
    INTERFACE_INCLUDE_DIRECTORIES "${_upscope_root}/include"
    INTERFACE_LINK_LIBRARIES "ws2_32;crypt32;bcrypt;ntdll;userenv;advapi32")
endif()

unset(_upscope_root)
