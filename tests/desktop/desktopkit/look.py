# SPDX-License-Identifier: GPL-2.0-or-later
"""How the desktop looks: themes and language."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

GTK_SETTINGS = """\
[Settings]
gtk-theme-name={gtk}
gtk-icon-theme-name={icons}
gtk-font-name=DejaVu Sans 9
gtk-enable-animations=0
gtk-cursor-blink=0
"""

QT6CT = """\
[Appearance]
style=Fusion
icon_theme={icons}
custom_palette={custom}
color_scheme_path={colors}
standard_dialogs=default

[Fonts]
general="DejaVu Sans,9,-1,5,50,0,0,0,0,0"
"""


@dataclass(frozen=True)
class Look:
    gtk: str = "Greybird"
    icons: str = "elementary-xfce"
    #: colour scheme of qt6ct; none: the style's own
    colors: str = ""

    def write(self, config: Path) -> None:
        """Programs that start from now on look so."""
        (config / "gtk-3.0").mkdir(exist_ok=True)
        text = GTK_SETTINGS.format(gtk=self.gtk, icons=self.icons)
        (config / "gtk-3.0/settings.ini").write_text(text, encoding="utf-8")
        (config / "qt6ct").mkdir(exist_ok=True)
        colors = f"/usr/share/qt6ct/colors/{self.colors}.conf" if self.colors else ""
        text = QT6CT.format(icons=self.icons, custom=str(bool(colors)).lower(), colors=colors)
        (config / "qt6ct/qt6ct.conf").write_text(text, encoding="utf-8")


LIGHT = Look()
DARK = Look("Greybird-dark", "elementary-xfce-dark", "darker")
