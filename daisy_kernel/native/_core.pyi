from typing import Any

def version() -> str: ...
def tile_frame(
    frame: Any,
    kind: str,
    level: int,
    lo: float | None,
    hi: float | None,
    scale: str,
    mask: Any,
    fill: list[float],
) -> tuple[
    bytes, tuple[int, int], tuple[float, float], tuple[float, float], int, int
]: ...
