"""Which files are imported, and what is never opened."""

import os

import pytest

from portalkit.errors import ImportRefusedError
from portalkit.exchange.paths import find_files, read_bytes


def names(found, folder) -> list[str]:
    return [str(each.path.relative_to(folder)) for each in found]


@pytest.fixture
def folder(tmp_path):
    for name in ("b.xml", "a.xml", "sub/c.xml", "sub/deep/d.pdf", ".hidden.xml", ".git/e.xml"):
        path = tmp_path / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "inbox"


def test_a_folder_means_all_that_is_in_it_and_nothing_hidden(folder):
    assert names(find_files([folder]), folder) == [
        "a.xml",
        "b.xml",
        "sub/c.xml",
        "sub/deep/d.pdf",
    ]


def test_a_hidden_file_that_is_named_is_meant(folder):
    assert names(find_files([folder / ".hidden.xml"]), folder) == [".hidden.xml"]


def test_patterns_are_resolved_and_one_that_fits_nothing_is_said(folder):
    assert names(find_files([f"{folder}/**/*.xml"]), folder) == ["a.xml", "b.xml", "sub/c.xml"]

    (nothing,) = find_files([f"{folder}/*.csv"])
    assert nothing.problem == "no file fits this pattern"


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(folder):
    (folder / "[1].xml").write_bytes(b"x")

    assert names(find_files([folder / "[1].xml"]), folder) == ["[1].xml"]


def test_links_are_followed_inside_a_folder_and_never_out_of_it(folder, tmp_path):
    (tmp_path / "secret.xml").write_bytes(b"secret")
    (folder / "inside.xml").symlink_to("a.xml")
    (folder / "outside.xml").symlink_to(tmp_path / "secret.xml")
    (folder / "up").symlink_to(tmp_path)

    problems = {each.path.name: each.problem for each in find_files([folder])}
    by_pattern = {each.path.name: each.problem for each in find_files([f"{folder}/*.xml"])}

    assert problems["inside.xml"] is None
    assert problems["outside.xml"] == "it is a link that leads out of its folder"
    assert by_pattern["outside.xml"] == "it is a link that leads out of its folder"
    assert "secret.xml" not in problems


def test_a_file_is_read_up_to_the_limit(tmp_path):
    path = tmp_path / "x.xml"
    path.write_bytes(b"x" * 1024 * 1024)

    assert len(read_bytes(path, 1)) == 1024 * 1024
    with path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(ImportRefusedError, match=r"^it is larger than 1 MiB$"):
        read_bytes(path, 1)


def test_a_huge_file_is_not_read_at_all(tmp_path):
    path = tmp_path / "huge.xml"
    with path.open("wb") as file:
        file.truncate(100 * 1024**3)

    with pytest.raises(ImportRefusedError, match="larger"):
        read_bytes(path, 32)


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()

    for name in ("pipe", "folder"):
        with pytest.raises(ImportRefusedError, match="no regular file"):
            read_bytes(tmp_path / name, 1)
    with pytest.raises(ImportRefusedError, match="no regular file"):
        read_bytes(tmp_path.__class__("/dev/zero"), 1)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing", "no such file"), ("a\0b", "cannot be used"), ("x" * 5_000, "cannot be read")],
)
def test_what_cannot_be_opened_is_refused(tmp_path, name, reason):
    with pytest.raises(ImportRefusedError, match=reason):
        read_bytes(tmp_path / name, 1)
