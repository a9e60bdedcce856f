"""Saving where there is no room: what is said, and what is left."""

import asyncio
from pathlib import Path

import pytest
from daisy_lab.contents import Contents
from tornado.web import HTTPError


def text(content: str) -> dict[str, str]:
    return {"type": "file", "format": "text", "content": content}


def save(root: Path, path: str, content: str) -> None:
    asyncio.run(Contents(root_dir=str(root)).save(text(content), path))


# the second does not fit into the buffer: it fails before the file is closed
@pytest.mark.parametrize("size", [10, 10**6])
def test_a_file_that_finds_no_room_says_so_and_what_to_do(tmp_path, size):
    (tmp_path / "full.txt").symlink_to("/dev/full")

    with pytest.raises(HTTPError) as refused:
        save(tmp_path, "full.txt", "x" * size)

    assert refused.value.status_code == 507
    assert "full.txt was not saved: there is no room left" in refused.value.log_message


def test_other_failures_keep_their_own_words(tmp_path):
    with pytest.raises(HTTPError) as refused:
        save(tmp_path, "absent/new.txt", "x")

    assert refused.value.status_code != 507


def test_a_file_is_saved_where_there_is_room(tmp_path):
    save(tmp_path, "new.txt", "kept")

    assert (tmp_path / "new.txt").read_text() == "kept"
