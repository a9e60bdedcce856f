"""How full a home is; on a small file system that is really full."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from daisy_hub.starting.room import Room, room_of, said, size_of

MIB = 2**20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    disk = tmp_path / "small"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m", "x", disk], check=True)
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_is_a_problem_and_one_with_room_is_none(settings, small_disk):
    assert room_of(settings, small_disk).problem == ""

    (small_disk / "data").write_bytes(bytes(25 * MIB))

    assert "Your home is full: there are 5 MiB left" in (
        room_of(settings, small_disk).problem
    )


def test_without_a_quota_nothing_is_measured(settings, tmp_path):
    assert room_of(settings, tmp_path).used is None


def test_over_the_quota_is_said_with_both_numbers(new_settings, tmp_path):
    settings = new_settings(home_quota="1 MiB")
    home = tmp_path / "anna"
    home.mkdir()
    (home / "data").write_bytes(bytes(2 * MIB))

    assert room_of(settings, home).problem == (
        "Your home takes 2 MiB; it may take 1 MiB."
    )


def test_a_size_is_kept_for_minutes_and_measured_anew_when_asked(
    new_settings, tmp_path
):
    settings = new_settings(home_quota="1 MiB")
    home = tmp_path / "anna"
    home.mkdir()
    assert room_of(settings, home).used == 0

    (home / "data").write_bytes(bytes(2 * MIB))

    assert room_of(settings, home).used == 0
    assert room_of(settings, home, fresh=True).used == 2 * MIB


def test_a_home_that_is_not_there_yet_is_empty(new_settings, tmp_path):
    room = room_of(new_settings(home_quota="1 MiB"), tmp_path / "nobody")

    assert room.used == 0
    assert room.problem == ""


def test_links_lead_nowhere_and_a_file_of_two_names_counts_once(tmp_path):
    home, other = tmp_path / "home", tmp_path / "other"
    home.mkdir()
    other.mkdir()
    (other / "data").write_bytes(bytes(8 * MIB))
    (home / "link").symlink_to(other)
    (home / "data").write_bytes(bytes(MIB))
    os.link(home / "data", home / "again")

    # a link may take a block of its own
    assert MIB <= size_of(home) < 1.1 * MIB


def test_what_is_mounted_in_a_home_is_not_its_own(tmp_path, small_disk):
    (small_disk / "data").write_bytes(bytes(8 * MIB))

    assert size_of(tmp_path) < MIB


def test_a_sparse_file_takes_what_it_takes_on_disk(tmp_path):
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(100 * MIB)

    assert size_of(tmp_path) < MIB


def test_room_is_a_problem_from_both_sides():
    assert Room(None, None, 19 * MIB).problem
    assert Room(2, 1, 10**9).problem
    assert not Room(1, 1, 10**9).problem


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1000, "0.977 KiB"), (5 * 2**30, "5 GiB")]
)
def test_sizes_are_said_with_three_digits(size, text):
    assert said(size) == text
