"""What an operator's monitoring watches, beside the hub's own numbers.

Written as a file for Prometheus' node exporter (textfile collector), so that no part
needs one more port, and a number that is missing says that the daemon is.
"""

import shutil
import time
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from daisy_hub.grants.granted import GrantedFile
from daisy_hub.homes import accounts_of
from daisy_hub.identity.alarm import provider_alarm
from daisy_hub.proposals import Membership
from daisy_hub.settings import Settings
from daisy_hub.tls import CertificateUnusable, read_pair
from daisy_hub.up import parts_of, running_parts

FILE = "daisy.prom"
SERVER, CLUSTER = "server of ", "cluster of "


def write_metrics(settings: Settings) -> Path:
    """Write the numbers of this moment, and return where."""
    registry = CollectorRegistry()
    _membership(settings, registry)
    _parts(settings, registry)
    _disks(settings, registry)
    _certificate(settings, registry)
    _gauge(registry, "written_seconds", "when this was written").set(time.time())
    settings.metrics_folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    path = settings.metrics_folder / FILE
    write_to_textfile(str(path), registry)
    return path


def _membership(settings: Settings, registry: CollectorRegistry) -> None:
    accounts = accounts_of(settings)
    membership = Membership(settings, accounts)
    grants = GrantedFile(settings.state / "grants.json").read()
    _gauge(registry, "accounts", "accounts").set(len(accounts.names()))
    _gauge(registry, "grants", "grants in force").set(len(grants))
    alarm = _gauge(registry, "members_alarm", "1 while the last known memberships hold")
    alarm.set(bool(membership.problem()))
    doubts = _gauge(registry, "provider_alarm", "1 while groups are given to nobody")
    doubts.set(bool(provider_alarm(settings)))
    age = _gauge(registry, "members_age_seconds", "since the sources were understood")
    age.set(membership.age)


def _parts(settings: Settings, registry: CollectorRegistry) -> None:
    running = running_parts(settings)
    up = _gauge(registry, "part_up", "1 while a part runs", "part")
    for part in (*parts_of(settings), "supervisor"):
        up.labels(part).set(part in running)
    for name, mark in (("servers", SERVER), ("users_with_clusters", CLUSTER)):
        count = sum(part.startswith(mark) for part in running)
        _gauge(registry, name, f"accounts with a {mark.split()[0]}").set(count)


def _disks(settings: Settings, registry: CollectorRegistry) -> None:
    free = _gauge(registry, "free_bytes", "free where something lies", "place")
    for place, path in (("state", settings.state), ("homes", settings.homes)):
        if path.exists():
            free.labels(place).set(shutil.disk_usage(path).free)


def _certificate(settings: Settings, registry: CollectorRegistry) -> None:
    if settings.tls is None:
        return
    left = _gauge(registry, "certificate_days", "days until the certificate ends")
    try:
        left.set(read_pair(settings.tls).days_left())
    except CertificateUnusable:
        left.set(0)


def _gauge(registry: CollectorRegistry, name: str, text: str, *labels: str) -> Gauge:
    return Gauge(f"daisy_{name}", text, labels, registry=registry)
