"""The process that opens PDFs as the importer sees it: one for all files of an import."""

import threading
import weakref
from typing import Final

from portalkit_einvoice_pdf.wire import EmbeddedFile, Found, Question, Ready, Start

from portalkit.errors import ImportRefusedError
from portalkit.sandbox.process import SandboxProcess
from portalkit_einvoice.files import MAX_FILES

__all__ = ("PdfOpener",)

_MODULE: Final = "portalkit_einvoice_pdf.worker"
_START_SECONDS: Final = 60.0
# It may go to rest just when it is asked; another one then gets the file.
_TRIES: Final = 2
_MEMORY_MIB: Final = 768
_MIB: Final = 1024 * 1024
_PROBLEMS: Final = {
    "damaged": "it is a damaged PDF, or none",
    "encrypted": "it is an encrypted PDF",
    "files": f"it is a PDF with more than {MAX_FILES} files inside",
    "memory": "it is a PDF that needs more memory than allowed",
}


class PdfOpener:
    """Opens PDFs in a process of its own, which is started for the first one.

    The process ends with the importer, when it has had nothing to do for ten minutes, and
    when a PDF takes too long or too much memory; the next PDF then gets a new one.

    Args:
        max_mib: Of all that is unpacked of one PDF.
        seconds: How long one PDF may take.
    """

    def __init__(self, max_mib: int, seconds: float) -> None:
        self._max_mib = max_mib
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: SandboxProcess | None = None

    def open(self, content: bytes) -> tuple[EmbeddedFile, ...]:
        """Return the files inside a PDF.

        Raises:
            ImportRefusedError: If it is damaged or encrypted, or exceeds a limit.
        """
        question = Question(content=content, seconds=int(self._seconds) + 1)
        with self._lock:
            found = self._ask(question)
        if found.problem:
            too_large = f"it is a PDF that unpacks to more than {self._max_mib} MiB"
            raise ImportRefusedError(_PROBLEMS.get(found.problem, too_large))
        return found.files

    def _ask(self, question: Question) -> Found:
        for _ in range(_TRIES):
            process = self._running()
            found = process.ask(question, Found, self._seconds)
            if found is not None and found.problem != "memory":
                return found
            process.end()
            if found is not None:
                return found
            if process.exit_code() != 0:
                break
        raise ImportRefusedError("it is a PDF that cannot be opened within the limits")

    def _running(self) -> SandboxProcess:
        if self._process is not None:
            if self._process.is_alive:
                return self._process
            self._process.end()
        self._process = self._start()
        return self._process

    def _start(self) -> SandboxProcess:
        try:
            process = SandboxProcess(_MODULE)
        except OSError as error:
            raise ImportRefusedError(f"no PDF can be opened here: {error}") from None
        start = Start(memory_mib=_MEMORY_MIB, max_bytes=self._max_mib * _MIB, max_files=MAX_FILES)
        if process.ask(start, Ready, _START_SECONDS) is None:
            process.end()
            raise ImportRefusedError("no PDF can be opened here: its process does not start")
        weakref.finalize(self, process.end)
        return process
