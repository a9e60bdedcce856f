"""What a facility's hub needs: `python -m bench.hub.sizing`, below tests/.

Real labs of an installation are started beside each other, each with a kernel that has
imported what templates do, and their proposals are asked for. What they take is
measured, and from it follows what 500 accounts with 150 labs take. Writes
build/bench/sizing.json, and its part of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from bench.hub.peers import PASSWORD
from bench.machine import about
from bench.pages import table, write_part
from daisy_hub.homes import accounts_of
from daisy_hub.settings import Settings
from daisy_hub.up import running_parts
from hubs import running, settings_of
from installations import Person

ROOT = Path(__file__).parents[3]
ACCOUNTS, LABS, IDLE = 500, 6, 60.0
WANTED = 150  # labs
BUSY = WANTED // 5
MORNING = 15 * 60  # seconds in which all of them are started
GB = 1e9
# what the first cells of a template import
KERNEL = (
    "import daisy_kernel as daisy, numpy, holoviews, hvplot.xarray\n"
    "flow = daisy.apps.tomography.slices()"
)


@dataclass
class Costs:
    """What was measured; memory in bytes, CPU in seconds.

    Attributes
    ----------
    hub
        Memory of hub, proxies, gateway and services together, with all accounts.
    hub_idle
        CPU of them for each second in which the labs do nothing.
    lab, kernel
        Memory of one lab with its readers, and of one kernel: what they do not share
        with others, and their part of what they do.
    lab_idle
        CPU of one lab and its kernel for each second in which nothing is done.
    start
        CPU of everything for one login and one start of lab and kernel.
    """

    accounts: int
    labs: int
    hub: float
    hub_idle: float
    lab: float
    kernel: float
    lab_idle: float
    start: float


def measure(
    environment: Path, accounts: int = ACCOUNTS, labs: int = LABS, idle: float = IDLE
) -> Costs:
    """Start labs of an environment beside each other, and look at what they take."""
    with (
        tempfile.TemporaryDirectory(prefix="daisy-bench-") as top,
        running(Path(top) / "hub", environment=environment) as hub,
        settings_of(hub) as settings,
    ):
        names = [f"user{number}" for number in range(accounts)]
        known = accounts_of(settings)
        for name in names:
            known.add(name, PASSWORD)
        before = _cpu(_parts(settings))
        people = [Person(hub.address, name, PASSWORD) for name in names[:labs]]
        for person in people:
            person.start_server()
            kernel = person.start_kernel()
            if said := person.run(KERNEL, kernel):
                raise RuntimeError(said)
            person.get("/daisy/proposals")
        servers = _servers(settings)
        started = _cpu(servers) + _cpu(_parts(settings)) - before
        kernels = [p for p in servers if "ipykernel" in " ".join(p.cmdline())]
        at, hub_at = _cpu(servers), _cpu(_parts(settings))
        time.sleep(idle)
        return Costs(
            accounts=accounts,
            labs=labs,
            hub=_memory(_parts(settings)),
            hub_idle=(_cpu(_parts(settings)) - hub_at) / idle,
            lab=(_memory(servers) - _memory(kernels)) / labs,
            kernel=_memory(kernels) / labs,
            lab_idle=(_cpu(servers) - at) / idle / labs,
            start=started / labs,
        )


def page(costs: Costs) -> str:
    """Write the part of the page."""
    memory = costs.hub + WANTED * (costs.lab + costs.kernel)
    cores = costs.hub_idle + WANTED * costs.lab_idle
    morning = WANTED * costs.start / MORNING
    facts = about(("jupyterhub", "jupyterlab"))
    measured = table(
        ("measured", "memory", "CPU while nothing is done"),
        [
            (f"hub, proxies, gateway, services ({costs.accounts} accounts)",
             _size(costs.hub), f"{100 * costs.hub_idle:.1f} % of a core"),
            ("one lab with a reader", _size(costs.lab),
             f"{100 * costs.lab_idle:.2f} % of a core, with its kernel"),
            ("one kernel with a workflow and plots", _size(costs.kernel), ""),
            ("one login and start", "", f"{costs.start:.1f} s in all"),
        ],
    )  # fmt: skip
    follows = table(
        (f"{costs.accounts} accounts, {WANTED} labs with a kernel each", "needed"),
        [
            ("memory, before anybody loads data", _size(memory)),
            ("cores while nothing is done", f"{cores:.1f}"),
            (f"cores while all come within {MORNING // 60} minutes",
             f"{morning + cores:.1f}"),
        ],
    )  # fmt: skip
    return (
        "## What a facility needs\n\n"
        "Written by `python -m bench.hub.sizing` from `build/bench/sizing.json`. "
        f"{costs.labs} real labs beside each other; memory is what each has alone, and "
        "its part of what they share.\n\n"
        f"{facts['processor']}, {facts['cpus']} CPUs, {facts['memory_gb']:.0f} GB.\n\n"
        f"{measured}\n{follows}\n"
        "Data and computing come on top: what kernels load, and a core and "
        "`worker_memory` for each worker of a cluster that computes at the same time. "
        "Where one in five of them computes, with 4 GiB in the notebook and four "
        f"workers of 4 GiB: {_size(memory + BUSY * (4 + 16) * 2**30)} and "
        f"{cores + BUSY * 4:.0f} cores.\n"
    )


def _parts(settings: Settings) -> list[psutil.Process]:
    """List what runs for the hub itself."""
    return [
        process
        for part, process in running_parts(settings).items()
        if part and not part.startswith(("server of", "cluster of"))
    ]


def _servers(settings: Settings) -> list[psutil.Process]:
    """List what runs for accounts: servers, readers, kernels, with their sandboxes."""
    found = running_parts(settings).items()
    tops = [p for part, p in found if part.startswith("server of")]
    return [p for top in tops for p in (top, *top.children(recursive=True))]


def _memory(processes: list[psutil.Process]) -> float:
    return float(sum(p.memory_full_info().pss for p in processes))


def _cpu(processes: list[psutil.Process]) -> float:
    times = [p.cpu_times() for p in processes]
    return sum(t.user + t.system for t in times)


def _size(size: float) -> str:
    return f"{size / GB:.1f} GB" if size >= GB else f"{size / 1e6:.0f} MB"


def main() -> None:
    """Measure, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environment", type=Path, help="an installation's, for users")
    options = parser.parse_args()
    costs = measure(options.environment)
    build = ROOT / "build" / "bench"
    build.mkdir(parents=True, exist_ok=True)
    (build / "sizing.json").write_text(json.dumps(asdict(costs)))
    text = page(costs)
    print(text)
    write_part("sizing", text)


if __name__ == "__main__":
    main()
