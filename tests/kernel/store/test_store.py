"""A name gives its object, wherever its values lie; memory stays within its budget."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import daisy_kernel as daisy
from daisy_kernel.model import Axis, DataObject, Origin, Quantity, data_object, errors
from daisy_kernel.model.volume import Volume
from daisy_kernel.store import DataStore
from daisy_kernel.store.identity import identity_of

KIB = 1024


def kib(count: int, value: float = 1.0) -> np.ndarray:
    """Make an array of so many KiB, whose values tell where they are."""
    return value + np.arange(count * KIB // 8, dtype="f8").reshape(-1, 16)


def described() -> DataObject:
    data = kib(4)
    return DataObject(
        data,
        (Axis("y", np.arange(len(data)) * 0.5, "mm"), Axis("", None, "")),
        "counts",
        {"distance": Quantity(0.2, "m")},
        data > 100,
        Origin("scan.h5: entry/data", "fit", {"order": 3}, ("a",), "abc"),
        {"y": Axis("y", np.arange(len(data)) * 0.51, "mm")},
        ("what was assumed",),
    )


def same(found: DataObject, expected: DataObject) -> None:
    assert np.array_equal(found.read(), expected.read())
    assert found.dtype == expected.dtype
    assert found.axes == expected.axes
    assert found.units == expected.units
    assert found.geometry == expected.geometry
    assert found.mask is expected.mask
    known = replace(expected.origin, identity=identity_of(expected))
    assert found.origin in (expected.origin, known)
    assert found.positions == expected.positions
    assert found.notes == expected.notes


@pytest.fixture
def store() -> Iterator[DataStore]:
    with DataStore(memory=10 * KIB) as made:
        yield made


def test_keeps_arrays_numbers_volumes_and_datasets(
    store: DataStore, hdf5: Callable[..., Path], frames: np.ndarray
) -> None:
    volume = Volume(np.ones((2, 3, 4)), "1/cm", "a.nxs", "fbp", {"axis": 3}, ("n",))
    with daisy.open(hdf5({"e/data": frames, "e/data@units": "counts"})) as scan:
        store["array"] = frames
        store["number"] = 3
        store["volume"] = volume
        store["lazy/frames"] = scan["e/data"]

        assert store["array"].data is frames
        assert store["number"].shape == ()
        assert store["number"][()] == 3
        assert store["volume"].axis_names == ("z", "y", "x")
        assert store["volume"].units == "1/cm"
        assert store["volume"].origin.parameters == {"axis": 3}
        assert store["volume"].notes == ("n",)
        assert store["lazy/frames"].is_lazy
        assert store["lazy/frames"].units == "counts"
        assert store.tier("lazy/frames") == "file"
        assert np.array_equal(store["lazy/frames"][2], frames[2])
    assert list(store) == ["array", "number", "volume", "lazy/frames"]


def test_unknown_name_lists_what_there_is_and_the_nearest(store: DataStore) -> None:
    store["maps/iron"] = 1
    store["maps/zinc"] = 2

    with pytest.raises(KeyError) as caught:
        store["maps/irn"]

    error = caught.value
    assert isinstance(error, errors.NotInStore)
    assert "Did you mean 'maps/iron'" in str(error)
    assert "maps/iron, maps/zinc" in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert store.get("nothing") is None


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "a//b", "../a", "a/../b", ".a", "a/.b", "a\0", 3]
)
def test_a_name_is_a_place_below_a_folder(store: DataStore, name: Any) -> None:
    with pytest.raises(errors.ParameterRefused, match="name"):
        store[name] = 1
    assert not store


def test_put_says_more_about_an_array(store: DataStore) -> None:
    store.put(
        "map", np.ones((2, 3)), axes="y x", units="counts",
        geometry={"energy": Quantity(9, "keV")}, mask=np.ones((2, 3), bool),
    )  # fmt: skip
    store.put("again", store["map"], units="1")

    assert store["map"].axis_names == ("y", "x")
    assert store["again"].units == "1"
    assert store["again"].axis_names == ("y", "x")
    assert store["again"].mask is store["map"].mask
    with pytest.raises(errors.ShapeMismatch):
        store.put("map", np.ones((2, 3)), axes="y")


def test_the_least_used_goes_to_disk_and_stays_the_same(store: DataStore) -> None:
    expected = described()
    store["a"], store["b"] = expected, kib(4)
    store["c"] = kib(2)
    store["b"].read()

    store["d"] = kib(2)

    tiers = {name: store.tier(name) for name in store}
    assert tiers == {"a": "disk", "b": "memory", "c": "memory", "d": "memory"}
    assert store.used == 8 * KIB
    assert store["a"].is_lazy
    same(store["a"], expected)
    assert np.array_equal(store["a"][3:5, ::2], expected.read()[3:5, ::2])


def test_what_was_read_last_is_not_the_least_used(store: DataStore) -> None:
    store["a"], store["b"] = kib(4), kib(4)
    store["a"]

    store["c"] = kib(4)

    assert (store.tier("a"), store.tier("b")) == ("memory", "disk")


def test_pinned_objects_stay(store: DataStore) -> None:
    store["a"], store["b"] = kib(4), kib(4)
    store.pin("a")

    store["c"] = kib(4)
    store["d"] = kib(7)

    tiers = [store.tier(name) for name in "abcd"]
    assert tiers == ["memory", "disk", "memory", "disk"]
    with pytest.raises(errors.StoreFull, match=r"\(a\)\. Unpin"):
        store.move("d", "memory")
    store.unpin("a")
    store.move("d", "memory")
    assert [store.tier(name) for name in "abcd"] == ["disk", "disk", "disk", "memory"]


def test_one_that_is_larger_than_memory_goes_to_disk_alone(store: DataStore) -> None:
    store["a"] = kib(4)
    store["large"] = kib(50)

    assert store.tier("large") == "disk"
    assert store.tier("a") == "memory"
    assert np.array_equal(store["large"].read(), kib(50))


def test_what_no_file_can_hold_is_refused_where_there_is_no_room(
    store: DataStore,
) -> None:
    store["words"] = np.array(["zero", "one"], object)
    store["a"] = kib(10)
    store["b"] = kib(4)

    assert store.tier("words") == "memory"
    assert store.tier("a") == "disk"
    with pytest.raises(errors.StoreFull, match="words"):
        store["more"] = np.array(["x"] * 2 * KIB, object)
    assert "more" not in store


@pytest.mark.parametrize(
    "dtype", ["u1", "<i2", ">u4", "<i8", "<f2", "<f4", ">f8", "<c8", "<c16", "?"]
)
@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (3, 4), (2, 3, 4, 2)])
def test_every_type_and_shape_comes_back_from_disk(
    store: DataStore, dtype: str, shape: tuple[int, ...]
) -> None:
    data = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    store["a"] = data

    store.move("a", "disk")

    assert store["a"].dtype.newbyteorder("=") == data.dtype.newbyteorder("=")
    assert np.array_equal(store["a"].read(), data)


def test_moves_between_all_tiers_of_this_machine(store: DataStore) -> None:
    expected = described()
    store["a"] = expected

    for tier in ("shared", "disk", "shared", "memory", "disk", "memory"):
        store.move("a", tier)  # type: ignore[arg-type]
        assert store.tier("a") == tier
        same(store["a"], expected)
        assert store.used == (0 if tier == "disk" else expected.nbytes)


def test_the_identity_stays_the_same_in_all_tiers(
    store: DataStore, hdf5: Callable[..., Path], frames: np.ndarray
) -> None:
    with daisy.open(hdf5({"d": frames})) as scan:
        store["array"] = kib(2)
        store["taken"] = scan["d"].take([3, 1])  # type: ignore[union-attr]
        before = {name: identity_of(found) for name, found in store.items()}

        assert before["array"] == identity_of(data_object(kib(2)))
        assert before["taken"] != identity_of(data_object(scan["d"].take([1, 3])))  # type: ignore[union-attr]
        for tier in ("disk", "shared", "memory", "disk"):
            for name in store:
                store.move(name, tier)  # type: ignore[arg-type]
                assert identity_of(store[name]) == before[name]


def test_shared_objects_travel_by_name(store: DataStore) -> None:
    store.put("a", kib(8), axes="y x", units="counts")
    store.move("a", "shared")
    sent = pickle.dumps(store["a"])
    code = (
        "import pickle, sys; o = pickle.load(sys.stdin.buffer); "
        "assert not o.data.flags.owndata; print(o, o.read().sum())"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], input=sent, capture_output=True, check=True
    )

    assert len(sent) < KIB
    assert done.stdout.decode().split(">")[1].strip() == str(kib(8).sum())
    assert done.stderr == b""


def test_disk_objects_travel_by_path(store: DataStore) -> None:
    store["a"] = kib(8)
    store.move("a", "disk")
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).read().sum())"

    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(store["a"]), capture_output=True, check=True,
    )  # fmt: skip

    assert float(done.stdout) == kib(8).sum()


def test_impossible_places_are_refused(store: DataStore) -> None:
    store["a"] = 1
    with pytest.raises(errors.ParameterRefused, match="memory, shared, disk"):
        store.move("a", "file")
    with pytest.raises(errors.ParameterRefused, match="memory, shared, disk"):
        store.move("a", "moon")  # type: ignore[arg-type]
    with pytest.raises(errors.ParameterRefused, match="DataStore\\(cluster="):
        store.move("a", "cluster")
    with pytest.raises(errors.NotInStore):
        store.move("b", "disk")


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    noise = np.random.default_rng(0).integers(0, 255, 1 << 20, dtype="u1")
    with DataStore(memory=1 << 20, folder=tmp_path) as store:
        store["a"] = noise
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, before[1]))
            with pytest.raises(errors.WriteFailed, match="make room"):
                store["b"] = noise + 1
            with pytest.raises(errors.WriteFailed, match="make room"):
                store.move("b", "disk")

            assert [store.tier(name) for name in "ab"] == ["memory"] * 2
            assert np.array_equal(store["a"].read(), noise)
            assert np.array_equal(store["b"].read(), noise + 1)
            assert not list(tmp_path.iterdir())
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, ignored)

        store["c"] = 1

        assert store.used <= store.budget
        assert np.array_equal(store["a"].read(), noise)


def test_replaced_objects_can_be_read_as_long_as_they_are_held(
    tmp_path: Path,
) -> None:
    with DataStore(memory=KIB, folder=tmp_path) as store:
        store["a"] = kib(4)
        held = store["a"]
        part = held.data.take([1, 2])  # type: ignore[union-attr]
        store["a"] = kib(4, 9)

        assert np.array_equal(held.read(), kib(4))
        del held
        gc.collect()
        assert np.array_equal(part.read(), kib(4)[1:3])
        assert len(list(tmp_path.iterdir())) == 2
        del part
        gc.collect()
        assert len(list(tmp_path.iterdir())) == 1
        assert np.array_equal(store["a"].read(), kib(4, 9))


def test_a_folder_of_ones_own_keeps_scans_that_anybody_can_open(tmp_path: Path) -> None:
    with DataStore(memory=KIB, folder=tmp_path / "new") as store:
        store["maps/iron"] = described()
        store["gone"] = kib(3)
        del store["gone"]
        assert "gone" not in store
    gc.collect()

    (path,) = (tmp_path / "new").iterdir()
    with daisy.open(path) as scan:
        assert np.array_equal(scan.signal[:], kib(4))  # type: ignore[index]
        assert scan.signal.units == "counts"  # type: ignore[union-attr]
        assert scan.signal.axes == ("y", None)  # type: ignore[union-attr]
        assert scan["y"].units == "mm"  # type: ignore[union-attr]


def test_a_private_folder_goes_with_the_store(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with DataStore(memory=KIB) as store:
        assert not list(tmp_path.iterdir())
        store["a"] = kib(4)
        store["b"] = kib(4)
        held = store["a"]
        assert len(list(tmp_path.iterdir())) == 1

    assert not list(tmp_path.iterdir())
    assert len(store) == 0
    with pytest.raises(errors.FileMissing, match="gone"):
        held.read()


def test_a_store_that_nobody_closed_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import numpy as np\n"
        "from daisy_kernel.store import DataStore\n"
        "s = DataStore(memory=8000); s['a'] = np.ones(2000); s['b'] = np.ones(500)\n"
        "s.move('b', 'shared'); print(s['b'].data.segment)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TMPDIR": str(tmp_path)}, capture_output=True, check=True,
    )  # fmt: skip

    assert done.stderr == b""
    assert not list(tmp_path.iterdir())
    assert not Path("/dev/shm", done.stdout.decode().strip()).exists()


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    code = (
        "import numpy as np, os, time\n"
        "from daisy_kernel.store import DataStore\n"
        "s = DataStore(memory=1); s['a'] = np.ones(1000)\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment
        )

    with start() as first:
        assert first.stdout is not None
        first.stdout.readline()
        first.kill()
    (left,) = tmp_path.iterdir()
    with start() as second, start() as third:
        for process in (second, third):
            assert process.stdout is not None
            process.stdout.readline()
        found = set(tmp_path.iterdir())
        second.kill()
        third.kill()

    assert len(found) == 2
    assert left not in found


def test_several_threads_at_once_find_what_they_put(tmp_path: Path) -> None:
    problems: list[str] = []

    with DataStore(memory=20 * KIB, folder=tmp_path) as store:

        def work(number: int) -> None:
            for i in range(8):
                name = f"{number}/{i % 3}"
                store[name] = kib(2, number * 100 + i)
                if store[name][0, 0] != number * 100 + i:
                    problems.append(name)
                for other in list(store):
                    store[other].read()
                if i % 3 == 0:
                    del store[name]

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert not problems
        assert store.used <= store.budget


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["put", "get", "pin", "unpin", "delete", "shared", "disk"]),
        st.sampled_from("abcd"),
        st.integers(1, 6),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(actions=ACTIONS)
def test_whatever_is_done_every_value_is_right_and_the_budget_kept(
    actions: list[tuple[str, str, int]],
) -> None:
    known: dict[str, np.ndarray] = {}
    with DataStore(memory=8 * KIB) as store:
        for number, (action, name, size) in enumerate(actions):
            if action == "put":
                known[name] = kib(size, number)
                store[name] = known[name]
            elif name not in known:
                continue
            elif action == "delete":
                del known[name], store[name]
            elif action == "pin":
                store.pin(name)
            elif action == "unpin":
                store.unpin(name)
            elif action == "get":
                assert np.array_equal(store[name].read(), known[name])
            else:
                with contextlib.suppress(errors.StoreFull):
                    store.move(name, action)  # type: ignore[arg-type]
            assert store.used <= store.budget
        assert set(store) == set(known)
        for name, values in known.items():
            assert np.array_equal(store[name].read(), values)


def test_shows_a_table(store: DataStore) -> None:
    store.put("maps/<iron>", np.ones((2, 3)), axes="y x", units="counts")
    store["large"] = kib(20)
    store.pin("maps/<iron>")

    text = repr(store)
    html = store._repr_html_()

    assert (
        text.splitlines()[0] == "DataStore: 2 objects, 48 bytes of 10.0 KiB in memory"
    )
    assert "maps/<iron>  (y, x) 2 x 3 float64" in text
    assert "memory, pinned" in text
    assert "20.0 KiB" in text
    assert "maps/&lt;iron&gt;" in html
