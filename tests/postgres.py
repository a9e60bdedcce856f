"""A PostgreSQL server of a test's own, with a password, on a port of this machine."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from installations import free_ports

PROGRAMS = sorted(
    Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
)
USER, PASSWORD = "daisy", "a long password of the database"


@dataclass
class Postgres:
    """A server that may be stopped and started again."""

    folder: Path
    port: int

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}"
        log = self.folder / "log"
        self._as_owner("pg_ctl", "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """As in an upgrade: connections are cut."""
        self._as_owner("pg_ctl", "-w", "-m", "fast", "stop")

    def ask(self, database: str, question: str) -> str:
        words = "-tA", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER
        return subprocess.run(
            [PROGRAMS[-1] / "psql", *words, "-d", database, "-c", question],
            env={**os.environ, "PGPASSWORD": PASSWORD},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def _as_owner(self, program: str, *words: object) -> None:
        """PostgreSQL refuses to run as root."""
        identity = []
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            identity = [
                "setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}",
                "--clear-groups",
            ]  # fmt: skip
        subprocess.run(
            [*identity, PROGRAMS[-1] / program, "-D", self.folder / "data", *words],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def running_postgres(*databases: str) -> Iterator[Postgres]:
    """Start a server with empty databases, and throw it away."""
    # not below pytest's own folder, which is closed to other users
    folder = Path(f"/var/tmp/daisy-postgres-{os.urandom(4).hex()}")
    folder.mkdir()
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        shutil.chown(secret, "postgres")
    server = Postgres(folder, free_ports(1)[0])
    try:
        server._as_owner(
            "initdb", "-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}",
            "--no-sync", "--locale=C.UTF-8",
        )  # fmt: skip
        server.start()
        for name in databases:
            server.ask("postgres", f"CREATE DATABASE {name}")
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
