"""The process of a Describer: takes scans from a pipe, and gives back what they say."""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import replace

from daisy_kernel.catalog.describe import describe


def main() -> None:
    """Answer until the writer closes the pipe."""
    # nothing a library prints can get between the answers
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            info, roots = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = describe(info.path, info, roots)
        except Exception as error:  # of any library that reads files
            answer = replace(info, problem=f"{type(error).__name__}: {error}")
        pickle.dump(answer, out)
        out.flush()


if __name__ == "__main__":
    main()
