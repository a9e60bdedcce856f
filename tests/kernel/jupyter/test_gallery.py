"""Shared notebooks: versions that stay, copies that are one's own, edits never lost."""

import json
import threading
from pathlib import Path

import pytest

from daisy_kernel.cli import main
from daisy_kernel.jupyter.gallery import publish, shared, take, update, versions
from daisy_kernel.model.errors import GalleryRefused

PROPOSAL, OTHER = "B7/2026-0042", "B2/2026-0107"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (PROPOSAL, OTHER):
        (tmp_path / "data" / name / "raw").mkdir(parents=True)
        (tmp_path / "data" / name / "processed").mkdir()
    monkeypatch.setenv("DAISY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("USER", "anna")
    monkeypatch.setenv("LOGNAME", "anna")
    monkeypatch.chdir(tmp_path)


def write(path: Path, *sources: str) -> Path:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# Rings of a tooth\n"},
        *(
            {
                "cell_type": "code",
                "metadata": {},
                "source": source,
                "execution_count": 3,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}],
            }
            for source in sources
        ),
    ]
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    path.write_text(json.dumps(content))
    return path


def sources(path: Path) -> list[str]:
    cells = json.loads(path.read_text())["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


def edit(path: Path, source: str) -> None:
    content = json.loads(path.read_text())
    content["cells"][-1]["source"] = source
    path.write_text(json.dumps(content))


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return write(tmp_path / "My Rings.ipynb", "x = 1")


def test_what_is_published_says_what_it_is_who_when_and_which_version(notebook):
    made = publish(notebook, PROPOSAL, note="first try")

    assert (made.name, made.version, made.title) == ("my-rings", 1, "Rings of a tooth")
    assert (made.by, made.note) == ("anna", "first try")
    assert shared() == shared(PROPOSAL) == [made]
    assert shared(OTHER) == []


def test_each_publication_is_a_version_and_none_changes_an_earlier_one(notebook):
    publish(notebook, PROPOSAL)
    edit(notebook, "x = 2")
    publish(notebook, PROPOSAL, note="two")

    known = versions(PROPOSAL, "my-rings")

    assert [v.version for v in known] == [1, 2]
    assert [sources(v.file) for v in known] == [["x = 1"], ["x = 2"]]
    assert shared(PROPOSAL) == [known[-1]]


def test_many_at_once_each_get_a_number_of_their_own(notebook):
    threads = [
        threading.Thread(target=publish, args=(notebook, PROPOSAL)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [v.version for v in versions(PROPOSAL, "my-rings")] == list(range(1, 9))


def test_a_template_is_shared_without_results(notebook):
    made = publish(notebook, PROPOSAL, outputs=False)

    code = json.loads(made.file.read_text())["cells"][1]
    assert (code["outputs"], code["execution_count"]) == ([], None)


def test_a_copy_is_never_written_over_a_file(notebook, tmp_path):
    publish(notebook, PROPOSAL)

    first, second = (take(PROPOSAL, "my-rings", tmp_path / "mine") for _ in range(2))

    assert first != second
    assert sources(first) == sources(second) == ["x = 1"]


def test_an_older_version_can_be_taken(notebook, tmp_path):
    publish(notebook, PROPOSAL)
    edit(notebook, "x = 2")
    publish(notebook, PROPOSAL)

    assert sources(take(PROPOSAL, "my-rings", version=1)) == ["x = 1"]
    with pytest.raises(GalleryRefused, match="1 to 2"):
        take(PROPOSAL, "my-rings", version=7)


def test_a_copy_without_changes_of_ones_own_is_brought_up_to_date(notebook):
    publish(notebook, PROPOSAL)
    mine = take(PROPOSAL, "my-rings")
    assert update(mine) == mine
    edit(notebook, "x = 2")
    publish(notebook, PROPOSAL)

    assert update(mine) == mine

    assert sources(mine) == ["x = 2"]
    assert update(mine) == mine


def test_outputs_of_ones_own_are_no_changes_but_text_is(notebook):
    publish(notebook, PROPOSAL)
    ran = take(PROPOSAL, "my-rings")
    content = json.loads(ran.read_text())
    content["cells"][1]["outputs"] = []
    ran.write_text(json.dumps(content))
    edit(notebook, "x = 2")
    publish(notebook, PROPOSAL)

    assert update(ran) == ran


def test_changes_of_ones_own_stay_and_the_newest_is_put_beside(notebook):
    publish(notebook, PROPOSAL)
    mine = take(PROPOSAL, "my-rings")
    edit(mine, "x = 1  # of mine")
    edit(notebook, "x = 2")
    publish(notebook, PROPOSAL)

    beside = update(mine)

    assert sources(mine) == ["x = 1  # of mine"]
    assert beside.name == "my-rings-v2.ipynb"
    assert sources(beside) == ["x = 2"]


def test_a_copy_that_is_published_again_becomes_the_next_version(notebook):
    publish(notebook, PROPOSAL)
    mine = take(PROPOSAL, "my-rings")
    edit(mine, "x = 3")

    made = publish(mine, PROPOSAL)

    assert made.version == 2
    assert "daisy_shared" not in made.file.read_text()


def test_what_is_damaged_or_half_published_hides_nothing_else(notebook):
    made = publish(notebook, PROPOSAL)
    (made.folder / "v002.json").write_text("{")
    (made.folder / "v003.ipynb").write_text("{}")

    assert shared() == [made]
    assert publish(notebook, PROPOSAL).version == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [("no notebook", "cannot be read"), ('{"cells": 1}', "no notebook of version 4")],
)
def test_what_is_no_notebook_is_refused(tmp_path, content, said):
    (tmp_path / "x.ipynb").write_text(content)

    with pytest.raises(GalleryRefused, match=said):
        publish(tmp_path / "x.ipynb", PROPOSAL)


def test_what_there_is_not_is_refused_with_what_there_is(notebook, tmp_path):
    publish(notebook, PROPOSAL)

    with pytest.raises(GalleryRefused, match="There are: my-rings"):
        take(PROPOSAL, "other")
    with pytest.raises(GalleryRefused, match="no proposal B9/X"):
        publish(notebook, "B9/X")
    with pytest.raises(GalleryRefused, match="no copy of a shared notebook"):
        update(notebook)


def test_the_commands_do_the_same(notebook, capsys):
    assert main(["share", "publish", str(notebook), PROPOSAL, "--note", "new"]) == 0
    assert main(["share", "list"]) == 0
    assert main(["share", "take", PROPOSAL, "my-rings"]) == 0
    assert main(["share", "update", "my-rings.ipynb"]) == 0

    said = capsys.readouterr().out
    assert "shares my-rings, version 1: Rings of a tooth" in said
    assert "version 1 by anna" in said
    assert "my-rings.ipynb is up to date" in said
