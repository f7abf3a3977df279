"""Where files may be written, and what is left of the one that was there before."""

import os
import re

import pytest

from optguide.files import check_path, whole


def write(path, text="new"):
    with whole(check_path(path, [".txt"])) as unfinished, open(unfinished, "w") as file:
        file.write(text)


def test_a_file_takes_the_place_of_the_older_one_and_has_its_rights(tmp_path):
    path = tmp_path / "a.txt"
    write(path, "old")
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
    path.chmod(0o640)
    write(path)
    assert path.read_text() == "new" and path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs a list of open files")
def test_no_file_stays_open(tmp_path):
    before = os.listdir("/proc/self/fd")
    for _ in range(3):
        write(tmp_path / "a.txt")
    assert os.listdir("/proc/self/fd") == before


def test_what_a_link_stands_for_is_written_and_the_link_stays(tmp_path):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "a.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    write(link)
    assert link.is_symlink() and target.read_text() == "new"
    target.unlink()
    write(link, "again")
    assert link.is_symlink() and target.read_text() == "again"


def test_what_is_no_file_or_is_protected_is_left_alone(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(ValueError, match=r"path must be a file, got the pipe or device '.*pipe\.txt'"):
        write(tmp_path / "pipe.txt")
    kept = tmp_path / "kept.txt"
    kept.write_text("old")
    kept.chmod(0o444)
    with pytest.raises(PermissionError, match=re.escape(f"the file {str(kept)!r} is write-protected")):
        write(kept)
    assert kept.read_text() == "old" and sorted(p.name for p in tmp_path.iterdir()) == ["kept.txt", "pipe.txt"]
    with pytest.raises(ValueError, match=r"path must end in \.txt, got 'a\.png'"):
        write("a.png")
    with pytest.raises(ValueError, match=r"path must end in \.a, \.b or \.c, got 'a\.png'"):
        check_path("a.png", [".a", ".b", ".c"])
