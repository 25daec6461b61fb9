"""A piece of work in a fork of this process, with a limit of time and memory.

What it writes goes to a file, temporary files to a folder of its own; all that it leaves
behind is ended with it. Breaking off and taking too long are answers too: a mistake was
noticed.
"""

import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MEMORY_BYTES = 4 * 2**30


def in_a_fork(work: Callable[[], dict[str, str]], limit_s: float) -> dict[str, str]:
    """What `work` answers in a fork of this process; too long counts as noticed.

    Raises:
        RuntimeError: with the fork's output, if it could not do the work.
    """
    with tempfile.TemporaryDirectory(prefix="fleetapp-mutant-") as folder:
        answer, output = Path(folder) / "answer", Path(folder) / "output"
        child = os.fork()
        if child == 0:
            _be_the_fork(work, folder, answer, output)
        if not _ended(child, limit_s):
            return {"by": f"time limit of {limit_s:.0f} s"}
        if not answer.exists():
            return {"by": "the process broke off"}
        found: dict[str, str] = json.loads(answer.read_text("utf-8"))
        if "broken" in found:
            text = output.read_text("utf-8", errors="replace")[-2_000:]
            raise RuntimeError(f"{found['broken']}\n{text}")
        return found


def _be_the_fork(
    work: Callable[[], dict[str, str]], folder: str, answer: Path, output: Path
) -> None:
    try:
        os.setsid()
        tempfile.tempdir = folder
        os.environ["TMPDIR"] = folder
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = f"{folder}/hypothesis"
        handle = os.open(output, os.O_WRONLY | os.O_CREAT, 0o600)
        for stream in (1, 2):
            os.dup2(handle, stream)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
        answer.write_text(json.dumps(_answer_of(work)), "utf-8")
    finally:
        os._exit(0)  # nothing may run on as a second parent


def _answer_of(work: Callable[[], dict[str, str]]) -> dict[str, str]:
    try:
        return work()
    except MemoryError:
        return {"by": "memory limit"}
    except Exception as error:  # noqa: BLE001 - said by the parent
        traceback.print_exc()
        sys.stderr.flush()
        return {"broken": f"a fork could not do its work: {error!r}"}


def _ended(child: int, limit_s: float) -> bool:
    until = time.monotonic() + limit_s
    ended = None
    while ended is None and time.monotonic() < until:
        time.sleep(0.01)
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # and what it started; its number is not free yet
    os.waitpid(child, 0)
    return ended is not None
