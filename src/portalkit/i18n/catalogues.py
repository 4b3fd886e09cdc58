"""Catalogues of kernel, plugins and host, merged into one for each language."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final, Protocol

from portalkit.i18n.locales import check_locales, folder_name
from portalkit.i18n.pofile import read_po
from portalkit.i18n.translator import Messages, Translator

__all__ = ("PluginFolder", "PluginFolders", "catalogue_files", "load_translations")

_KERNEL_FOLDER: Final = Path(str(files("portalkit"))) / "locale"
_DOMAIN: Final = "portalkit"


class PluginFolder(Protocol):
    """A plugin with the folder of its package; all that catalogues need to know of it."""

    @property
    def path(self) -> Path:
        """Folder of the plugin's package."""
        ...


class PluginFolders(Protocol):
    """What has loaded plugins, in load order."""

    @property
    def plugins(self) -> Mapping[str, PluginFolder]:
        """Plugins by name."""
        ...


def load_translations(
    registry: PluginFolders, locales: Sequence[str], *, host_dir: Path | None = None
) -> Mapping[str, Translator]:
    """Read the catalogues of all languages: the kernel's, then the plugins', then the host's.

    Later ones win, so a host can call things as its trade does. A language without any
    catalogue is served with its own formats and English texts.

    Args:
        registry: The loaded plugins; each may have a ``locale`` folder in its package.
        locales: Language tags, the default one first.
        host_dir: The host's folder of catalogues, ``<language>/LC_MESSAGES/*.po``.

    Raises:
        ConfigError: If a language is unknown or a file is no catalogue.
    """
    check_locales(locales)
    folders = [_KERNEL_FOLDER]
    folders += [plugin.path / "locale" for plugin in registry.plugins.values()]
    if host_dir is not None:
        folders.append(host_dir)
    return {tag: Translator(tag, _merged(folders, tag)) for tag in locales}


def catalogue_files(folder: Path, tag: str) -> list[Path]:
    """Return the catalogues of a language in a folder, the widest first.

    ``pt-BR`` takes what ``pt`` has and then its own. ``parts`` beside ``LC_MESSAGES`` holds
    texts that are not merged into the one file yet.
    """
    name = folder_name(tag)
    found: list[Path] = []
    for part in dict.fromkeys((name.partition("_")[0], name)):
        found += sorted((folder / part / "parts").glob("*.po"))
        found += sorted((folder / part / "LC_MESSAGES").glob("*.po"))
    return found


def _merged(folders: Iterable[Path], tag: str) -> Messages:
    messages: Messages = {}
    for folder in folders:
        for path in catalogue_files(folder, tag):
            entries, rule = read_po(path)
            for entry in entries:
                if entry.is_translated:
                    forms = tuple(entry.forms[index] for index in sorted(entry.forms))
                    messages[entry.context, entry.message] = (forms, rule)
    return messages
