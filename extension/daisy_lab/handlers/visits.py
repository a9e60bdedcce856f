"""Route `visits`: whether somebody is here for the first time."""

from pathlib import Path

from jupyter_core.paths import jupyter_config_dir
from tornado.web import authenticated

from daisy_lab.handlers.base import Handler, errors_in_one_place

MARK = "daisy-welcomed"


class VisitsHandler(Handler):
    """`visits` (POST): {"new": true} at the first call of an account, then false."""

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Tell, and remember."""
        self.send({"new": is_first(Path(jupyter_config_dir()))})


def is_first(folder: Path) -> bool:
    """Leave a mark; say whether there was none. Without a place for it, never."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).touch(exist_ok=False)
    except OSError:
        return False
    return True
