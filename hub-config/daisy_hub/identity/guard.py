"""Ends what an account has at the hub as soon as the account has ended.

A session that nobody uses asks for nothing, and a server asks the hub rarely: whoever
waits for their next request ends them late. So the accounts are looked at here.
"""

import asyncio
import time
from collections.abc import Coroutine
from datetime import date
from pathlib import Path
from typing import Any

from jupyterhub import orm
from tornado.log import app_log

from daisy_hub import audit
from daisy_hub.consents import Consents
from daisy_hub.homes import accounts_of
from daisy_hub.identity.standing import why_name_ended
from daisy_hub.settings import Settings, load

LOOK_EVERY = 1.0  # seconds; a look at an unchanged file
SWEEP_EVERY = 5.0  # seconds, also when the file is unchanged
AT_ONCE = 8  # people whom the provider is asked about


class Guard:
    """Compares the hub's users with their accounts, again and again.

    Parameters
    ----------
    app
        The running JupyterHub.
    authenticator
        Knows how to bring an account up to date, and what its roles are.
    """

    def __init__(self, app: Any, authenticator: Any) -> None:
        self._app, self._authenticator = app, authenticator
        self._ended: set[str] = set()
        self._seen: tuple[object, ...] = ()
        self._swept = 0.0
        self._unfinished = False
        self._stopping: set[Any] = set()
        self._tasks: set[asyncio.Future[None]] = set()

    async def run(self) -> None:
        """Look for ever; what goes wrong once is tried again."""
        said = ""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self._look()
                said = ""
            except Exception as error:
                self._app.db.rollback()
                if str(error) != said:
                    said = str(error)
                    app_log.exception("accounts and users could not be compared")

    async def _look(self) -> None:
        settings = load()
        consents = Consents.of(settings)
        # who lets support look also ends without a change of the file
        looks = _stamp(consents.path), tuple(consents.owners())
        state = _stamp(accounts_of(settings).path), looks, date.today()
        overdue = time.monotonic() - self._swept > SWEEP_EVERY
        if state != self._seen or overdue or self._unfinished:
            self._sweep(settings)
            self._seen, self._swept = state, time.monotonic()
            present = [u for u in self._app.users.values() if u.active]
            self._begin(self._ask(present))

    def _sweep(self, settings: Settings) -> None:
        self._unfinished = False
        for name in [name for (name,) in self._app.db.query(orm.User.name)]:
            if why := why_name_ended(name, settings):
                self._end(name, why, settings)
            else:
                self._ended.discard(name)
                self._follow(name, settings)

    def _end(self, name: str, why: str, settings: Settings) -> None:
        """End sessions and tokens at once, and begin to stop the servers."""
        user = self._app.users[name]
        tokens = [*user.orm_user.api_tokens, *user.orm_user.oauth_codes]
        if tokens or name not in self._ended:
            self._ended.add(name)
            _forget(self._app.db, user, tokens)
            app_log.warning("%s is logged out everywhere. %s", name, why)
            audit.record(
                settings, "sessions.ended", actor="daisy-hub", account=name, reason=why
            )
        for server, spawner in list(user.spawners.items()):
            self._unfinished |= spawner.active
            idle = not spawner.pending and spawner not in self._stopping
            if spawner.active and idle:
                self._begin(self._stop(user, server, spawner))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # or it could be collected before it is done
        task.add_done_callback(self._tasks.discard)

    async def _stop(self, user: Any, server: str, spawner: Any) -> None:
        self._stopping.add(spawner)
        try:
            await self._app.proxy.delete_user(user, server)
            await user.stop(server)
        except Exception:
            app_log.exception("the server of %s could not be stopped", user.name)
        finally:
            self._stopping.discard(spawner)

    def _follow(self, name: str, settings: Settings) -> None:
        """Give a user the groups and roles of the account."""
        account = accounts_of(settings).get(name)
        user = self._app.users[name]
        if {group.name for group in user.orm_user.groups} != set(account.groups):
            user.sync_groups(list(account.groups))
        roles = self._authenticator.hub_roles(account)
        if {role.name for role in user.orm_user.roles} != {r["name"] for r in roles}:
            user.sync_roles(roles)

    async def _ask(self, users: list[Any]) -> None:
        limit = asyncio.Semaphore(AT_ONCE)

        async def ask(user: Any) -> None:
            async with limit:
                try:
                    await self._authenticator.ask_again(user)
                except Exception:
                    app_log.exception("the account of %s was not refreshed", user.name)

        await asyncio.gather(*map(ask, users))


def _forget(db: Any, user: Any, tokens: list[Any]) -> None:
    """Delete tokens and codes of a user, and refuse the cookies that are out there."""
    for token in tokens:
        db.delete(token)
    user.orm_user.cookie_id = orm.new_token()
    db.commit()


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_ino
