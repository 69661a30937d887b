"""The two agent consoles, each as it is started on its system, with a browser that only writes down what it opens."""

import os
import pathlib
import struct

# Beside those that Wine is set up with.
FONTS = "fonts-wine fonts-roboto-unhinted fonts-wqy-microhei fonts-symbola"


class Linux:
    """The GTK program. FOLDER has agent-console; its settings and its browser are the test's own."""

    name = "linux"
    quit = "ctrl+q"
    counts_glyphs = True
    slow_start = 20

    def __init__(self, folder):
        self.folder = folder
        self.program = folder / "agent-console"
        self.opened = folder / "opened-link"
        browser = folder / "browser.sh"
        browser.write_text(f"""#!/bin/sh
printf '%s' "$1" > '{self.opened}.part'
mv '{self.opened}.part' '{self.opened}'
""")
        browser.chmod(0o755)
        settings = folder / "settings"
        for place in (settings / "gtk-3.0", folder / "data/applications"):
            place.mkdir(parents=True, exist_ok=True)
        (settings / "gtk-3.0/settings.ini").write_text("[Settings]\ngtk-font-name=Inter 10\n")
        # No frame around the window: nobody draws its shadow here.
        bare = "decoration { border: none; margin: 0; padding: 0; box-shadow: none; }\n"
        (settings / "gtk-3.0/gtk.css").write_text(bare)
        (settings / "mimeapps.list").write_text("[Default Applications]\nx-scheme-handler/http=test-browser.desktop\n")
        (folder / "data/applications/test-browser.desktop").write_text(
            f"[Desktop Entry]\nType=Application\nName=Test\nExec={browser} %u\nMimeType=x-scheme-handler/http;\n")

    def command(self, probe, refresh_ms, under=()):
        return [*under, str(self.program), "--probe", str(probe), "--refresh-ms", str(refresh_ms)]

    def environment(self, display):
        kept = {name: value for name, value in os.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
        if os.environ.get("FAULT_LIBRARY"):
            kept["LD_PRELOAD"] = os.environ["FAULT_LIBRARY"]
        # Neither the screen reader's bus nor the settings of who runs this.
        return kept | {"DISPLAY": display, "NO_AT_BRIDGE": "1", "GDK_BACKEND": "x11", "GTK_THEME": "Adwaita",
                       "GSETTINGS_BACKEND": "memory", "XDG_CONFIG_HOME": str(self.folder / "settings"),
                       "XDG_DATA_HOME": str(self.folder / "data"), "GTK_OVERLAY_SCROLLING": "1"}


class Windows:
    """The WinAPI program under Wine. FOLDER has agent-console.exe, upscope.dll and browser.exe."""

    name = "windows"
    quit = "alt+F4"
    counts_glyphs = False  # of linked fonts GDI does not tell
    slow_start = 90

    def __init__(self, folder):
        self.folder = folder
        self.program = folder / "agent-console.exe"
        self.opened = folder / "opened-link"
        # What Windows has by itself and Wine has not: a readable message font, and links from it to fonts with the
        # letters it lacks. Frames drawn by Windows, because no window manager runs here. And the browser.
        links = "wqy-microhei.ttc,WenQuanYi Micro Hei", "DejaVuSans.ttf,DejaVu Sans"
        (folder / "settings.reg").write_text(
            "Windows Registry Editor Version 5.00\r\n\r\n"
            "[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Windows NT\\CurrentVersion\\FontLink\\SystemLink]\r\n"
            f'"Roboto"=hex(7):{octets(chr(0).join(links) + chr(0) + chr(0))}\r\n\r\n'
            "[HKEY_CURRENT_USER\\Control Panel\\Desktop\\WindowMetrics]\r\n"
            f'"MessageFont"=hex:{font("Roboto", -12)}\r\n"CaptionFont"=hex:{font("Roboto", -12)}\r\n\r\n'
            # For "arab".
            '[HKEY_CURRENT_USER\\Software\\Wine\\Uniscribe\\Fallback]\r\n"62617261"="DejaVu Sans"\r\n\r\n'
            '[HKEY_CURRENT_USER\\Software\\Wine\\X11 Driver]\r\n"Managed"="N"\r\n\r\n'
            "[HKEY_CLASSES_ROOT\\http\\shell\\open\\command]\r\n"
            f'@="\\"{dos(folder / "browser.exe", True)}\\" \\"{dos(self.opened, True)}\\" \\"%1\\""\r\n',
            encoding="utf-16", newline="")

    def command(self, probe, refresh_ms, under=()):
        batch = self.folder / "run.bat"
        batch.write_text("@copy Z:\\usr\\share\\wine\\fonts\\marlett.ttf C:\\windows\\Fonts > nul\r\n"
                         f"@regedit /S {dos(self.folder / 'settings.reg')}\r\n"
                         f"@{dos(self.program)} --probe {dos(probe)} --refresh-ms {refresh_ms}\r\n"
                         "@exit %errorlevel%\r\n", newline="")
        return ["scripts/wine.sh", "i686", "cmd.exe", "/c", dos(batch)]

    def environment(self, display):
        return os.environ | {"DISPLAY": display, "WINE_PACKAGES": FONTS}


def dos(path, doubled=False):
    """A path as Windows programs have it under Wine."""
    return "Z:" + str(pathlib.Path(path).resolve()).replace("/", "\\\\" if doubled else "\\")


def octets(data):
    """As a .reg file writes them; text is UTF-16."""
    data = data.encode("utf-16-le") if isinstance(data, str) else data
    return ",".join(f"{byte:02x}" for byte in data)


def font(face, height):
    """A LOGFONTW."""
    return octets(struct.pack("<5i8B", height, 0, 0, 0, 400, *[0] * 8) + face.ljust(32, "\0").encode("utf-16-le"))
