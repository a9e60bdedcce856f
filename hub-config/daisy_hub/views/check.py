"""Whether views can be mounted at all: tried with one that is nobody's."""

import os
from collections.abc import Iterator
from pathlib import Path

from daisy_hub.settings import Settings
from daisy_hub.views.view import View, Viewed, may_make_views

# beside those of accounts, where the grants' daemon does not look
TRIED = "check", "view"


def view_problems(settings: Settings) -> Iterator[str]:
    """Mount the data tree into a view, look, and take it away again."""
    if not may_make_views() or not settings.data.is_dir():
        return
    view = View(settings.views.parent.joinpath(*TRIED))
    try:
        said = view.show([Viewed(settings.data, Path("data"))])
        if not said and os.access(view.path / "data", os.W_OK):
            said = [f"{settings.data} is writable where it has to be read-only"]
    except OSError as error:
        said = [str(error)]
    finally:
        view.end()
    for problem in said:
        yield (
            f"Views of proposals cannot be mounted: {problem}. A kernel from 5.12 on "
            "and the right to mount (CAP_SYS_ADMIN) are needed."
        )
