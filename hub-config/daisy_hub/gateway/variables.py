"""What schedulers and workers are told, wherever they run."""

import json

from daisy_hub.settings import Settings

# none that leads on to workers
PAGES = [f"distributed.http.{n}" for n in ("scheduler.info", "statics", "health")]


def cluster_variables(settings: Settings) -> dict[str, str]:
    """Return the variables of schedulers and workers that follow from the settings."""
    return {
        "TMPDIR": "/tmp",
        "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": json.dumps(PAGES),
        # a worker cannot ask who is there
        "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]",
        # an item of which three workers died is given up
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2",
        "DAISY_LEASE_SECONDS": str(settings.cluster_lease_seconds),
    }
