"""Carry out the rules of a proposal: one look after the other, as long as one likes.

Nothing is kept in memory that matters: what was done for a scan is a file, and runs
live in processes of their own. So the service may be killed at any time, and goes on
where it was; and of two services for one proposal, one waits (a lease).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from daisy_kernel.catalog import Index, ScanInfo, place_of, understand
from daisy_kernel.catalog.lease import Lease
from daisy_kernel.io.open import open_scan
from daisy_kernel.model.errors import DaisyError, DataError, WorkflowRefused
from daisy_kernel.workflow.feed.items import Item, items, write_item
from daisy_kernel.workflow.feed.rules import Rule, Rules, read_rules, rules_file
from daisy_kernel.workflow.files import load_workflow
from daisy_kernel.workflow.runs.environment import user
from daisy_kernel.workflow.runs.run import Run
from daisy_kernel.workflow.runs.submit import start_runner, submit
from daisy_kernel.workflow.workflow import Workflow

log = logging.getLogger(__name__)

Previews = Mapping[str, Callable[[], Workflow]]
_NEWEST = 500  # scans that are looked at
_TRIES = 3
_LIVES = 30.0
# a scan that says it is still being written, and that nobody has written to for so long
_GIVEN_UP = 120.0


class Feed:
    """Carries out the rules of one proposal.

    Parameters
    ----------
    proposal
        Folder of the proposal.
    previews
        Workflows by name, which rules may ask for.
    tell
        Called when an item has changed.
    """

    def __init__(
        self,
        proposal: Path,
        previews: Previews,
        tell: Callable[[Item], None] = lambda item: None,
    ) -> None:
        self._proposal, self._previews, self._tell = proposal, previews, tell
        self._lease: Lease | None = None
        self._since = time.time()

    def look(self, rules: Rules | None = None) -> bool:
        """Look once: begin what can be begun, and write down what has ended.

        Parameters
        ----------
        rules
            Instead of those in the proposal.

        Returns
        -------
        :
            Whether this service is the one that carries out the rules.

        Raises
        ------
        WorkflowRefused
            The rules are wrong; the message says where.
        """
        found = rules or read_rules(self._proposal)
        if found is None or (found.run_by and found.run_by != user()):
            return False
        if not self._is_ours():
            return False
        known = items(self._proposal)
        for item in list(known.values()):
            if item.state == "running":
                known[item.scan, item.rule] = self._watched(item)
        for rule in found.rules:
            self._queue(rule, found, known)
        self._begin(found, known)
        return True

    def close(self) -> None:
        """Let another service go on; runs go on by themselves."""
        if self._lease is not None:
            self._lease.release()
            self._lease = None

    def _is_ours(self) -> bool:
        if self._lease is not None and self._lease.held:
            self._lease.touch()
            return True
        place = place_of(self._proposal)
        try:
            place.make()
            lease = Lease(place.folder / "feed.lease", _LIVES)
            if not lease.take():
                return False
        except OSError as error:
            log.warning(
                "the rules of %s are not carried out: %s", self._proposal, error
            )
            return False
        self._lease = lease
        return True

    def _queue(
        self, rule: Rule, rules: Rules, known: dict[tuple[str, str], Item]
    ) -> None:
        """Note the scans that a rule is for, as soon as they are settled."""
        for info in self._scans(rule):
            item = known.get((info.name, rule.name))
            if item is not None and item.identity == info.identity:
                continue
            if not is_settled(info, rules.settled):
                continue
            new = Item(info.name, info.identity, rule.name, seen=time.time())
            known[info.name, rule.name] = self._written(new)

    def _scans(self, rule: Rule) -> list[ScanInfo]:
        query = understand(f"area:raw {rule.scans}")
        try:
            with Index(self._proposal) as index:
                return [s for s in index.search(query, limit=_NEWEST) if s.identity]
        except LookupError:
            return []

    def _begin(self, rules: Rules, known: Mapping[tuple[str, str], Item]) -> None:
        """Begin the newest ones, as many at a time as the rules allow."""
        every = list(known.values())
        busy = [item for item in every if item.state == "running"]
        waiting = [item for item in every if item.state == "waiting"]
        waiting.sort(key=lambda item: item.seen, reverse=True)
        for item in waiting[rules.waiting :]:
            problem = f"more than {rules.waiting} scans were waiting"
            self._written(item.with_(state="passed", problem=problem))
        scans = {item.scan for item in busy}
        by_name = {rule.name: rule for rule in rules.rules}
        for item in waiting[: rules.waiting]:
            if len(busy) >= rules.at_once:
                return
            if item.scan in scans or item.rule not in by_name:
                continue
            begun = self._started(item, by_name[item.rule])
            if begun.state == "running":
                busy.append(begun)
                scans.add(begun.scan)

    def _started(self, item: Item, rule: Rule) -> Item:
        now = time.time()
        if item.tries >= _TRIES:
            problem = "whatever opened it was gone each time: is the file damaged?"
            return self._written(item.with_(state="failed", problem=problem, ended=now))
        # written before the file is opened, which might end this process
        item = self._written(item.with_(tries=item.tries + 1))
        try:
            run = submit(
                self._workflow(rule),
                self._proposal / "raw" / item.scan,
                engine=rule.engine,
                parameters=rule.parameters,
                note=rule.note or f"by the rule {rule.name}",
            )
        except (DaisyError, OSError) as error:
            failed = item.with_(
                state="failed", problem=str(error), begun=now, ended=now
            )
            return self._written(failed)
        place = run.folder.relative_to(self._proposal)
        begun = item.with_(state="running", run=str(place), begun=now, problem="")
        return self._watched(self._written(begun))

    def _workflow(self, rule: Rule) -> Workflow:
        if rule.workflow in self._previews:
            return self._previews[rule.workflow]()
        path = rules_file(self._proposal).parent / rule.workflow
        if not path.is_relative_to(rules_file(self._proposal).parent) or (
            path.suffix not in (".yaml", ".yml")
        ):
            known = ", ".join(self._previews) or "none"
            raise WorkflowRefused(
                f"rule {rule.name}: there is no preview {rule.workflow!r}. There are: "
                f"{known}; or name a .yaml file beside the rules"
            )
        return load_workflow(path)

    def _watched(self, item: Item) -> Item:
        """See how a run goes; one that got lost is gone on with, some times."""
        try:
            run = Run(self._proposal / item.run)
        except DataError as error:
            return self._written(item.with_(state="failed", problem=str(error)))
        state = run.state
        if state == "done":
            return self._written(item.with_(state="done", ended=time.time()))
        if state in ("failed", "stopped"):
            problem = run.error or "it was stopped"
            ended = item.with_(state="failed", problem=problem, ended=time.time())
            return self._written(ended)
        if state == "lost":
            if item.tries >= _TRIES:
                problem = f"it got lost {item.tries} times: see {item.run}/log.txt"
                return self._written(item.with_(state="failed", problem=problem))
            start_runner(run.folder)
            return self._written(item.with_(tries=item.tries + 1))
        return item

    def _written(self, item: Item) -> Item:
        write_item(self._proposal, item)
        self._tell(item)
        return item


def is_settled(info: ScanInfo, seconds: float) -> bool:
    """Whether a scan is complete, as far as one can see."""
    age = time.time() - info.mtime
    if 0 <= age < seconds or info.problem:
        return False
    if age > _GIVEN_UP:
        return True
    try:
        with open_scan(info.path) as scan:
            signal = scan.signal
            return signal is None or signal.written >= (signal.shape or (1,))[0]
    except DataError:
        return False
