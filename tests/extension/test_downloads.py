"""Files and folders as they are, also after the line was cut."""

import asyncio
import io
import os
import shutil
import tarfile

import pytest
from tornado.httpclient import HTTPClientError

pytestmark = [pytest.mark.service, pytest.mark.timeout(120)]


@pytest.fixture
def download(data, jp_fetch):
    async def download(path, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = {"path": str(path)}
        return await jp_fetch("daisy", "download", params=asked, headers=headers)

    return download


def let_settle(folder):
    """Give all files a time of change that is long ago."""
    for file in folder.rglob("*.t*"):
        os.utime(file, (1_780_000_000,) * 2)


async def test_a_file_comes_as_it_is_and_goes_on_anywhere(download, raw):
    file = raw / "scan_0000.nxs"
    content = file.read_bytes()
    whole = await download(file)
    tag = whole.headers["Etag"]

    assert whole.body == content
    assert whole.headers["Accept-Ranges"] == "bytes"
    for header, part in {
        "bytes=100-": content[100:],
        "bytes=5-9": content[5:10],
        "bytes=-7": content[-7:],
        "bytes=3-999999999": content[3:],
    }.items():
        answer = await download(file, Range=header, If_Range=tag)
        assert (answer.code, answer.body) == (206, part), header
    size = len(content)
    answer = await download(file, Range="bytes=5-9")
    assert answer.headers["Content-Range"] == f"bytes 5-9/{size}"


async def test_what_lies_behind_the_end_is_refused(download, raw):
    with pytest.raises(HTTPClientError) as error:
        await download(raw / "scan_0000.nxs", Range="bytes=99999999999-")
    assert error.value.code == 416


async def test_another_file_is_not_joined_to_the_first_half(download, raw):
    file = raw / "scan_0000.nxs"
    tag = (await download(file)).headers["Etag"]
    shutil.copy2(raw / "scan_0001.nxs", raw / "new.nxs")
    os.replace(raw / "new.nxs", file)

    answer = await download(file, Range="bytes=100-", If_Range=tag)

    assert answer.code == 200
    assert answer.body == (raw / "scan_0001.nxs").read_bytes()


async def test_a_file_that_is_being_written_has_no_tag(download, raw):
    file = raw / "now.h5"
    file.write_bytes(b"x" * 1000)
    answer = await download(file, Range="bytes=10-")
    assert (answer.code, len(answer.body)) == (200, 1000)
    assert "Etag" not in answer.headers


async def test_a_folder_comes_as_a_tar_and_goes_on_anywhere(download, raw, tmp_path):
    folder = raw / "tiff"
    (folder / "deep").mkdir()
    long = folder / "deep" / f"{'n' * 120} 文件.txt"
    long.write_text("a long name")
    (folder / "away").symlink_to("/etc/passwd")
    let_settle(folder)
    whole = await download(folder)

    with tarfile.open(fileobj=io.BytesIO(whole.body)) as tar:
        tar.extractall(tmp_path / "out")
    for file in sorted(folder.rglob("*.t*")):
        found = tmp_path / "out" / file.relative_to(folder.parent)
        assert found.read_bytes() == file.read_bytes()
    told = (tmp_path / "out" / "tiff" / "LEFT_OUT.txt").read_text()
    assert told == "tiff/away: a link that leads out of your data\n"
    assert b"root:" not in whole.body
    for start in (1, 511, 512, 700, 20_000, len(whole.body) - 1):
        rest = await download(
            folder, Range=f"bytes={start}-", If_Range=whole.headers["Etag"]
        )
        assert rest.body == whole.body[start:], start


async def test_curl_goes_on_after_a_cut(
    download, raw, tmp_path, jp_base_url, jp_http_port, jp_auth_header
):
    curl = shutil.which("curl")
    if not curl:
        pytest.skip("curl is not installed")
    let_settle(raw / "tiff")
    whole = (await download(raw / "tiff")).body
    out = tmp_path / "part.tar"
    out.write_bytes(whole[: len(whole) // 3])
    address = (
        f"http://127.0.0.1:{jp_http_port}{jp_base_url}daisy/download?path={raw}/tiff"
    )
    login = f"Authorization: {jp_auth_header['Authorization']}"

    process = await asyncio.create_subprocess_exec(
        curl, "-sf", "-C", "-", "-H", login, "-o", str(out), address
    )
    assert await process.wait() == 0
    assert out.read_bytes() == whole


async def test_a_file_that_changes_on_the_way_breaks_the_connection(
    download, raw, monkeypatch
):
    file = raw / "large.bin"
    file.write_bytes(b"a" * 3_000_000)
    os.utime(file, (1_780_000_000,) * 2)
    from daisy_lab import archives

    opened = archives._open

    def shortened(member):
        found = opened(member)
        os.truncate(member.file, 1_500_000)
        return found

    monkeypatch.setattr(archives, "_open", shortened)
    with pytest.raises(Exception, match=r"closed|Empty|599"):
        await download(file)


async def test_what_may_not_be_read_is_not_downloaded(download, raw):
    with pytest.raises(HTTPClientError) as error:
        await download("/etc/passwd")
    assert error.value.code == 403
