"""What the engine is told for an account's container, without an engine."""

from pathlib import Path

import pytest
from daisy_hub.container_settings import Limits
from daisy_hub.containers import account_arguments, zone
from daisy_hub.containers.arguments import gpu_request
from daisy_hub.sandbox import Mount, Sandbox
from daisy_hub.starting.profiles import ServerProfile

DATA = Path("/home/anna/data")


def arguments(*proposals: Mount, environment: dict | None = None) -> dict:
    sandbox = Sandbox(
        account="anna",
        home=Path("/srv/homes/anna"),
        environment=Path("/opt/daisy/lab"),
        inner_environment=Path("/opt/daisy/lab"),
        passwd=Path("/srv/passwd"),
        group=Path("/srv/group"),
        data=proposals,
        uid=70_001,
        gid=70_001,
        groups=(80_001, 80_002),
    )
    return account_arguments(
        sandbox,
        instance="abc",
        part="server",
        image="daisy/lab:1",
        network="daisy-abc-network-anna",
        limits=Limits(memory="1 GiB", cpus=1.5, processes=100),
        command=["program", "--option"],
        environment=environment or {},
    )


def test_a_container_is_the_accounts_and_holds_no_right_of_root():
    told = arguments()

    assert told["user"] == "70001:70001"
    assert told["group_add"] == ["80001", "80002"]
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges"]
    assert told["read_only"] is True
    assert not {"privileged", "devices", "cap_add", "volumes"} & set(told)


def test_limits_are_those_of_the_settings_and_nothing_is_swapped():
    told = arguments()

    assert told["mem_limit"] == told["memswap_limit"] == 2**30
    assert told["nano_cpus"] == 1_500_000_000
    assert told["pids_limit"] == 100


def test_the_mounts_are_the_sandboxes_and_only_home_and_processed_are_writable():
    told = arguments(
        Mount(Path("/data/B7/P1"), DATA / "B7/P1"),
        Mount(Path("/data/B7/P1/processed"), DATA / "B7/P1/processed", writable=True),
    )

    writable = {m["Target"] for m in told["mounts"] if not m["ReadOnly"]}
    sources = {m["Target"]: m["Source"] for m in told["mounts"]}
    assert writable == {"/home/anna", "/home/anna/data/B7/P1/processed"}
    assert sources["/home/anna"] == "/srv/homes/anna"
    assert sources["/home/anna/data/B7/P1"] == "/data/B7/P1"
    assert set(told["tmpfs"]) == {"/tmp", "/home/anna/data"}


def test_one_mount_for_all_data_takes_the_place_of_the_folder_in_memory():
    told = arguments(Mount(Path("/srv/views/anna"), DATA, writable=True))

    assert set(told["tmpfs"]) == {"/tmp"}


def test_what_comes_into_a_view_later_is_seen_inside_and_nothing_goes_back():
    told = arguments(Mount(Path("/srv/views/anna"), DATA, writable=True))

    options = {m["Target"]: m.get("BindOptions", {}) for m in told["mounts"]}
    assert options[str(DATA)] == {"Propagation": "rslave"}
    assert "Propagation" not in options["/home/anna"]


def test_a_container_is_told_the_time_zone_of_the_machine(tmp_path, monkeypatch):
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Asia/Shanghai")
    monkeypatch.setattr(zone, "LOCAL_TIME", link)

    assert arguments(environment={"TZ": "UTC"})["environment"]["TZ"] == "Asia/Shanghai"


def test_a_zone_without_a_name_is_left_to_the_image(tmp_path, monkeypatch):
    (tmp_path / "localtime").write_bytes(b"TZif2")
    monkeypatch.setattr(zone, "LOCAL_TIME", tmp_path / "localtime")

    assert "TZ" not in arguments()["environment"]


@pytest.mark.parametrize("name", ["HOME", "PATH", "DAISY_DATA", "JUPYTER_CONFIG_PATH"])
def test_a_caller_cannot_replace_what_the_sandbox_says(name):
    assert arguments(environment={name: "other"})["environment"][name] != "other"


def test_a_profile_changes_the_limits_that_it_names_and_no_others():
    limits = Limits(memory="1 GiB", cpus=1.5, processes=100)

    large = limits.of_profile(
        ServerProfile(name="large", title="Large", memory="8 GiB")
    )

    assert (large.memory, large.cpus, large.processes) == (8 * 2**30, 1.5, 100)


def test_graphics_cards_are_asked_of_the_engine_by_their_number():
    assert arguments()["device_requests"] == []
    assert gpu_request(2)["Count"] == 2
