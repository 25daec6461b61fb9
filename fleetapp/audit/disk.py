"""Bytes that are on the disk when a call returns, as far as the system can say.

For the files beside the journal: the emergency ring writes at a place of its file;
anchors, snapshots and evidence are put there whole. Nothing here knows what the bytes mean.
"""

import os
import shutil
import stat
import sys
from contextlib import suppress
from pathlib import Path

OWNER_ONLY = 0o600

if sys.platform == "linux":

    def flush(descriptor: int) -> None:
        """Wait until what was written is on the disk; its times may come later."""
        os.fdatasync(descriptor)

else:

    def flush(descriptor: int) -> None:
        """Wait until what was written is on the disk."""
        os.fsync(descriptor)


def write_at(descriptor: int, data: bytes, offset: int) -> None:
    """Write at a place of a file and wait until it is on the disk.

    Raises:
        OSError: if it is not, or not whole.
    """
    if sys.platform == "win32":
        os.lseek(descriptor, offset, os.SEEK_SET)
        written = os.write(descriptor, data)
    else:
        written = os.pwrite(descriptor, data, offset)
    if written != len(data):
        raise OSError(f"only {written} of {len(data)} bytes were written: is the disk full?")
    flush(descriptor)


def read_at(descriptor: int, size: int, offset: int) -> bytes:
    """Read a piece of a file, shorter at its end.

    Raises:
        OSError: if it cannot be read.
    """
    if sys.platform == "win32":
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size)
    return os.pread(descriptor, size, offset)


Identity = tuple[int, int] | None  # device and number of a file; None: there is none


def identity(path: Path) -> Identity:
    """Which file lies under a name now, without following a link.

    Raises:
        OSError: if the folder cannot be read.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def open_plain(path: Path, flags: int) -> int:
    """Open a plain file, never what a link points to.

    Raises:
        FileNotFoundError: if nothing lies there.
        OSError: if it cannot be opened, or is a link, a pipe or anything else.
    """
    careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags | careful | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is no plain file: move it away")
    return descriptor


def read_plain(path: Path, most_bytes: int = -1) -> bytes:
    """What a plain file holds: a pipe in its place would be waited for without an end.

    Raises:
        FileNotFoundError: if nothing lies there.
        OSError: if it cannot be read, or is a link, a pipe or anything else.
    """
    with os.fdopen(open_plain(path, os.O_RDONLY), "rb") as handle:
        return handle.read(most_bytes)


def open_new(path: Path) -> int:
    """Open a file that is nobody else's yet, for writing.

    What lies under its name, a link or another name of some file, is taken away and
    never written through.

    Raises:
        OSError: if the folder does not take it.
    """
    path.unlink(missing_ok=True)
    careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | careful, OWNER_ONLY)


def replace_whole(path: Path, data: bytes) -> None:
    """Write a file so that a crash at any moment leaves the old one or the new one.

    Raises:
        OSError: if the folder does not take it.
    """
    beside = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(open_new(beside), "wb") as handle:
            handle.write(data)
        put_in_place(beside, path)
    except OSError as error:
        with suppress(OSError):  # half a file takes room from others
            beside.unlink(missing_ok=True)
        if error.filename is None:  # a write knows only its descriptor
            error.filename = str(path)
        raise


def copy_whole(path: Path, to: Path) -> None:
    """Copy a file, or a link as a link, so that half a copy never lies there.

    Raises:
        OSError: if it cannot be read, or the folder does not take it.
    """
    beside = to.with_name(f"{to.name}.part")
    beside.unlink(missing_ok=True)
    shutil.copy2(path, beside, follow_symlinks=False)
    put_in_place(beside, to)


def put_in_place(beside: Path, path: Path) -> None:
    """Give a file that was written beside its name, once its content is on the disk.

    Raises:
        OSError: if the disk does not take it.
    """
    if not beside.is_symlink():
        _flush_path(beside, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    beside.replace(path)
    _flush_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, with their names on the disk.

    Raises:
        OSError: if it cannot be made.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    if sys.platform != "win32":
        _flush_path(folder, os.O_RDONLY)


def _flush_path(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
