"""Look every few seconds, for ever; what goes wrong is said once and tried again."""

import logging
import signal
import time
from collections.abc import Callable

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
    settings, said = load(), dict[str, str]()
    # apart: a certificate that cannot be used keeps nothing else from being done
    works: dict[str, Callable[[], object]] = {
        "grants cannot be put in force now": lambda: _put_in_force(settings),
        "numbers for monitoring cannot be written": lambda: write_metrics(settings),
        "the certificate stays the one before": lambda: _renew(settings),
        "shared notebooks cannot be looked for": _Shares(settings).look,
    }
    while True:
        for problem, work in works.items():
            try:
                work()
                said.pop(problem, None)
            except Exception as error:
                if said.get(problem) != str(error):
                    said[problem] = str(error)
                    log.exception("%s", problem)
        signal.sigtimedwait({WAKE}, settings.sync_seconds)


def _put_in_force(settings: Settings) -> None:
    for sentence in Round(settings).run():
        log.info("%s", sentence)


def _renew(settings: Settings) -> None:
    if renewed := renew(settings):
        log.info("%s", renewed)


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
