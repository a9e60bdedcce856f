"""Run the launcher: `python -m daisy_hub.launcher`, started by `daisy-hub up`."""

import asyncio
import logging

from daisy_hub.launcher.server import serve
from daisy_hub.settings import load

if __name__ == "__main__":
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    asyncio.run(serve(load(), load))
