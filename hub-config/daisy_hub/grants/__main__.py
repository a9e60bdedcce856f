"""Start the daemon: `python -m daisy_hub.grants`."""

from daisy_hub.grants.daemon import main

main()
