# SPDX-License-Identifier: GPL-2.0-or-later
# The packages: `cmake --workflow --preset packages` makes .deb and .rpm of both programs, with their symbols apart.
# Every package is a component of the install. Same sources, same compiler, same bytes: the preset sets
# SOURCE_DATE_EPOCH and the build leaves out its own paths.
set(CPACK_PACKAGE_VENDOR "Qubes USB applet")
set(CPACK_PACKAGE_CONTACT "The Qubes USB applet authors <qubes-devel@googlegroups.com>")
set(CPACK_PACKAGE_HOMEPAGE_URL "https://www.qubes-os.org/doc/how-to-use-usb-devices/")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own; this would become its first line
# Services and units name programs by their full paths, so a package is for the prefix that was configured.
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_COMPONENTS_ALL)
if(BUILD_ENGINE)
    list(APPEND CPACK_COMPONENTS_ALL engine)
endif()
if(BUILD_APPLET)
    list(APPEND CPACK_COMPONENTS_ALL applet)
endif()
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_THREADS 0)

set(ENGINE_SUMMARY "USB devices between qubes: the services in each qube")
set(ENGINE_TEXT "Passes USB devices from the qube that has the USB controllers to other
qubes, by USB/IP over qrexec: the services qubes.USB, qubes.USBAttach and
qubes.USBDetach. Replaces the scripts of qubes-usb-proxy, and works with
them at the other end.")
set(APPLET_SUMMARY "USB devices between qubes: tray applet")
set(APPLET_TEXT "An icon in the tray of dom0 or of a GUI domain that shows the USB devices
of all qubes, attaches, detaches and moves them by a click, and tells what
happens. It speaks the Admin API and needs no privileges of its own.")

# deb

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_ENGINE_PACKAGE_NAME qubes-usb-engine)
set(CPACK_DEBIAN_ENGINE_DESCRIPTION "${ENGINE_SUMMARY}\n${ENGINE_TEXT}")
# libudev is loaded when it is needed, which no tool sees.
set(CPACK_DEBIAN_ENGINE_PACKAGE_DEPENDS "kmod, libudev1")
set(CPACK_DEBIAN_ENGINE_PACKAGE_RECOMMENDS "udev, qubes-core-qrexec | qubes-core-agent-qrexec")
set(CPACK_DEBIAN_ENGINE_PACKAGE_SUGGESTS usbguard)
set(CPACK_DEBIAN_ENGINE_PACKAGE_PROVIDES qubes-usb-proxy)
set(CPACK_DEBIAN_ENGINE_PACKAGE_CONFLICTS qubes-usb-proxy)
set(CPACK_DEBIAN_ENGINE_PACKAGE_REPLACES qubes-usb-proxy)
set(CPACK_DEBIAN_APPLET_PACKAGE_NAME qubes-usb-applet)
set(CPACK_DEBIAN_APPLET_DESCRIPTION "${APPLET_SUMMARY}\n${APPLET_TEXT}")
# Icons of themes are SVG. The plugin that reads them was part of the library up to Debian 12.
set(CPACK_DEBIAN_APPLET_PACKAGE_DEPENDS "libqt6svg6 (<< 6.7) | qt6-svg-plugins")
set(CPACK_DEBIAN_APPLET_PACKAGE_RECOMMENDS "udev, dbus-user-session | dbus-session-bus, xdg-utils, qt6-translations-l10n")

# Files below /etc (or what it is with this prefix) are people's to change.
function(conffiles component)
    list(TRANSFORM ARGN PREPEND "${CMAKE_INSTALL_FULL_SYSCONFDIR}/")
    string(JOIN "\n" lines ${ARGN} "")
    file(WRITE ${PROJECT_BINARY_DIR}/packages/${component}/conffiles "${lines}")
    string(TOUPPER ${component} upper)
    set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/packages/${component}/conffiles PARENT_SCOPE)
    list(TRANSFORM ARGN PREPEND "%config(noreplace) ")
    set(CPACK_RPM_${component}_USER_FILELIST ${ARGN} PARENT_SCOPE)
endfunction()
conffiles(engine
    qubes-rpc/qubes.USB qubes-rpc/qubes.USBAttach qubes-rpc/qubes.USBDetach
    qubes/rpc-config/qubes.USB qubes/rpc-config/qubes.USBAttach qubes/rpc-config/qubes.USBDetach
    qubes/suspend-pre.d/usb-detach-all.sh qubes/suspend-post.d/usb-resume.sh)
conffiles(applet xdg/autostart/org.qubes.UsbApplet.desktop)

# What Debian wants to find beside a program: who made it, and what changed.
find_program(GZIP gzip)
string(TIMESTAMP changed "%a, %d %b %Y %H:%M:%S +0000" UTC)
foreach(component IN ITEMS engine applet)
    set(package qubes-usb-${component})
    set(folder ${PROJECT_BINARY_DIR}/packages/${component})
    file(WRITE ${folder}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: qubes-usb
Source: ${CPACK_PACKAGE_HOMEPAGE_URL}

Files: *
Copyright: 2026 The Qubes USB applet authors
License: GPL-2+
 On Debian systems, the text of version 2 of the GNU General Public License
 is in /usr/share/common-licenses/GPL-2.
")
    file(WRITE ${folder}/changelog.Debian "${package} (${PROJECT_VERSION}-1) unstable; urgency=medium

  * See changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${changed}
")
    configure_file(CHANGELOG.md ${folder}/changelog COPYONLY)
    if(GZIP)
        execute_process(COMMAND ${GZIP} -9nf ${folder}/changelog.Debian ${folder}/changelog)
        install(FILES ${folder}/copyright ${folder}/changelog.Debian.gz ${folder}/changelog.gz
            DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package} COMPONENT ${component} EXCLUDE_FROM_ALL)
    endif()
endforeach()
# Manual pages are compressed in packages only.
file(WRITE ${PROJECT_BINARY_DIR}/packages/compress.cmake [[
file(GLOB_RECURSE pages ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*.[1-8])
list(FILTER pages INCLUDE REGEX "/share/man/")
foreach(page IN LISTS pages)
    execute_process(COMMAND gzip -9nf ${page} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
]])
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_BINARY_DIR}/packages/compress.cmake)

# The sums in CPack 3.25's packages of symbols name files by their full path: useless, and it tells where it was built.
file(WRITE ${PROJECT_BINARY_DIR}/packages/relative-sums.cmake [[
foreach(package IN LISTS CPACK_PACKAGE_FILES)
    if(NOT package MATCHES "[.]ddeb$")
        continue()
    endif()
    set(tree ${package}.tree)
    execute_process(COMMAND dpkg-deb -R ${package} ${tree} COMMAND_ERROR_IS_FATAL ANY)
    file(READ ${tree}/DEBIAN/md5sums sums)
    string(REGEX REPLACE "  [^\n]*-dbgsym/usr/" "  usr/" sums "${sums}")
    file(WRITE ${tree}/DEBIAN/md5sums "${sums}")
    execute_process(COMMAND dpkg-deb --root-owner-group -Zxz -b ${tree} ${package}
        OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE_RECURSE ${tree})
endforeach()
]])
set(CPACK_POST_BUILD_SCRIPTS ${PROJECT_BINARY_DIR}/packages/relative-sums.cmake)

# rpm

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELEASE 1)
set(CPACK_RPM_PACKAGE_LICENSE GPL-2.0-or-later)
set(CPACK_RPM_PACKAGE_GROUP Qubes)
set(CPACK_RPM_PACKAGE_URL ${CPACK_PACKAGE_HOMEPAGE_URL})
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_engine_PACKAGE_NAME qubes-usb-engine)
set(CPACK_RPM_engine_PACKAGE_SUMMARY ${ENGINE_SUMMARY})
set(CPACK_RPM_engine_PACKAGE_DESCRIPTION ${ENGINE_TEXT})
set(CPACK_RPM_engine_PACKAGE_REQUIRES "kmod, systemd-libs")
set(CPACK_RPM_engine_PACKAGE_PROVIDES "qubes-usb-proxy = 2:${PROJECT_VERSION}")
set(CPACK_RPM_engine_PACKAGE_CONFLICTS "qubes-usb-proxy < 2:0")
set(CPACK_RPM_engine_PACKAGE_OBSOLETES "qubes-usb-proxy < 2:0")
set(CPACK_RPM_applet_PACKAGE_NAME qubes-usb-applet)
set(CPACK_RPM_applet_PACKAGE_SUMMARY ${APPLET_SUMMARY})
set(CPACK_RPM_applet_PACKAGE_DESCRIPTION ${APPLET_TEXT})
set(CPACK_RPM_applet_PACKAGE_SUGGESTS "qt6-qttranslations")
# Folders of the system are not ours.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /etc/qubes /etc/qubes-rpc /etc/qubes/rpc-config /etc/qubes/suspend-pre.d /etc/qubes/suspend-post.d /etc/xdg /etc/xdg/autostart
    /usr/lib/qubes /usr/lib/udev /usr/lib/udev/rules.d /usr/lib/systemd /usr/lib/systemd/user
    /usr/share/applications /usr/share/dbus-1 /usr/share/dbus-1/services /usr/share/icons /usr/share/icons/hicolor
    /usr/share/icons/hicolor/scalable /usr/share/icons/hicolor/scalable/apps /usr/share/icons/hicolor/scalable/devices
    /usr/share/icons/hicolor/symbolic /usr/share/icons/hicolor/symbolic/apps /usr/share/man /usr/share/man/man1
    /usr/share/man/man8 /usr/share/metainfo)
# For rpmbuild: nothing of this machine and moment.
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _buildhost reproducible
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1
%define _build_id_links none")

# CPack makes packages of symbols for .deb; for .rpm it wants the folder of the sources in the binaries, which would tell
# where they were built. So the symbols are components of their own, for .rpm only: files where gdb looks by build ID.
foreach(component IN ITEMS engine applet)
    set(CPACK_RPM_${component}-debuginfo_PACKAGE_NAME qubes-usb-${component}-debuginfo)
    set(CPACK_RPM_${component}-debuginfo_PACKAGE_SUMMARY "Debug symbols of qubes-usb-${component}")
    set(CPACK_RPM_${component}-debuginfo_PACKAGE_DESCRIPTION "What a debugger needs to name the places in qubes-usb-${component}.")
    set(CPACK_RPM_${component}-debuginfo_PACKAGE_AUTOREQ OFF)
    if(NOT TARGET qubes-usb-${component})
        continue()
    endif()
    install(CODE "set(program \"$<TARGET_FILE:qubes-usb-${component}>\")" COMPONENT ${component}-debuginfo EXCLUDE_FROM_ALL)
    install(CODE "set(objcopy \"${CMAKE_OBJCOPY}\")\nset(readelf \"${CMAKE_READELF}\")"
        COMPONENT ${component}-debuginfo EXCLUDE_FROM_ALL)
    install(CODE [[
        execute_process(COMMAND ${readelf} --notes ${program} OUTPUT_VARIABLE notes COMMAND_ERROR_IS_FATAL ANY)
        if(NOT notes MATCHES "Build ID: ([0-9a-f][0-9a-f])([0-9a-f]+)")
            message(FATAL_ERROR "${program} has no build ID")
        endif()
        set(folder "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/debug/.build-id/${CMAKE_MATCH_1}")
        file(MAKE_DIRECTORY ${folder})
        execute_process(COMMAND ${objcopy} --only-keep-debug --compress-debug-sections ${program}
            ${folder}/${CMAKE_MATCH_2}.debug COMMAND_ERROR_IS_FATAL ANY)
        file(CHMOD ${folder}/${CMAKE_MATCH_2}.debug PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    ]] COMPONENT ${component}-debuginfo EXCLUDE_FROM_ALL)
endforeach()
file(WRITE ${PROJECT_BINARY_DIR}/packages/generator.cmake [[
if(CPACK_GENERATOR STREQUAL "RPM")
    set(CPACK_STRIP_FILES ON)
    list(TRANSFORM CPACK_COMPONENTS_ALL APPEND "-debuginfo" OUTPUT_VARIABLE symbols)
    list(APPEND CPACK_COMPONENTS_ALL ${symbols})
endif()
]])
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_BINARY_DIR}/packages/generator.cmake)

include(CPack)
