"""HTTPS in front of a real hub: people come by it, and a new certificate by itself."""

import json
import socket
import ssl
from contextlib import closing

import pytest
import requests
from certificates import make_pair
from hubs import PASSWORD, running, wait_for
from installations import free_ports

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

HOST = "localhost"


@pytest.fixture(scope="module")
def hub(demo_installation, tmp_path_factory):
    top = tmp_path_factory.mktemp("tls")
    pair = make_pair(top / "pair", HOST)
    port, plain = free_ports(2)
    lines = (
        "sync_seconds = 2",
        "[tls]",
        f'name = "{HOST}"',
        f'certificate = "{pair[0]}"',
        f'key = "{pair[1]}"',
        'address = "127.0.0.1"',
        f"port = {port}",
        f"plain_port = {plain}",
    )
    user = demo_installation.software
    with running(top, *lines, environment=user) as started:
        started.add("anna")
        started.secure = f"https://{HOST}:{port}"
        started.plain = f"http://{HOST}:{plain}"
        started.pair = pair
        yield started


@pytest.fixture(scope="module")
def anna(hub, new_person):
    # a copy: what is believed stays so when the host's own file is renewed
    trusts = hub.home / "believed.pem"
    trusts.write_bytes(hub.pair[0].read_bytes())
    person = new_person(hub.secure, "anna", PASSWORD, str(trusts))
    person.start_server()
    return person


def served(hub) -> str:
    """Give the certificate that a browser gets now, as PEM."""
    address = HOST, int(hub.secure.rpartition(":")[2])
    return ssl.get_server_certificate(address)


def test_a_kernel_is_reached_by_https_and_cookies_never_leave_it(hub, anna):
    assert anna.run("print(6 * 7)") == "42\n"

    kept = [c for c in anna.session.cookies if "jupyterhub" in c.name]
    assert len(kept) >= 3
    assert all(cookie.secure for cookie in kept)
    assert hub.does("status").endswith(f"Ready at {hub.secure}\n")
    facts = json.loads((hub.home / "up.json").read_text())
    assert facts["address"] == hub.secure


def test_plain_http_is_led_to_https(hub, anna):
    answer = requests.get(f"{hub.plain}/hub/login", allow_redirects=False, timeout=10)

    assert answer.status_code in (301, 302, 307, 308)
    assert answer.headers["Location"] == f"{hub.secure}/hub/login"


def test_protocols_that_are_broken_are_not_spoken(hub):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    port = int(hub.secure.rpartition(":")[2])

    with (
        socket.create_connection((HOST, port), timeout=10) as plain,
        pytest.raises(ssl.SSLError),
        old.wrap_socket(plain),
    ):
        pass


def test_a_renewed_certificate_is_in_force_by_itself_and_cuts_nothing(hub, anna):
    before = served(hub)
    kernel = anna.start_kernel()
    with closing(anna._channels(kernel)) as channel:
        make_pair(hub.pair[0].parent, HOST, days=60)
        wait_for(lambda: served(hub) != before, 30)

        request = anna._execute_request("print('still here')")
        channel.send(json.dumps(request))
        said = anna._output(channel, request["header"]["msg_id"], 30)

    assert said == "still here\n"
    assert served(hub).strip() == hub.pair[0].read_text().strip()


def test_one_that_cannot_be_used_changes_nothing_and_is_said(hub):
    before = served(hub)
    make_pair(hub.pair[0].parent, "elsewhere.example.org")
    log = hub.home / "state" / "log" / "grants.log"
    said = "is for elsewhere.example.org, not for localhost"

    wait_for(lambda: said in log.read_text(), 30)

    assert served(hub) == before
    assert "not for localhost" in hub.command("check").stdout
    make_pair(hub.pair[0].parent, HOST)
    wait_for(lambda: served(hub) != before, 30)
