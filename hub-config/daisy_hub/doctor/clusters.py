"""Why no cluster or worker: bounds, the gateway, the last words of clusters."""

from collections.abc import Iterator
from pathlib import Path

from daisy_hub import audit
from daisy_hub.doctor.finding import Finding
from daisy_hub.doctor.launched import ask
from daisy_hub.homes import accounts_of
from daisy_hub.launcher.logs import log_name
from daisy_hub.settings import Settings
from daisy_hub.up import running_parts

RECENT, LAST_LINES = 2, 4
PARTS = "scheduler", "worker"


def look(settings: Settings, name: str) -> Iterator[Finding]:
    """Look at the gateway and at what bounds the account's clusters."""
    running = running_parts(settings)
    for part in ("gateway", "gateway-proxy"):
        if part not in running:
            yield Finding.problem(f"The {part} does not run.", "make up")
    account = accounts_of(settings).get(name)
    groups = {*account.groups, *account.roles}
    own = settings.cluster_limits.of_account(groups)
    yield Finding.right(f"{name} may have {_words(own)} at once.")
    for group, shared in settings.cluster_limits.of_groups(groups).items():
        yield Finding.right(f"All of {group} together may have {_words(shared)}.")
    for log in _last_logs(settings, name):
        lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        words = "\n".join(f"    {line}" for line in lines)
        yield Finding.right(f"The last lines of {log}:\n{words}")
    if settings.profile == "docker":
        yield from _containers(settings, name)


def _containers(settings: Settings, name: str) -> Iterator[Finding]:
    """Count what runs, and name what has ended by itself."""
    rows = ask(settings, "list")["containers"]
    own = [r for r in rows if r["account"] == name and r["part"] in PARTS]
    clusters, workers = (
        sum(r["part"] == part and r["status"] == "running" for r in own)
        for part in PARTS
    )
    yield Finding.right(
        f"Now running for {name}: clusters {clusters}, workers {workers}."
    )
    for row in own:
        if row["ending"]:
            yield Finding.problem(f"A {row['part']} has ended. {row['ending']}")


def _words(limits: object) -> str:
    values = {k: v for k, v in vars(limits).items() if v is not None}
    if "memory" in values:
        values["memory"] = f"{values['memory'] / 2**30:.1f} GiB of"
    return ", ".join(f"{v} {k}" for k, v in values.items()) or "as much as there is"


def _last_logs(settings: Settings, name: str) -> list[Path]:
    """Return the newest logs of clusters that have ended; the account's if known."""
    logs = list(settings.logs.glob("cluster-*.log"))
    if settings.profile == "docker":
        own = _names_of_logs(settings, name)
        logs = [log for log in logs if log.name in own]
    return sorted(logs, key=lambda p: p.stat().st_mtime)[-RECENT:]


def _names_of_logs(settings: Settings, name: str) -> set[str]:
    """Name what the launcher has kept of an account's schedulers and workers."""
    return {
        log_name(str(event["part"]), name, str(event["job"]))
        for event in audit.events(settings, "container.stopped")
        if event.get("account") == name
    }
