"""Hub and gateway on a real PostgreSQL: what they know outlives it and them."""

import os
import signal

import pytest
from daisy_hub.databases import DatabaseOptions, database_problems, database_url
from hubs import PASSWORD, running, wait_for
from postgres import PASSWORD as SECRET
from postgres import running_postgres
from pydantic import ValidationError

NEW_CLUSTER = (
    "from dask_gateway import Gateway\n"
    "cluster = Gateway().new_cluster(shutdown_on_close=False)\n"
    "cluster.scale(1)\n"
    "client = cluster.get_client()\n"
    "print(client.submit(lambda: 41 + 1).result(60), cluster.name)\n"
)
AGAIN = (
    "from dask_gateway import Gateway\n"
    "cluster = Gateway().connect({name!r})\n"
    "print(cluster.get_client().submit(lambda: 41 + 1).result(60))\n"
)


def options(**changes) -> DatabaseOptions:
    urls = {"hub": "postgresql://d@db:5432/hub", "gateway": "postgresql://d@db/gw"}
    return DatabaseOptions(**{**urls, **changes})


def test_files_are_the_usual_place(settings):
    assert (
        database_url(settings, "hub") == f"sqlite:///{settings.state}/jupyterhub.sqlite"
    )
    assert list(database_problems(settings)) == []


def test_the_password_comes_from_its_file_whatever_is_in_it(tmp_path):
    file = tmp_path / "secret"
    file.write_text("p@ss/w:rd\n")

    url = options(password_file=file).url("hub")

    assert url == "postgresql+psycopg://d:p%40ss%2Fw%3Ard@db:5432/hub"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://d@db/hub", "must be like postgresql://"),
        ("postgresql://", "must be like postgresql://"),
        ("postgresql://d:secret@db/hub", "has a password in it"),
    ],
)
def test_what_is_no_address_or_has_a_secret_in_it_is_refused(url, said):
    with pytest.raises(ValidationError, match=said):
        options(hub=url)


@pytest.fixture(scope="module")
def postgres():
    with running_postgres("daisy_hub", "daisy_gateway") as server:
        yield server


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    file = tmp_path_factory.mktemp("secret") / "password"
    file.write_text(SECRET)
    file.chmod(0o600)
    return file


@pytest.mark.service
def test_a_database_that_cannot_be_used_is_said_before_the_start(
    settings, postgres, secret
):
    hub, gateway = postgres.url("daisy_hub"), postgres.url("daisy_gateway")

    def said(**changes) -> str:
        entries = {"hub": hub, "gateway": gateway, "password_file": secret, **changes}
        settings.database = DatabaseOptions(**entries)
        return "\n".join(database_problems(settings))

    assert said() == ""
    assert 'database "nowhere" does not exist' in said(hub=postgres.url("nowhere"))
    wrong = secret.with_name("wrong")
    wrong.write_text("another")
    wrong.chmod(0o644)
    assert f"chmod 600 {wrong}" in said(password_file=wrong)
    assert "password authentication failed" in said(password_file=wrong)
    assert "Connection refused" in said(hub="postgresql://daisy@127.0.0.1:1/daisy_hub")
    assert "No such file" in said(password_file=secret.with_name("none"))
    assert SECRET not in said(hub=postgres.url("nowhere"))


@pytest.fixture(scope="module")
def hub(postgres, secret, demo_installation, tmp_path_factory):
    lines = (
        "[database]",
        f'hub = "{postgres.url("daisy_hub")}"',
        f'gateway = "{postgres.url("daisy_gateway")}"',
        f'password_file = "{secret}"',
    )
    user = demo_installation.software
    with running(tmp_path_factory.mktemp("hub"), *lines, environment=user) as started:
        started.add("anna")
        yield started


def kill(hub, *parts: str) -> None:
    for line in hub.does("status").splitlines():
        pid, _, part = line.strip().partition("  ")
        if part in parts:
            os.kill(int(pid), signal.SIGKILL)


@pytest.mark.service
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_runs_outlives_hub_gateway_and_a_restart_of_the_database(
    hub, postgres, new_person
):
    anna = new_person(hub.address, "anna", PASSWORD)
    anna.start_server()
    kernel = anna.start_kernel()
    answer, name = anna.run(NEW_CLUSTER, kernel).split()
    assert answer == "42"
    assert postgres.ask("daisy_hub", "SELECT name FROM users") == "anna"
    assert postgres.ask("daisy_gateway", "SELECT name FROM clusters") == name
    assert not list((hub.home / "state").glob("*.sqlite"))

    kill(hub, "hub", "gateway")
    hub.does("up")
    assert anna.run("print(cluster.name)", kernel).strip() == name
    assert anna.run(AGAIN.format(name=name)) == "42\n"

    postgres.stop()
    try:
        # the database is away: what runs goes on
        assert anna.run("print(client.submit(lambda: 7).result(60))", kernel) == "7\n"
    finally:
        postgres.start()

    def is_back() -> bool:
        return anna.run(AGAIN.format(name=name)) == "42\n"

    wait_for(is_back, 90)
    again = new_person(hub.address, "anna", PASSWORD)
    again.start_server()
    anna.run("cluster.shutdown()", kernel)
    states = "SELECT count(*) FROM clusters WHERE stop_time IS NULL"
    wait_for(lambda: postgres.ask("daisy_gateway", states) == "0", 60)


@pytest.mark.service
@pytest.mark.slow
def test_a_backup_says_that_the_databases_are_elsewhere(hub, postgres, tmp_path):
    said = hub.does("backup", str(tmp_path / "state.tar.gz"))

    assert f"pg_dump --format=custom {postgres.url('daisy_hub')} > hub.dump" in said
    assert SECRET not in said
