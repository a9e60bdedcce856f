"""Start the service: `python -m daisy_hub.dashboards`."""

from daisy_hub.dashboards.service import main

main()
