"""Start and stop the server part."""

import asyncio
import logging
import os
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.services.kernels.connection.channels import (
    ZMQChannelsWebsocketConnection,
)

from daisy_kernel.catalog.place import submitted_folder
from daisy_lab import consents
from daisy_lab.deaths import Deaths
from daisy_lab.follower import Follower
from daisy_lab.guests import Guests
from daisy_lab.handlers import routes
from daisy_lab.kept import Kept
from daisy_lab.outputs import now
from daisy_lab.paths import Places
from daisy_lab.progress import Progress
from daisy_lab.recorder import Recorder, RecordingConnection
from daisy_lab.watcher import Watcher
from daisy_lab.workers import Pool

log = logging.getLogger(__name__)

EXPORT_DEADLINE = 600.0  # seconds for one file, or for a piece of one
BEAT = 20.0  # seconds between two looks at what is busy, at most


class DaisyLab(ExtensionApp):
    """The server extension: routes, reader processes, catalogue, recorder."""

    name = "daisy_lab"
    load_other_extensions = True
    _tasks: list[asyncio.Task[None]]

    def initialize_settings(self) -> None:
        """Make what the routes use, before the first request."""
        server: Any = self.serverapp
        settings = self.settings  # a copy that is merged into the server's afterwards
        deaths = Deaths(server.kernel_manager)
        settings["daisy_deaths"] = deaths
        recorder = Recorder(
            server.contents_manager,
            server.kernel_manager,
            server.session_manager,
            deaths,
        )
        places = Places.of_server(server.root_dir)
        settings["daisy_places"] = places
        settings["daisy_alone"] = set()
        watcher = Watcher(places.data.resolve())
        settings["daisy_watcher"] = watcher
        settings["daisy_kept"] = Kept(watcher)
        pool = Pool()
        settings["daisy_pool"] = pool
        # apart, so that a long export holds up no picture
        settings["daisy_export_pool"] = Pool(size=1, deadline=EXPORT_DEADLINE)
        settings["daisy_room"] = {}
        settings["daisy_guests"] = _guests(server)
        settings["daisy_progress"] = Progress()
        settings["daisy_follower"] = Follower(pool, map(str, places.roots))
        settings["daisy_thumbs"] = asyncio.Semaphore(1)
        settings["daisy_recorder"] = recorder
        self._tasks = []
        if settings.get("kernel_websocket_connection_class") in (
            None,
            ZMQChannelsWebsocketConnection,
        ):
            settings["kernel_websocket_connection_class"] = RecordingConnection
            _watch_saves(server.contents_manager, recorder)
        else:
            log.warning("another kernel connection is set: runs are not recorded")

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend(routes("/"))

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Keep an eye on the kernels."""
        settings = serverapp.web_app.settings
        idle = serverapp.shutdown_no_activity_timeout
        beating = _beat(settings, serverapp.kernel_manager, _pause(idle))
        self._tasks = [
            asyncio.ensure_future(beating),
            asyncio.ensure_future(settings["daisy_deaths"].watch()),
        ]

    async def stop_extension(self) -> None:
        """End the reader processes; write what is still open."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        server: Any = self.serverapp
        settings = server.web_app.settings
        await settings["daisy_watcher"].close()
        await settings["daisy_follower"].close()
        await settings["daisy_recorder"].close()
        await settings["daisy_pool"].close()
        await settings["daisy_export_pool"].close()


def _guests(server: Any) -> Guests | None:
    """Watch over who comes to a server of a hub."""
    owner = os.environ.get("JUPYTERHUB_USER")
    if not owner or not consents.is_asked_here():
        return None
    guests = Guests(owner)
    provider = server.identity_provider
    provider.get_user = guests.guard(provider.get_user)
    return guests


def _pause(idle: float) -> float:
    """Say how long to wait between two beats of a server that ends when it is idle."""
    return min(BEAT, idle / 3) if idle else BEAT


async def _beat(settings: dict[str, Any], kernels: Any, pause: float = BEAT) -> None:
    """Keep a server that works, or watches a proposal, from looking idle."""
    await _ask(settings, "runs_go_on")
    while True:
        # asked each time: it also starts the watch, whatever else goes on
        kept = await settings["daisy_kept"].look()
        runs = await _ask(settings, "runs_alive")
        if kept or runs.get("alive") or any_busy(kernels):
            settings["last_activity_times"]["daisy"] = now()
        await asyncio.sleep(pause)


async def _ask(settings: dict[str, Any], job: str) -> dict[str, Any]:
    """Ask a reader process; a beat that fails is no reason to end."""
    try:
        with os.scandir(submitted_folder()) as entries:
            if not any(entries):
                return {}
        answer = await settings["daisy_pool"].run(job)
    except FileNotFoundError:
        return {}
    except Exception as error:
        log.warning("submitted runs cannot be looked at: %s", error)
        return {}
    return dict(answer.value)


def any_busy(kernels: Any) -> bool:
    """Say whether any kernel is at work."""
    for kernel_id in list(kernels.list_kernel_ids()):
        try:
            kernel = kernels.get_kernel(kernel_id)
        except KeyError:
            continue
        if getattr(kernel, "execution_state", None) == "busy":
            return True
    return False


def _watch_saves(contents: Any, recorder: Recorder) -> None:
    """Tell the recorder when a page saves a notebook."""
    register = getattr(contents, "register_pre_save_hook", None)
    if register is None:
        return

    def saving(model: dict[str, Any], path: str, **_: Any) -> None:
        if model.get("type") == "notebook":
            recorder.saved(path.strip("/"), model.get("content"))

    register(saving)
