"""The store of files: keys, folders, and bytes that are checked before they are served."""

import hashlib
import os
from pathlib import Path

import pytest

from portalkit.errors import ConfigError, NotFoundError, StorageError
from portalkit.storage import Storage, content_key, storage_key

BUSINESS = "019a7c1e-0000-7000-8000-000000000001"
OTHER = "019a7c1e-0000-7000-8000-000000000002"


@pytest.fixture(params=["file", "memory"])
def storage(request, tmp_path: Path) -> Storage:
    return Storage(f"file://{tmp_path}/files" if request.param == "file" else "memory:")


async def test_what_is_put_comes_back(storage: Storage) -> None:
    key = content_key(BUSINESS, b"%PDF")
    await storage.put(key, b"%PDF")

    assert await storage.get(key) == b"%PDF"
    assert storage.get_sync(key) == b"%PDF"
    assert await storage.exists(key)
    assert b"".join([chunk async for chunk in storage.stream(key)]) == b"%PDF"


async def test_code_without_a_loop_puts_too(storage: Storage) -> None:
    key = content_key(BUSINESS, b"xml")
    storage.put_sync(key, b"xml")
    storage.put_sync(key, b"xml")

    assert await storage.get(key) == b"xml"


async def test_a_large_file_comes_in_pieces(tmp_path: Path) -> None:
    storage = Storage(f"file://{tmp_path}/files")
    content = os.urandom(1_000_000)
    key = content_key(BUSINESS, content)
    await storage.put(key, content)

    chunks = [chunk async for chunk in storage.stream(key)]

    assert b"".join(chunks) == content
    assert max(map(len, chunks)) < len(content)


async def test_the_same_bytes_of_two_businesses_are_two_files(storage: Storage) -> None:
    key = content_key(BUSINESS, b"same")
    await storage.put(key, b"same")

    assert not await storage.exists(content_key(OTHER, b"same"))


async def test_a_missing_file_is_not_found(storage: Storage) -> None:
    key = content_key(BUSINESS, b"never")

    with pytest.raises(NotFoundError):
        await storage.get(key)
    with pytest.raises(NotFoundError):
        storage.get_sync(key)
    with pytest.raises(NotFoundError):
        await anext(storage.stream(key))
    assert await storage.find_intact(key) is None
    await storage.delete(key)


async def test_a_removed_file_is_gone(storage: Storage) -> None:
    key = content_key(BUSINESS, b"gone")
    await storage.put(key, b"gone")
    await storage.delete(key)

    assert not await storage.exists(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "..",
        f"{BUSINESS}/../../etc/passwd",
        f"../{BUSINESS}/" + "0" * 64,
        f"{BUSINESS}/%2e%2e%2f" + "0" * 55,
        f"{BUSINESS}/" + "0" * 63,
        f"{BUSINESS}/" + "A" * 64,
        f"{BUSINESS}/" + "0" * 64 + "\n",
        f"{BUSINESS}\0/" + "0" * 64,
        "/" + "0" * 64,
        "x" * 5_000,
    ],
)
async def test_a_key_of_another_shape_is_refused(storage: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        await storage.put(key, b"")
    with pytest.raises(ValueError, match="no key"):
        await storage.get(key)
    with pytest.raises(ValueError, match="no key"):
        await anext(storage.stream(key))
    with pytest.raises(ValueError, match="no key"):
        await storage.delete(key)


async def test_bytes_that_are_not_those_of_the_key_are_not_written(storage: Storage) -> None:
    with pytest.raises(ValueError, match="content"):
        await storage.put(content_key(BUSINESS, b"a"), b"b")


async def test_a_changed_file_is_never_served(tmp_path: Path) -> None:
    storage = Storage(f"file://{tmp_path}/files")
    key = content_key(BUSINESS, b"true")
    await storage.put(key, b"true")
    assert await storage.find_intact(key) is not None
    (tmp_path / "files" / key).write_bytes(b"false")

    assert await storage.find_intact(key) is None
    with pytest.raises(StorageError):
        await storage.get(key)
    with pytest.raises(StorageError):
        storage.get_sync(key)


async def test_a_link_to_a_file_outside_is_refused(tmp_path: Path) -> None:
    storage = Storage(f"file://{tmp_path}/files")
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    key = storage_key(BUSINESS, hashlib.sha256(b"other").hexdigest())
    (tmp_path / "files" / BUSINESS).mkdir()
    (tmp_path / "files" / key).symlink_to(secret)

    assert await storage.find_intact(key) is None
    with pytest.raises(StorageError):
        await storage.get(key)


async def test_a_damaged_file_is_written_over(tmp_path: Path) -> None:
    storage = Storage(f"file://{tmp_path}/files")
    key = content_key(BUSINESS, b"true")
    await storage.put(key, b"true")
    (tmp_path / "files" / key).write_bytes(b"fals")

    await storage.put(key, b"true")

    assert await storage.get(key) == b"true"


async def test_nothing_is_left_beside_the_files(tmp_path: Path) -> None:
    storage = Storage(f"file://{tmp_path}/files")
    key = content_key(BUSINESS, b"one")
    (tmp_path / "files" / key).mkdir(parents=True)

    with pytest.raises(StorageError):
        await storage.put(key, b"one")

    assert [path.name for path in (tmp_path / "files" / BUSINESS).iterdir()] == [
        key.rpartition("/")[2]
    ]


async def test_an_intact_file_is_read_once(tmp_path: Path) -> None:
    storage = Storage(f"file://{tmp_path}/files")
    key = content_key(BUSINESS, b"pdf")
    await storage.put(key, b"pdf")

    first = await storage.find_intact(key)
    second = await storage.find_intact(key)

    assert first == second
    assert first is not None
    assert first.size == 3


def test_the_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    Storage(f"file://{tmp_path}/deep/files")

    assert (tmp_path / "deep" / "files").stat().st_mode & 0o777 == 0o700


def test_a_relative_folder_is_meant_from_here(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    Storage("file:./files").put_sync(content_key(BUSINESS, b"x"), b"x")

    assert (tmp_path / "files" / content_key(BUSINESS, b"x")).read_bytes() == b"x"


@pytest.mark.parametrize(
    "url", ["", "files", "http://example.com", "file://host/x", "file:///", "s3://", "ftp://x/y"]
)
def test_an_address_that_is_no_store_stops_the_start(url: str) -> None:
    with pytest.raises(ConfigError):
        Storage(url)


async def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    storage = Storage(f"file://{tmp_path}/files")
    (tmp_path / "files").rmdir()
    (tmp_path / "files").write_text("a file where the folder was")

    with pytest.raises(StorageError):
        await storage.put(content_key(BUSINESS, b"x"), b"x")
