"""Files to import: named ones, those of folders, those that fit a pattern."""

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

from portalkit.errors import ImportRefusedError

__all__ = ("FoundFile", "find_files", "read_bytes")

_MIB: Final = 1024 * 1024
_OPEN: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class FoundFile(NamedTuple):
    """A file to import; ``problem`` says why it must not even be opened."""

    path: Path
    problem: str | None = None


def find_files(paths: Iterable[str | os.PathLike[str]]) -> Iterator[FoundFile]:
    """Yield the files that some paths mean, in a stable order, without collecting them.

    A folder means all files in it and below it, but those whose name begins with a dot. What
    does not exist but has ``*``, ``?`` or ``[`` in it is a pattern (``**`` for any depth).
    Links to folders are not followed, and a link that leads out of a folder is a problem.
    What does not exist is yielded too: opening it says so.
    """
    for given in paths:
        path = Path(given)
        if path.is_dir():
            yield from _below(path)
        elif not os.path.lexists(path) and glob.has_magic(str(path)):
            yield from _matching(path)
        else:
            yield FoundFile(path)


def _below(folder: Path) -> Iterator[FoundFile]:
    root = folder.resolve()
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield _checked(Path(parent, name), root)


def _matching(pattern: Path) -> Iterator[FoundFile]:
    fixed = takewhile(lambda part: not glob.has_magic(part), pattern.parts)
    root = Path(*fixed).resolve()
    names = glob.glob(str(pattern), recursive=True)  # noqa: PTH207 - it may be absolute
    found = [path for name in names if (path := Path(name)).is_file()]
    for path in sorted(found):
        yield _checked(path, root)
    if not found:
        yield FoundFile(pattern, "no file fits this pattern")


def _checked(path: Path, root: Path) -> FoundFile:
    is_inside = path.resolve().is_relative_to(root)
    return FoundFile(path, None if is_inside else "it is a link that leads out of its folder")


def read_bytes(path: Path, max_mib: int) -> bytes:
    """Read a file, never more than the limit.

    Raises:
        ImportRefusedError: If it cannot be read, is no regular file, or is too large.
    """
    try:
        # Without blocking, or a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, _OPEN)
    except FileNotFoundError:
        raise ImportRefusedError("there is no such file") from None
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None
    try:
        return _read(descriptor, max_mib)
    except OSError as error:
        raise _unreadable(error) from None
    finally:
        os.close(descriptor)


def _read(descriptor: int, max_mib: int) -> bytes:
    limit = max_mib * _MIB
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise ImportRefusedError("it is no regular file")
    if status.st_size > limit:
        raise ImportRefusedError(f"it is larger than {max_mib} MiB")
    with open(descriptor, "rb", closefd=False) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ImportRefusedError(f"it is larger than {max_mib} MiB")
    return content


def _unreadable(error: OSError | ValueError) -> ImportRefusedError:
    reason = getattr(error, "strerror", None) or "its name cannot be used"
    return ImportRefusedError(f"it cannot be read: {reason}")
