"""A proposal, its owner with all that runs, and everybody who will try to get at it."""

import json
import os
import shutil
import socketserver
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path

import requests
from dask_gateway_server.tls import new_keypair
from hub.matrix import inside
from hub.matrix.attempts import (
    OWNER,
    PROGRAM,
    PROPOSAL,
    Targets,
    of_sockets,
    plan,
    with_secrets,
)
from hub.matrix.outside import Actor, xsrf
from hub.matrix.rules import ACTORS, ANONYMOUS, ROOT_OF_MACHINE
from installations import Installation, Person

PASSWORD = "a long password"
NOBODY = 65_534
TOMORROW = date.today() + timedelta(days=1)
MEMBERS = "owner", "same", "revoked", "expired", "disabled"
# the account of each actor
ACCOUNTS = {
    "other user": "other", "same proposal": "same", "staff": "staff",
    "support": "support", "operator": "operator", "revoked while open": "revoked",
    "expired": "expired", "disabled": "disabled", "owner": OWNER,
}  # fmt: skip
ROLES = {"staff": "staff:B9", "support": "support", "operator": "operator"}
SCRIPT = "#!/bin/sh\necho ran\n"
CLUSTER = """
import json
from pathlib import Path
from dask_gateway import Gateway
gateway = Gateway()
cluster = gateway.new_cluster(shutdown_on_close=False)
cluster.scale(1)
client = cluster.get_client()
client.wait_for_workers(1, timeout=90)
info = client.scheduler_info()
Path("secret.txt").write_text("the owner's")
Path("program.sh").write_text("#!/bin/sh\\necho ran\\n")
Path("program.sh").chmod(0o755)
print(json.dumps({
    "cluster": cluster.name,
    "scheduler": info["address"], "worker": next(iter(info["workers"])),
    "dashboard": info["services"]["dashboard"],
    "certificate": cluster.security.tls_cert, "key": cluster.security.tls_key,
}))
"""

RESULTS = f"""
processed = Path("data/{PROPOSAL}/processed")
(processed / "result.txt").write_text("of the proposal")
index = [processed / ".daisy", *(processed / ".daisy").rglob("*")]
for folder in (processed, *(path for path in index if path.is_dir())):
    (folder / "{PROGRAM}").write_text({SCRIPT!r})
    (folder / "{PROGRAM}").chmod(0o775)
"""


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something is true."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"not after {seconds} s: {what}"
        time.sleep(0.3)


class Scene:
    """What the matrix is seen on: an installation with actors of its own."""

    def __init__(self, installation: Installation, server: Callable[[], str]) -> None:
        self.installation = installation
        self.data = Path(installation.facts["data"])
        self.people: dict[str, Person] = {}
        self.actors: dict[str, Actor] = {}
        names = (
            "public", "hub", "proxy-api", "gateway-api", "gateway", "gateway-tcp",
            "watching", "dashboards",
        )  # fmt: skip
        self.at = Targets(
            installation.address.rstrip("/"),
            installation.home,
            self.data,
            dict(zip(names, installation.ports, strict=True)),
            docker=installation.in_containers,
        )
        self.server = server
        self.proof = {OWNER: ("", "")}

    # ---- making it

    def make(self) -> None:
        """Make accounts and proposal, start all, then end what has to have ended."""
        self._plant()
        for name in ACCOUNTS.values():
            until = ["--until", str(TOMORROW)] if name == "expired" else []
            said = self.installation.hub("add", name, "--password", PASSWORD, *until)
            assert said.returncode == 0, said.stderr
        for name, role in ROLES.items():
            self.installation.hub("role", name, "--add", role)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(self._enter, ACCOUNTS))
        self.actors[ANONYMOUS] = Actor(ANONYMOUS, requests.Session())
        self._start_what_is_the_owners()
        self._await_members()
        self._choose_to_watch()
        self._end_those_that_end()

    def _plant(self) -> None:
        folder = self.data / PROPOSAL
        (folder / "raw").mkdir(parents=True)
        (folder / "processed").mkdir()
        (folder / "raw" / "scan.txt").write_text("of the proposal\n")
        (folder / "raw" / PROGRAM).write_text(SCRIPT)
        (folder / "raw" / PROGRAM).chmod(0o755)
        # one that is in the catalogue, with a picture
        scan = self.data / "B4" / "2026-0100" / "raw" / "map_0001.nxs"
        shutil.copyfile(scan, folder / "raw" / scan.name)
        self.members = (self.data / "members.toml").read_text()
        self._say(MEMBERS)

    def _say(self, names: tuple[str, ...]) -> None:
        entry = f'\n["{PROPOSAL}"]\nmembers = {json.dumps(names)}\n'
        (self.data / "members.toml").write_text(self.members + entry)

    def _enter(self, actor: str) -> None:
        name = ACCOUNTS[actor]
        person = Person(self.at.address, name, PASSWORD)
        person.start_server()
        token = person.session.post(
            f"{self.at.address}/hub/api/users/{name}/tokens",
            headers={"X-XSRFToken": xsrf(person.session, "/hub/")},
            json={},
            timeout=30,
        ).json()["token"]
        kernel = person.start_kernel()
        self.actors[actor] = Actor(actor, person.session, token, person, kernel)

    def _start_what_is_the_owners(self) -> None:
        owner, at = self.actors[OWNER], self.at
        person = owner.person
        assert person is not None
        told = json.loads(person.run(CLUSTER, owner.kernel, 180).splitlines()[-1])
        at.kernel, at.cluster = owner.kernel, told["cluster"]
        at.scheduler, at.worker = told["scheduler"], told["worker"]
        host = at.scheduler.split("//")[1].rsplit(":", 1)[0]
        at.pages = f"http://{host}:{told['dashboard']}"
        self.proof[OWNER] = told["certificate"], told["key"]
        created = person.send("POST", "/api/terminals")
        created.raise_for_status()
        at.terminal = created.json()["name"]
        at.server = self.server()
        at.token_id = self._spare_token(owner)

    def _spare_token(self, owner: Actor) -> str:
        answer = requests.post(
            f"{self.at.address}/hub/api/users/{OWNER}/tokens",
            headers={"Authorization": f"token {owner.token}"},
            json={},
            timeout=30,
        )
        return str(answer.json()["id"])

    def _await_members(self) -> None:
        """All members see the data in their running kernels; the index is made."""
        code = f"import os; print(os.path.exists('data/{PROPOSAL}/raw/scan.txt'))"
        for actor, name in ACCOUNTS.items():
            if name in MEMBERS:
                found = self.actors[actor]
                wait_for(
                    lambda a=found: a.person.run(code, a.kernel) == "True\n",
                    60,
                    f"{name} sees the data",
                )
        folder = self.data / PROPOSAL / "processed" / ".daisy"
        owner = self.actors[OWNER]
        wait_for(lambda: self._page_path(owner.person), 30, "the catalogue lists it")
        self.at.page_path = self._page_path(owner.person)
        query = {"proposal": self.at.page_path}
        listed = owner.person.get("/daisy/scans", params=query)
        listed.raise_for_status()
        first = listed.json()["items"][0]["path"]
        owner.person.get("/daisy/thumb", params={"path": first}).raise_for_status()
        wait_for(
            lambda: any(path.is_file() for path in folder.rglob("*")),
            30,
            f"there is an index in {folder}",
        )
        said = owner.person.run(RESULTS, owner.kernel)
        assert said == "", said

    def _choose_to_watch(self) -> None:
        owner, at = self.actors[OWNER], self.at
        watch = f"/services/daisy-watching/watches/{PROPOSAL}"
        headers = {"Authorization": f"token {owner.token}"}
        wait_for(
            lambda: requests.put(at.address + watch, headers=headers, timeout=30).ok,
            30,
            "the owner watches",
        )

    @staticmethod
    def _page_path(person: Person) -> str:
        """Give the path of the proposal as pages know it."""
        listed = person.get("/daisy/proposals").json()["proposals"]
        return next((p["path"] for p in listed if p["name"] in PROPOSAL), "")

    def _end_those_that_end(self) -> None:
        self._say(tuple(name for name in MEMBERS if name != "revoked"))
        self.installation.hub("disable", "disabled", "--reason", "a test")
        accounts = self.installation.home / "state" / "accounts.json"
        content = json.loads(accounts.read_text())
        content["accounts"]["expired"]["until"] = str(date.today())
        draft = accounts.with_name(f".{uuid.uuid4().hex}")
        draft.write_text(json.dumps(content))
        draft.chmod(0o600)
        draft.rename(accounts)
        for name in ("disabled", "expired"):
            wait_for(lambda n=name: not self.up(n), 30, f"the server of {name} ends")
        audit = self.installation.home / "state" / "audit.jsonl"
        wait_for(lambda: f"lost {PROPOSAL}" in audit.read_text(), 60, "a revocation")
        revoked = self.actors["revoked while open"]
        wait_for(lambda: not self.up("revoked"), 30, "the server of the revoked ends")
        revoked.person.start_server()
        revoked.kernel = revoked.person.start_kernel()

    def up(self, name: str) -> bool:
        """Whether a server of an account runs."""
        return f"server of {name}\n" in self.installation.make("status").stdout

    # ---- seeing it

    def seen_inside(self) -> dict[tuple[str, str, str], str]:
        """Let every actor try from its own kernel; (actor, object, action) -> word."""
        seen = {}
        certificate, key = (part.decode() for part in new_keypair("matrix"))
        plans = {}
        for actor in ACTORS:
            proof = self.proof.get(actor, (certificate, key))
            plans[actor] = plan(self.at, self.actors[actor].token, *proof)
            plans[actor] += of_sockets(self.at)
        # at once: who is not let through waits for an answer that does not come
        with ThreadPoolExecutor(len(ACTORS)) as pool:
            told = pool.map(self._carried_out, plans, plans.values())
            for actor, words in zip(plans, told, strict=True):
                seen |= {(actor, name, action): word for name, action, word in words}
        rows = plans[ANONYMOUS]
        files = [row for row in rows if row[2] in ("file", "socket")]
        if not self.at.docker:
            files += with_secrets(self.at)
        for name, action, word in inside.carry_out(files):
            seen[ROOT_OF_MACHINE, name, action] = word
        return seen

    def _carried_out(self, actor: str, rows: list) -> list:
        found = self.actors[actor]
        if found.person is None:
            return as_nobody(rows)
        if found.name in ("expired", "disabled"):
            return [[row[0], row[1], self._is_shut(found)] for row in rows]
        source = Path(inside.__file__).read_text()
        call = f"carry_out(json.loads({json.dumps(rows)!r}))"
        code = f"{source}\nimport json\nprint(json.dumps({call}))"
        said = found.person.run(code, found.kernel, 180)
        assert said.startswith("[["), said
        return json.loads(said)

    def _is_shut(self, actor: Actor) -> str:
        """Try to run anything at all where the actor had a kernel."""
        try:
            actor.person.run("print('ran')", actor.kernel, 10)
        except Exception as error:  # whatever a dead server gives
            is_shut = any(word in str(error) for word in ("403", "404", "edirect"))
            return "refused" if is_shut else f"error: {error}"
        return "allowed"

    def remove(self) -> None:
        """Take everything away again."""
        with suppress(Exception):
            owner = self.actors[OWNER]
            owner.person.run("gateway.stop_cluster(cluster.name)", owner.kernel)
        for name in ACCOUNTS.values():
            self.installation.hub("remove", name)
        (self.data / "members.toml").write_text(self.members)


def as_nobody(rows: list) -> list:
    """Carry out a plan as an account of the machine that belongs to nothing."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            with open(writing, "w") as answer:
                json.dump(inside.carry_out(rows), answer)
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return json.loads(said)


class _Answer(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.rfile.readline()
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")


@contextmanager
def played_engine(folder: Path) -> Iterator[str]:
    """Play the socket of a container engine, as it lies on a machine: root's alone."""
    path = folder / "engine.sock"
    with socketserver.ThreadingUnixStreamServer(str(path), _Answer) as server:
        path.chmod(0o660)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield str(path)
        server.shutdown()
