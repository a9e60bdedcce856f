"""Look every few seconds, for ever; what goes wrong is said once and tried again."""

import logging
import signal

from daisy_hub.grants.round import Round
from daisy_hub.metrics import write_metrics
from daisy_hub.settings import load
from daisy_hub.traefik import renew

WAKE = signal.SIGUSR1

log = logging.getLogger(__name__)


def main() -> None:
    """Run the daemon, as `daisy-hub up` starts it."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
    # an operator's command does not wait for the next look
    signal.pthread_sigmask(signal.SIG_BLOCK, {WAKE})
    settings, said = load(), ""
    while True:
        try:
            for sentence in Round(settings).run():
                log.info("%s", sentence)
            write_metrics(settings)
            if renewed := renew(settings):
                log.info("%s", renewed)
            said = ""
        except Exception as error:
            if str(error) != said:
                said = str(error)
                log.exception("grants cannot be put in force now")
        signal.sigtimedwait({WAKE}, settings.sync_seconds)
