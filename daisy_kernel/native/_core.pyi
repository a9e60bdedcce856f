from typing import Any

def version() -> str: ...
def fbp_into(
    sinograms: Any,
    angles: list[float],
    weights: list[float],
    axis: float,
    filter: str,
    out: Any,
) -> None: ...
def remove_stripes_in(sinograms: Any, size: int) -> None: ...
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
