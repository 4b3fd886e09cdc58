"""What a browser is called, as far as it says so itself."""

import re
from typing import Final

import msgspec

from portalkit.model import LazyText, Text, lazy_gettext

__all__ = ("DeviceName", "device_name")

# The first that fits: most browsers also claim to be those further down.
_BROWSERS: Final = (
    ("Edg(?:e|A|iOS)?/", "Edge"),
    ("OPR/|Opera", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/|FxiOS/", "Firefox"),
    ("Chrome/|CriOS/|Chromium/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPad", "iPadOS", "device-tablet"),
    ("iPhone|iPod", "iOS", "device-mobile"),
    ("Android(?!.*Mobile)", "Android", "device-tablet"),
    ("Android", "Android", "device-mobile"),
    ("Windows", "Windows", "device-desktop"),
    ("Macintosh|Mac OS X", "macOS", "device-desktop"),
    ("CrOS", "ChromeOS", "device-desktop"),
    ("Linux|X11", "Linux", "device-desktop"),
)
_UNKNOWN: Final = lazy_gettext("Unknown browser")


class DeviceName(msgspec.Struct, frozen=True):
    """A name for people, and a symbol of the icon sprite."""

    text: Text
    icon: str = "device-desktop"


def device_name(user_agent: str) -> DeviceName:
    """Return what to call a browser: "Firefox on Windows"."""
    browser = next((name for what, name in _BROWSERS if re.search(what, user_agent)), None)
    found = ((name, icon) for what, name, icon in _SYSTEMS if re.search(what, user_agent))
    system, icon = next(found, (None, "device-desktop"))
    return DeviceName(_name(browser, system), icon)


def _name(browser: str | None, system: str | None) -> str | LazyText:
    match browser, system:
        case str(), str():
            return lazy_gettext("%(browser)s on %(system)s", browser=browser, system=system)
        case _:
            return browser or system or _UNKNOWN
