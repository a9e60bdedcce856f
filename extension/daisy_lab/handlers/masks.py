"""The route of masks."""

from typing import Any

import numpy as np
from tornado.web import HTTPError, authenticated

from daisy_kernel.apps import shapes
from daisy_lab.handlers.base import Handler, errors_in_one_place
from daisy_lab.handlers.pictures import LAST_TWO

FOLDER = "daisy-masks"
MOST_SHAPES = 1000
PAIR = 2


class MaskHandler(Handler):
    """`mask` (POST {path, node, index, axes, rules, save}): count, or save, a mask.

    It is saved in the folder `daisy-masks` of the user's home, never over another one.
    """

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Make a mask."""
        wanted = self.get_json_body() or {}
        if not wanted.get("path"):
            raise HTTPError(400, "path is missing")
        file = self.places.resolve(str(wanted["path"]))
        axes = [int(axis) for axis in wanted.get("axes") or LAST_TWO]
        if len(axes) != len(LAST_TWO):
            raise HTTPError(400, "axes is two numbers: the axis of rows, of columns")
        answer = await self.ask_of_file(
            "mask",
            file,
            node=str(wanted.get("node") or ""),
            index=[int(position) for position in wanted.get("index") or ()],
            axes=axes,
            rules=rules_of(wanted.get("rules") or {}),
            folder=str(self.places.home / FOLDER) if wanted.get("save") else None,
            source=self.places.code_path(file),
        )
        told = answer.value
        if "file" in told:
            told["file"] = f"{FOLDER}/{told['file'].rpartition('/')[2]}"
        self.send(told)


def rules_of(given: Any) -> dict[str, Any]:
    """Understand which pixels a page wants masked.

    Raises
    ------
    ValueError
        It says what is wrong.
    """
    if not isinstance(given, dict):
        raise ValueError("rules is an object: drawn, below, above, detector")
    drawn = given.get("drawn") or []
    if not isinstance(drawn, list) or len(drawn) > MOST_SHAPES:
        raise ValueError(f"drawn is a list of at most {MOST_SHAPES} regions")
    bounds = {
        name: None if given.get(name) is None else float(given[name])
        for name in ("below", "above")
    }
    detector = bool(given.get("detector", True))
    return {"drawn": [_region(one) for one in drawn], **bounds, "detector": detector}


def _region(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or not isinstance(given.get("points"), list):
        raise ValueError("a region has a kind and points: row, column of each")
    kind, width = str(given.get("kind")), int(given.get("width") or 1)
    points = np.asarray(given["points"], np.float64)
    if points.size % PAIR:
        raise ValueError("points is two numbers for each point: row, column")
    shapes.check(kind, points.reshape(-1, PAIR), width)
    return {"kind": kind, "points": points.ravel().tolist(), "width": width}
