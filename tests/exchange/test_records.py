"""Files that hold what a plugin keeps instead of documents."""

from datetime import date

import msgspec
import pytest
from sqlalchemy import func, select

from portalkit.audit import Actor, Event, record_on
from portalkit.documents.models import DocumentRow
from portalkit.errors import ConflictError, ImportRefusedError
from portalkit.exchange import import_files, read_documents
from portalkit.hooks.types import ImportedRecords, RecordsOutcome

SOMEBODY = Actor(kind="system", name="import")


class ListImporter:
    """Reads ``LIST <what storing shall come to>``; storing writes a row first, whatever comes."""

    name = "list"
    title = "List"

    def recognizes(self, head: bytes, filename: str) -> bool:
        return head.startswith(b"LIST ")

    def read(self, content: bytes, filename: str) -> tuple[ImportedRecords, ...]:
        wanted = content.decode().split()[1]

        def store(connection, business_id, now):
            record_on(connection, business_id=business_id, name="list", actor=SOMEBODY, at=now)
            match wanted:
                case "refused":
                    raise ImportRefusedError("row 2 has no name")
                case "conflict":
                    raise ConflictError("somebody was faster")
                case "failed":
                    raise ZeroDivisionError
                case "odd":
                    return "sold"
            return RecordsOutcome(wanted)

        issued_on = date(2026, 3, 1)
        return (
            ImportedRecords(kind="list", number="L", issued_on=issued_on, count=3, store=store),
        )


@pytest.fixture
def list_desk(desk):
    return msgspec.structs.replace(desk, importers=(ListImporter(), *desk.importers))


@pytest.fixture
def lists(write):
    """Write a file of records for each word and return the paths."""
    return lambda *words: [
        write(f"{number}-{word}.txt", f"LIST {word}".encode()) for number, word in enumerate(words)
    ]


def events(engine) -> int:
    statement = select(func.count()).select_from(Event).where(Event.name == "list")
    with engine.connect() as connection:
        return connection.execute(statement).scalar_one()


def test_records_are_stored_with_the_batch_and_reported(list_desk, engine, lists):
    results = list(import_files(list_desk, lists("arrived", "updated", "unchanged")))

    assert [each.outcome.value for each in results] == ["arrived", "updated", "unchanged"]
    assert events(engine) == 3
    line = msgspec.to_builtins(results[0].line)
    assert line.pop("path").endswith("0-arrived.txt")
    assert line == {
        "ok": True,
        "kind": "list",
        "number": "L",
        "date": "2026-03-01",
        "currency": None,
        "lines": 3,
        "net": None,
        "tax": None,
        "gross": None,
        "payable": None,
        "error": None,
    }


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("refused", "row 2 has no name"),
        ("conflict", "it cannot be stored: somebody was faster"),
        ("failed", "storing the list failed (ZeroDivisionError)"),
        ("odd", "storing the list failed (ValueError)"),
    ],
)
def test_refused_records_leave_nothing_and_stop_nothing(list_desk, engine, lists, word, reason):
    results = list(import_files(list_desk, lists("arrived", word, "updated")))

    assert [each.outcome.value for each in results] == ["arrived", "refused", "updated"]
    assert (results[1].line.ok, results[1].line.lines) == (False, 3)
    assert results[1].line.error == reason
    assert events(engine) == 2


def test_a_dry_run_stores_no_records(list_desk, engine, lists):
    dry = msgspec.structs.replace(list_desk, is_dry_run=True)

    results = list(import_files(dry, lists("arrived", "refused")))

    assert [each.outcome.value for each in results] == ["arrived", "refused"]
    assert events(engine) == 0


def test_records_and_documents_go_together(list_desk, engine, lists, write, made):
    document = write("9.json", made.trade())

    results = list(import_files(list_desk, [*lists("arrived"), document]))

    assert [each.outcome.value for each in results] == ["arrived", "arrived"]
    assert [each.line.kind for each in results] == ["list", "invoice"]
    with engine.connect() as connection:
        statement = select(func.count()).select_from(DocumentRow)
        assert connection.execute(statement).scalar_one() == 1


def test_where_documents_are_wanted_records_are_refused():
    with pytest.raises(ImportRefusedError, match=r"^there is no document in it$"):
        read_documents(b"LIST arrived", "list.txt", [ListImporter()])
