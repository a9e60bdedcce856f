"""Why somebody sees no data, gets no server, or has no worker: `daisy-hub doctor`.

Each file looks at one thing and gives findings; the command prints them.
"""

from daisy_hub.doctor.finding import Finding
from daisy_hub.doctor.findings import examine

__all__ = ["Finding", "examine"]
