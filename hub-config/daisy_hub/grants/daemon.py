"""Look every few seconds, for ever; what goes wrong is said once and tried again."""

import logging
import signal
import time

from daisy_hub.grants.round import Round
from daisy_hub.grants.shares import note_shares
from daisy_hub.homes import accounts_of
from daisy_hub.metrics import write_metrics
from daisy_hub.proposals import all_proposals
from daisy_hub.settings import Settings, load
from daisy_hub.traefik import renew

WAKE = signal.SIGUSR1
SHARES_EVERY = 60.0  # seconds

log = logging.getLogger(__name__)


def main() -> None:
    """Run the daemon, as `daisy-hub up` starts it."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
    # an operator's command does not wait for the next look
    signal.pthread_sigmask(signal.SIG_BLOCK, {WAKE})
    settings, said = load(), ""
    shares = _Shares(settings)
    while True:
        try:
            for sentence in Round(settings).run():
                log.info("%s", sentence)
            write_metrics(settings)
            if renewed := renew(settings):
                log.info("%s", renewed)
            shares.look()
            said = ""
        except Exception as error:
            if str(error) != said:
                said = str(error)
                log.exception("grants cannot be put in force now")
        signal.sigtimedwait({WAKE}, settings.sync_seconds)


class _Shares:
    """Looks for shared notebooks, more rarely than for grants."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._at = settings, -SHARES_EVERY

    def look(self) -> None:
        if time.monotonic() - self._at > SHARES_EVERY:
            accounts = accounts_of(self._settings)
            proposals = all_proposals(self._settings, accounts)
            note_shares(self._settings, accounts, proposals)
            self._at = time.monotonic()
