"""The process that opens PDFs: ``python -m portalkit_einvoice_pdf.worker``, pipes on 0 and 1."""

from portalkit.sandbox.child import (
    forbid_reaching_out,
    is_asked,
    limit,
    limit_processor,
    private_pipes,
)
from portalkit.sandbox.wire import receive, send
from portalkit_einvoice_pdf.wire import Found, Question, Ready, Start

__all__ = ("main",)


def main() -> None:
    """Answer one question after the other until nobody asks any more."""
    asked, answers = private_pipes()
    start = receive(asked, Start)
    if start is None:
        return
    limit(start.memory_mib, start.max_bytes)
    # Paid here, after the limits, and never by the process that asks.
    from portalkit_einvoice_pdf.embedded import find_embedded  # noqa: PLC0415

    forbid_reaching_out()
    send(answers, Ready())
    while is_asked(asked):
        try:
            question = receive(asked, Question)
            if question is None:
                return
            limit_processor(question.seconds)
            found = find_embedded(question.content, start.max_bytes, start.max_files)
        except MemoryError:
            send(answers, Found(problem="memory"))
            return
        send(answers, found)


if __name__ == "__main__":
    main()
