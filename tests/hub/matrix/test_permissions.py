"""Who can do what, on real installations: every cell of the matrix is tried."""

import json
import os
from collections.abc import Iterator

import psutil
import pytest
from containers import DockerEngine
from daisy_hub.container_settings import SERVER_PORT
from daisy_hub.containers.labels import name
from hub.matrix.attempts import OWNER, requested
from hub.matrix.rules import ACTORS, BY_REQUEST, OBJECTS, Cell, Rules, cells
from hub.matrix.scene import Scene, played_engine
from installations import ROOT, Installation

pytestmark = [
    pytest.mark.service,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.geteuid() != 0, reason="one uid for all is no wall"),
]

REPORT = ROOT / "build" / "permission-matrix.json"


@pytest.fixture(scope="module")
def local(demo_installation, tmp_path_factory) -> Iterator[Scene]:
    scene = Scene(demo_installation, lambda: listening_of(demo_installation))
    with played_engine(tmp_path_factory.mktemp("engine")) as path:
        scene.at.engine_sockets = [path, f"/proc/1/root{path}"]
        try:
            scene.make()
            yield scene
        finally:
            scene.remove()


@pytest.fixture(scope="module")
def containers(docker_installation, docker_engine) -> Iterator[Scene]:
    scene = Scene(
        docker_installation, lambda: address_of(docker_installation, docker_engine)
    )
    own = docker_engine.url.removeprefix("unix://")
    for path in (own, "/run/docker.sock", "/var/run/docker.sock"):
        scene.at.engine_sockets += [path, f"/proc/1/root{path}"]
    try:
        scene.make()
        yield scene
    finally:
        scene.remove()


def address_of(installation: Installation, engine: DockerEngine) -> str:
    """Find where the owner's server listens in its network."""
    instance = (installation.home / "state" / "instance").read_text()
    (found,) = json.loads(engine.run("inspect", name(instance, "server", OWNER)))
    (network,) = found["NetworkSettings"]["Networks"].values()
    return f"http://{network['IPAddress']}:{SERVER_PORT}"


def listening_of(installation: Installation) -> str:
    """Find where the owner's server listens on the machine."""
    for pid in installation.processes():
        process = psutil.Process(pid)
        if (
            "singleuser" in " ".join(process.cmdline())
            and (process.environ().get("JUPYTERHUB_USER")) == OWNER
        ):
            for connection in process.net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    return f"http://127.0.0.1:{connection.laddr.port}"
    raise AssertionError("the owner's server listens nowhere")


def matrix_of(scene: Scene, profile: str) -> list[dict[str, str]]:
    """Try every cell; return what has to be seen and what is."""
    rules, seen = Rules(), scene.seen_inside()
    for actor in ACTORS:
        for object_ in BY_REQUEST:
            for action in ("read", "write", "execute"):
                word = requested(scene.actors[actor], object_, action, scene.at)
                seen[actor, object_, action] = word
    return [row(cell, rules, seen) for cell in cells(profile)]


def row(cell: Cell, rules: Rules, seen: dict) -> dict[str, str]:
    """Describe a cell as the report has it."""
    return {
        "profile": cell.profile,
        "actor": cell.actor,
        "object": cell.object,
        "action": cell.action,
        "expected": rules.expected(cell),
        "seen": seen.get((cell.actor, cell.object, cell.action), "not tried"),
    }


def report(profile: str, rows: list[dict[str, str]]) -> None:
    """Write the rows of a profile beside those of the others."""
    REPORT.parent.mkdir(exist_ok=True)
    before = json.loads(REPORT.read_text()) if REPORT.exists() else []
    others = [r for r in before if r["profile"] != profile]
    draft = REPORT.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps([*others, *rows], indent=1))
    draft.replace(REPORT)


def judge(rows: list[dict[str, str]]) -> None:
    """See that everything is as the rules say, and that it was tried."""
    wrong = [
        f"{r['actor']}, {r['action']} {r['object']}: {r['seen']}, not {r['expected']}"
        for r in rows
        if r["seen"] != r["expected"]
    ]
    assert not wrong, "\n".join(["", *wrong])


def test_every_cell_of_the_local_profile_is_as_the_rules_say(local):
    rows = matrix_of(local, "local")

    report("local", rows)
    assert len(rows) >= 600
    judge(rows)


def test_every_cell_of_the_docker_profile_is_as_the_rules_say(containers):
    rows = matrix_of(containers, "docker")

    report("docker", rows)
    assert len(rows) >= 600
    judge(rows)


def test_every_rule_fits_a_cell_and_every_object_is_named_by_actors_and_rules():
    every = [*cells("local"), *cells("docker")]
    rules = Rules().rules

    assert {c.object for c in every} == set(OBJECTS)
    for rule in rules:
        assert set(rule["objects"]) <= set(OBJECTS), rule
        assert set(rule.get("actors", ())) <= {c.actor for c in every}, rule
        assert rule["because"]


def test_no_rule_lets_in_who_is_not_logged_in_or_has_ended():
    shut = {"anonymous", "expired", "disabled"}

    rules = Rules()
    every = [*cells("local"), *cells("docker")]
    allowed = [c for c in every if rules.expected(c) == "allowed"]

    assert not {c.actor for c in allowed} & shut
    assert {c.object for c in allowed} >= set(OBJECTS) - {"hub API: proxy"}
