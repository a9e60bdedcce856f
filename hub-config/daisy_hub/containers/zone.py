"""The machine's time zone, which containers have to be told.

On the days of accounts and proposals hub and launcher have to agree, and clocks in
notebooks are those of the people at the beamline.
"""

from pathlib import Path

LOCAL_TIME = Path("/etc/localtime")  # a link into the system's folder of zones
_FOLDER = "/zoneinfo/"


def zone_variables() -> dict[str, str]:
    """Return the variable that names the zone; none where it has no name here."""
    _, _, zone = str(LOCAL_TIME.resolve()).partition(_FOLDER)
    return {"TZ": zone} if zone else {}
