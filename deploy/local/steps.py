"""Say what is being done and how long it took; run programs and keep their output."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SHOWN_LINES = 25


class Failed(Exception):
    """Something did not work; the text says what, and what to do."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show a step while it runs, and its time when it is done."""
    print(f"  {title} ...", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" {time.monotonic() - started:.1f} s", flush=True)


def run(
    command: Sequence[str | Path],
    *,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    advice: str = "",
) -> str:
    """Run a program, return its output, keep it in `log`.

    Raises
    ------
    Failed
        With the command, the last lines of its output, and the advice.
    """
    words = [str(word) for word in command]
    try:
        result = subprocess.run(
            words,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        raise Failed(f"{words[0]} is not there. {advice}") from error
    if log is not None:
        with log.open("a") as file:
            file.write(f"$ {' '.join(words)}\n{result.stdout}\n")
    if result.returncode != 0:
        lines = "\n".join(result.stdout.splitlines()[-SHOWN_LINES:])
        whole = f"\nThe whole output is in {log}." if log else ""
        raise Failed(
            f"{' '.join(words)} ended with {result.returncode}:\n"
            f"{lines}{whole}\n{advice}"
        )
    return result.stdout


def follow(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> int:
    """Run a program whose output the caller sees; return its exit code."""
    sys.stdout.flush()
    return subprocess.run(
        [str(w) for w in command], env=env, cwd=cwd, check=False
    ).returncode
