"""What a rendered document depends on besides its own content."""

import hashlib
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

from jinja2 import Environment, TemplateNotFound, meta

from portalkit.i18n import Translator

__all__ = ("template_version",)

_STATIC: Final = Path(str(files("portalkit"))) / "static"
_DISTRIBUTIONS: Final = ("portalkit-core", "weasyprint", "pydyf", "segno", "babel")


def template_version(environment: Environment, name: str, translator: Translator) -> str:
    """Return a hash of all that decides how a template looks: a change makes PDFs anew.

    It covers the template and what it extends, includes or imports (whichever layers they
    come from), the sheet's stylesheet, the texts of the language, and the programs' versions.
    A template that is only named at run time cannot be followed.

    Raises:
        TemplateNotFound: If there is no such template.
    """
    digest = hashlib.sha256()
    for template, source in sorted(_sources(environment, name).items()):
        digest.update(f"{template}\0{source}\0".encode())
    digest.update((_STATIC / "sheet.css").read_bytes())
    digest.update(translator.digest.encode())
    for distribution in _DISTRIBUTIONS:
        digest.update(f"{distribution}={version(distribution)}\0".encode())
    return digest.hexdigest()


def _sources(environment: Environment, name: str) -> dict[str, str]:
    """Return the source of a template and of everything it names, by inner name."""
    loader = environment.loader
    if loader is None:
        raise TemplateNotFound(name)
    found: dict[str, str] = {}
    waiting = [name]
    while waiting:
        template = waiting.pop()
        if template in found:
            continue
        found[template] = loader.get_source(environment, template)[0]
        named = meta.find_referenced_templates(environment.parse(found[template]))
        waiting += [environment.join_path(other, template) for other in named if other]
    return found
