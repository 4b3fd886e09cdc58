"""Static files of kernel and plugins, each under the hash of its content.

What may be served is an index made at the start, so a path in a request never reaches the
file system. Files never change under their address and are kept by browsers for a year.
"""

import asyncio
import gzip
import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import brotli
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.handlers import route
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_304_NOT_MODIFIED

from portalkit.errors import PluginLoadError
from portalkit.i18n.catalogues import PluginFolders
from portalkit.rendering.brand import brand_css, normalized_colour

__all__ = ("CORE", "StaticFile", "StaticFiles", "serve_static")

CORE: Final = "core"
"""Owner of the kernel's own files."""

_KERNEL_FOLDER: Final = Path(str(files("portalkit"))) / "static"
_TEXT_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
}
_BINARY_TYPES: Final = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
_TYPES: Final = _TEXT_TYPES | _BINARY_TYPES
_URL: Final = re.compile(r"""url\(\s*(["']?)([^"')]+)\1\s*\)""")
_FOREIGN: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|/|#")
_BRAND_NAME: Final = re.compile(r"brand-([0-9a-f]{6})\.css")
_MAX_BRANDS: Final = 256
_DIGEST_LENGTH: Final = 16
_MIN_COMPRESSED: Final = 256
_IMMUTABLE: Final = "public, max-age=31536000, immutable"


class StaticFile:
    """One file as it is sent; its compressed forms are made when they are first asked for."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content
        self.digest = hashlib.sha256(content).hexdigest()[:_DIGEST_LENGTH]
        suffix = posixpath.splitext(name)[1].lower()
        self.media_type = _TYPES[suffix]
        self._is_text = suffix in _TEXT_TYPES and len(content) >= _MIN_COMPRESSED
        self._encoded: dict[str, bytes] = {"identity": content}

    async def encoded(self, accepted: str) -> tuple[str, bytes]:
        """Return the best encoding that a browser accepts, and the bytes in it."""
        encoding = _encoding(accepted) if self._is_text else "identity"
        content = self._encoded.get(encoding)
        if content is None:
            # A stylesheet takes brotli a tenth of a second: not on the event loop.
            content = await asyncio.to_thread(_COMPRESS[encoding], self.content)
            self._encoded[encoding] = content
        return encoding, content


class StaticFiles:
    """All static files of kernel and plugins.

    Args:
        registry: The loaded plugins; each may have a ``static`` folder in its package.
        base_path: Path under which the portal is mounted, without a slash at its end.
        debug: Read files again when they change.

    Raises:
        PluginLoadError: If a stylesheet refers to a file that does not exist, or a file is
            of a kind that is not served.
    """

    def __init__(
        self, registry: PluginFolders, *, base_path: str = "", debug: bool = False
    ) -> None:
        self._base = f"{base_path}/-/static"
        self._is_debug = debug
        self._folders = {CORE: _KERNEL_FOLDER}
        for name, plugin in registry.plugins.items():
            self._folders[name] = plugin.path / "static"
        self._brands: dict[str, StaticFile] = {}
        self._files: Mapping[str, StaticFile] = {}
        self._urls: Mapping[str, str] = {}
        self._stamp: object = None
        self._read()

    def url(self, name: str) -> str:
        """Return the address of a file, for example of ``core/portal.css``.

        Raises:
            KeyError: If there is no such file.
        """
        self._refresh()
        return self._urls[name]

    def names(self) -> list[str]:
        """Return the names of all files, as ``owner/path``."""
        self._refresh()
        return sorted(self._files)

    def content(self, name: str) -> bytes:
        """Return the bytes of a file, for example to put a stylesheet into a PDF.

        Raises:
            KeyError: If there is no such file.
        """
        self._refresh()
        return self._files[name].content

    def brand_url(self, colour: str) -> str:
        """Return the address of a business's stylesheet.

        The address names the colour, so that every process can serve it without asking the
        database, and the hash of the content, so that it may be kept for ever.
        """
        return self._address(self._brand(normalized_colour(colour).removeprefix("#")))

    def find(self, owner: str, digest: str, path: str) -> StaticFile | None:
        """Return the file at an address, or ``None`` if nothing is served there."""
        self._refresh()
        file = self._files.get(f"{owner}/{path}")
        if file is None and owner == CORE and (match := _BRAND_NAME.fullmatch(path)):
            file = self._brand(match[1])
        return file if file is not None and file.digest == digest else None

    def _brand(self, colour: str) -> StaticFile:
        file = self._brands.get(colour)
        if file is None:
            if len(self._brands) >= _MAX_BRANDS:
                self._brands.clear()
            file = StaticFile(f"{CORE}/brand-{colour}.css", brand_css(f"#{colour}"))
            self._brands[colour] = file
        return file

    def _refresh(self) -> None:
        if self._is_debug:
            self._read()

    def _read(self) -> None:
        paths = {
            f"{owner}/{path.relative_to(folder).as_posix()}": path
            for owner, folder in self._folders.items()
            for path in _walk(folder)
        }
        stamp = {name: path.stat().st_mtime_ns for name, path in paths.items()}
        if stamp != self._stamp:
            self._files, self._stamp = _Index(paths).all(), stamp
            self._urls = {name: self._address(file) for name, file in self._files.items()}

    def _address(self, file: StaticFile) -> str:
        owner, _, path = file.name.partition("/")
        return f"{self._base}/{owner}/{file.digest}/{path}"


class _Index:
    """Files by name; stylesheets after what they refer to, since they carry its hash."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self._files: dict[str, StaticFile] = {}
        self._open: list[str] = []

    def all(self) -> Mapping[str, StaticFile]:
        return {name: self._file(name) for name in self._paths}

    def _file(self, name: str) -> StaticFile:
        if name in self._files:
            return self._files[name]
        owner = name.partition("/")[0]
        if posixpath.splitext(name)[1].lower() not in _TYPES:
            raise PluginLoadError(owner, f"static file {name!r} is of a kind that is not served")
        if name in self._open:
            raise PluginLoadError(owner, f"stylesheet {name!r} refers to itself")
        self._open.append(name)
        content = self._paths[name].read_bytes()
        if name.endswith(".css"):
            content = self._with_hashes(name, content.decode("utf-8")).encode()
        self._open.pop()
        self._files[name] = StaticFile(name, content)
        return self._files[name]

    def _with_hashes(self, name: str, text: str) -> str:
        owner, _, path = name.partition("/")
        # From the stylesheet's own folder up to where the hashes of this owner begin.
        up = "../" * (path.count("/") + 1)

        def replace(match: re.Match[str]) -> str:
            quote, address = match.groups()
            if _FOREIGN.match(address):
                return match[0]
            target, _, fragment = address.partition("#")
            joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            wanted = f"{owner}/{joined}"
            if wanted not in self._paths:
                raise PluginLoadError(owner, f"stylesheet {name!r} refers to missing {address!r}")
            place = f"{up}{self._file(wanted).digest}/{joined}"
            return f"url({quote}{place}{'#' + fragment if fragment else ''}{quote})"

        return _URL.sub(replace, text)


@route(
    "/-/static/{owner:str}/{digest:str}/{path:path}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    name="core:static",
    opt={"public": True, "anonymous": True},
    include_in_schema=False,
)
async def serve_static(
    *,
    request: Request[Any, Any, Any],
    static: NamedDependency[StaticFiles],
    owner: FromPath[str],
    digest: FromPath[str],
    path: FromPath[str],
) -> Response[bytes]:
    """Serve a static file, to everybody."""
    file = static.find(owner, digest, path.lstrip("/"))
    if file is None:
        raise NotFoundException
    return await _answer(file, request)


async def _answer(file: StaticFile, request: Request[Any, Any, Any]) -> Response[bytes]:
    encoding, content = await file.encoded(request.headers.get("accept-encoding", ""))
    etag = f'"{file.digest}-{encoding}"'
    headers = {
        "cache-control": _IMMUTABLE,
        "etag": etag,
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
    }
    known = request.headers.get("if-none-match", "")
    if etag in (part.strip().removeprefix("W/") for part in known.split(",")):
        return Response(b"", status_code=HTTP_304_NOT_MODIFIED, headers=headers)
    if encoding != "identity":
        headers["content-encoding"] = encoding
    return Response(content, status_code=HTTP_200_OK, headers=headers, media_type=file.media_type)


def _walk(folder: Path) -> Iterator[Path]:
    """List the files of a folder; links are left out, they may lead anywhere."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def _encoding(accepted: str) -> str:
    offers = {}
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        offers[name.strip().lower()] = weight.replace(" ", "") not in {"q=0", "q=0.0"}
    return next((name for name in _COMPRESS if offers.get(name)), "identity")


def _brotli(content: bytes) -> bytes:
    compressed: bytes = brotli.compress(content, quality=11)
    return compressed


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


_COMPRESS: Final = {"br": _brotli, "gzip": _gzip}
