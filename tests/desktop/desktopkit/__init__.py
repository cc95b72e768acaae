# SPDX-License-Identifier: GPL-2.0-or-later
"""An Xfce desktop under Xvfb, for programs that watch and click as a person would."""

from .desktop import Desktop
from .look import Look
from .programs import Applet, Qubesd
from .session import Programs, Session, SessionError, until
from .tree import Node, Tree

__all__ = [
    "Applet",
    "Desktop",
    "Look",
    "Node",
    "Programs",
    "Qubesd",
    "Session",
    "SessionError",
    "Tree",
    "until",
]
