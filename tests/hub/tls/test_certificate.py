"""A certificate is looked at before it is in force."""

import pytest
from certificates import make_pair
from daisy_hub.tls import CertificateUnusable, TlsOptions, read_pair
from daisy_hub.tls.certificate import put_in_place
from pydantic import ValidationError


def options(pair, name="hub.example.org", **more) -> TlsOptions:
    return TlsOptions(name=name, certificate=pair[0], key=pair[1], **more)


@pytest.mark.parametrize(
    ("host", "is_for"),
    [
        ("hub.example.org", True),
        ("HUB.example.org", True),
        ("a.wild.example.org", True),
        ("wild.example.org", False),
        ("a.b.wild.example.org", False),
        ("example.org", False),
    ],
)
def test_a_certificate_is_for_its_names_and_no_other(tmp_path, host, is_for):
    pair = make_pair(tmp_path, "hub.example.org", "*.wild.example.org")
    if is_for:
        assert read_pair(options(pair, host)).days_left() == pytest.approx(30, abs=0.1)
    else:
        with pytest.raises(CertificateUnusable, match=f"not for {host}"):
            read_pair(options(pair, host))


def test_one_that_has_ended_is_refused_with_the_day(tmp_path):
    pair = make_pair(tmp_path, "hub.example.org", days=-2)

    with pytest.raises(CertificateUnusable, match=r"ended on 20..-..-.. .* Renew it"):
        read_pair(options(pair))


def test_the_key_of_another_one_is_refused(tmp_path):
    mine = make_pair(tmp_path / "mine", "hub.example.org")
    other = make_pair(tmp_path / "other", "hub.example.org")

    with pytest.raises(CertificateUnusable, match="is not the key of"):
        read_pair(options((mine[0], other[1])))


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("content", [None, b"", b"nonsense", b"\xff\xfe"])
def test_files_that_are_none_of_their_kind_are_refused_by_name(
    tmp_path, which, content
):
    pair = make_pair(tmp_path, "hub.example.org")
    if content is None:
        pair[which].unlink()
    else:
        pair[which].write_bytes(content)

    with pytest.raises(CertificateUnusable, match=pair[which].name):
        read_pair(options(pair))


def test_the_proxy_keeps_what_it_has_when_a_new_one_cannot_be_used(tmp_path):
    pair = make_pair(tmp_path / "from", "hub.example.org")
    proxy = tmp_path / "proxy"
    proxy.mkdir()
    assert put_in_place(options(pair), proxy)
    assert not put_in_place(options(pair), proxy)
    before = (proxy / "certificate.pem").read_text()

    make_pair(tmp_path / "from", "other.example.org")
    with pytest.raises(CertificateUnusable):
        put_in_place(options(pair), proxy)

    assert (proxy / "certificate.pem").read_text() == before
    assert (proxy / "key.pem").stat().st_mode & 0o777 == 0o600


def test_the_address_has_the_port_where_it_is_not_the_usual_one(tmp_path):
    pair = make_pair(tmp_path, "hub.example.org")

    assert options(pair).url == "https://hub.example.org"
    assert options(pair, port=8443).url == "https://hub.example.org:8443"
    with pytest.raises(ValidationError, match="name"):
        options(pair, "https://hub.example.org")
