"""Files inside a PDF, found where PDF 2.0 (7.11.4) and PDF/A-3 put them.

Runs only inside the sandbox: whatever the parser does with a file, it does it there.
"""

import io
from collections.abc import Iterator
from typing import Any, Final

from pypdf import PdfReader, overwrite_configuration
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from portalkit_einvoice_pdf.wire import EmbeddedFile, Found, Problem

__all__ = ("find_embedded",)

_MAX_NODES: Final = 1_000
_TEXT_LENGTH: Final = 1_000


class _RefusedError(Exception):
    """The files cannot be had."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def find_embedded(content: bytes, max_bytes: int, max_files: int) -> Found:
    """Return the files inside a PDF, each once.

    Args:
        content: The whole PDF.
        max_bytes: Of all that is unpacked, together.
        max_files: How many there may be.

    Raises:
        MemoryError: If the process has not enough of it.
    """
    overwrite_configuration(
        maximum_declared_stream_length=max_bytes,
        array_based_stream_maximum_output_length=max_bytes,
        lzw_maximum_output_length=max_bytes,
        run_length_maximum_output_length=max_bytes,
        zlib_maximum_output_length=max_bytes,
        brotli_maximum_output_length=max_bytes,
        stream_decoding_work_maximum_length=2 * max_bytes,
        jbig2dec_binary=None,
        disable_legacy_handling=True,
    )
    try:
        return Found(files=_read(content, max_bytes, max_files))
    except _RefusedError as refused:
        return Found(problem=refused.problem)
    except (DependencyError, FileNotDecryptedError):
        # The parser asks for a package only to decrypt.
        return Found(problem="encrypted")
    except LimitReachedError:
        return Found(problem="large")
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a hostile file may make a parser raise anything
        return Found(problem="damaged")


def _read(content: bytes, max_bytes: int, max_files: int) -> tuple[EmbeddedFile, ...]:
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise _RefusedError("encrypted")
    # By the identity of their streams, which are held so that it stays theirs.
    files: dict[int, tuple[StreamObject, EmbeddedFile]] = {}
    size = 0
    for name, specification in _specifications(reader.root_object):
        stream = _stream(specification)
        if stream is None or id(stream) in files:
            continue
        if len(files) == max_files:
            raise _RefusedError("files")
        file = _embedded(name, specification, stream)
        size += len(file.content)
        if size > max_bytes:
            raise _RefusedError("large")
        files[id(stream)] = (stream, file)
    return tuple(file for _, file in files.values())


def _specifications(catalog: DictionaryObject) -> Iterator[tuple[str, DictionaryObject]]:
    """Yield file specifications with their names: of the name tree, then associated files."""
    names = _resolved(catalog.get("/Names"))
    if isinstance(names, DictionaryObject):
        yield from _of_tree(_resolved(names.get("/EmbeddedFiles")))
    associated = _resolved(catalog.get("/AF"))
    for each in associated if isinstance(associated, ArrayObject) else (associated,):
        specification = _resolved(each)
        if isinstance(specification, DictionaryObject):
            yield "", specification


def _of_tree(root: object) -> Iterator[tuple[str, DictionaryObject]]:
    pending: list[object] = [root]
    seen: dict[int, object] = {}
    while pending:
        node = pending.pop()
        if not isinstance(node, DictionaryObject) or id(node) in seen:
            continue
        seen[id(node)] = node
        if len(seen) > _MAX_NODES:
            raise _RefusedError("files")
        pairs = _items(node.get("/Names"))
        for name, each in zip(pairs[::2], pairs[1::2], strict=False):
            specification = _resolved(each)
            if isinstance(specification, DictionaryObject):
                yield str(_resolved(name)), specification
        pending += [_resolved(kid) for kid in reversed(_items(node.get("/Kids")))]


def _stream(specification: DictionaryObject) -> StreamObject | None:
    files = _resolved(specification.get("/EF"))
    if isinstance(files, DictionaryObject):
        for key in ("/UF", "/F"):
            stream = _resolved(files.get(key))
            if isinstance(stream, StreamObject):
                return stream
    return None


def _embedded(name: str, specification: DictionaryObject, stream: StreamObject) -> EmbeddedFile:
    stated = next((text for key in ("/UF", "/F") if (text := _text(specification, key))), name)
    return EmbeddedFile(
        name=stated[:_TEXT_LENGTH],
        media_type=_text(stream, "/Subtype").removeprefix("/"),
        description=_text(specification, "/Desc"),
        content=stream.get_data(),
    )


def _text(dictionary: DictionaryObject, key: str) -> str:
    value = _resolved(dictionary.get(key))
    return value[:_TEXT_LENGTH] if isinstance(value, str) else ""


def _items(value: Any) -> list[Any]:
    found = _resolved(value)
    return list(found) if isinstance(found, ArrayObject) else []


def _resolved(value: object) -> object:
    return value.get_object() if isinstance(value, IndirectObject) else value
