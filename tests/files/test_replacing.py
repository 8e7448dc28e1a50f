"""Files written in one step: the older one stands until the new one is whole."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from skrnn.files import replacing
from skrnn.files.replacing import checked_path, replace

OLD, NEW = b"old", b"the new content"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.skrnn"
    path.write_bytes(OLD)
    return path


def write_new(file):
    file.write(NEW)


def stands(path):
    """Say whether the older file is as it was, and nothing is beside it."""
    return path.read_bytes() == OLD and os.listdir(path.parent) == [path.name]


def test_the_new_file_takes_the_place_of_the_older_one(path):
    replace(str(path), write_new)
    assert path.read_bytes() == NEW and os.listdir(path.parent) == [path.name]
    replace(str(path.parent / "other"), write_new)
    assert (path.parent / "other").read_bytes() == NEW


@pytest.mark.skipif(os.name != "posix", reason="Windows cannot replace an open file")
def test_who_has_the_older_file_open_still_has_it(path):
    with open(path, "rb") as file:
        replace(str(path), write_new)
        assert file.read() == OLD


def test_all_bytes_are_on_the_disk_before_the_name_is(path, monkeypatch):
    done = []
    sync, put = os.fsync, os.replace

    def fsync(descriptor):
        done.append(("fsync", os.fstat(descriptor).st_size, path.read_bytes()))
        sync(descriptor)

    def put_in_place(old, new):
        done.append(("replace", os.path.dirname(old), new))
        put(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", put_in_place)
    replace(str(path), write_new)
    assert done[0] == ("fsync", len(NEW), OLD)
    assert done[1] == ("replace", str(path.parent), str(path))
    if os.name == "posix":  # then the folder
        assert done[2][0] == "fsync" and done[2][2] == NEW


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("step", ["write", "fsync", "copymode", "replace"])
def test_the_older_file_stands_after_any_failure(step, error, path, monkeypatch):
    def fail(*args):
        raise error

    def write(file):
        file.write(NEW)
        if step == "write":
            fail()

    if step != "write":
        monkeypatch.setattr(replacing.shutil if step == "copymode" else os, step, fail)
    with pytest.raises(type(error) if isinstance(error, OSError) else error):
        replace(str(path), write)
    assert stands(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no RLIMIT_FSIZE")
def test_the_older_file_stands_where_there_is_no_room(path):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, hard))
    try:
        with pytest.raises(OSError) as caught:
            replace(str(path), lambda file: file.write(b"x" * (1 << 20)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.errno == errno.EFBIG
    assert stands(path)


@pytest.mark.skipif(os.name != "posix", reason="permission bits are of POSIX")
@pytest.mark.parametrize("what", ["the folder", "the file"])
def test_without_permission_nothing_is_changed(what, path):
    """In a process that has not the rights of root, which may write everywhere."""
    path.chmod(0o444 if what == "the file" else 0o666)
    path.parent.chmod(0o555 if what == "the folder" else 0o777)
    for folder in path.parent.parents:
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    code = f"""if True:
        import os, sys
        from skrnn.files.replacing import replace
        if os.getuid() == 0:
            os.setuid(65534)
        try:
            replace({str(path)!r}, lambda file: file.write(b"new"))
        except PermissionError as error:
            sys.exit(f"refused: {{error.strerror}}")"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    path.parent.chmod(0o755)
    reasons = {"the folder": "Permission denied", "the file": "it is read-only"}
    assert run.stderr == f"refused: {reasons[what]}\n"
    assert stands(path)


@pytest.mark.skipif(os.name != "posix", reason="permission bits are of POSIX")
def test_the_rights_are_those_of_the_older_file_or_usual_ones(path):
    path.chmod(0o640)
    replace(str(path), write_new)
    assert path.stat().st_mode & 0o777 == 0o640
    usual, other = path.parent / "usual", path.parent / "other"
    usual.write_bytes(b"")
    replace(str(other), write_new)
    assert other.stat().st_mode == usual.stat().st_mode


@pytest.mark.skipif(os.name != "posix", reason="Windows lets only administrators make links")
def test_a_link_stays_one(path):
    link = path.parent / "link"
    link.symlink_to(path)
    replace(str(link), write_new)
    assert link.is_symlink() and path.read_bytes() == NEW


def test_what_is_no_regular_file_is_not_replaced(tmp_path):
    with pytest.raises(PermissionError) as caught:
        replace(str(tmp_path), write_new)
    assert caught.value.strerror == "it is no regular file"
    if os.path.exists(os.devnull) and os.name == "posix":
        with pytest.raises(PermissionError):
            replace(os.devnull, write_new)
        assert not os.path.isfile(os.devnull)


def test_a_relative_name_is_of_this_folder(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    replace(path.name, write_new)
    assert path.read_bytes() == NEW


def test_paths():
    assert checked_path("Who", "a") == checked_path("Who", Path("a")) == "a"


@pytest.mark.parametrize(
    "path, error, sentence",
    [
        ("", ValueError, "Who needs path to name a file, got ''."),
        ("a\0", ValueError, "Who needs path to name a file, got 'a\\x00'."),
        (b"a", TypeError, "Who needs path to be a str or a PathLike, got b'a'."),
        (None, TypeError, "Who needs path to be a str or a PathLike, got None."),
        (3, TypeError, "Who needs path to be a str or a PathLike, got 3."),
    ],
)
def test_paths_that_are_none(path, error, sentence):
    with pytest.raises(error) as caught:
        checked_path("Who", path)
    assert str(caught.value) == sentence
