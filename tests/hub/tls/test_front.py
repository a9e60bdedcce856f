"""HTTPS in front of processes and of containers: where the proxy listens."""

import json
from pathlib import Path

import pytest
from certificates import make_pair
from daisy_hub import traefik
from daisy_hub.containers import front
from daisy_hub.tls import CertificateUnusable, TlsOptions

HOST = "hub.example.org"


@pytest.fixture
def encrypted(new_settings, tmp_path):
    """Settings with HTTPS: encrypted("docker")."""
    pair = make_pair(tmp_path / "pair", HOST)
    options = TlsOptions(
        name=HOST,
        certificate=pair[0],
        key=pair[1],
        address="192.0.2.7",
        port=8443,
        plain_port=8080,
    )

    def make(profile: str):
        settings = new_settings(profile=profile)
        return settings.model_copy(update={"tls": options})

    return make


def points(settings) -> dict[str, str]:
    (config,) = traefik.command(settings, Path("/env"))[1:]
    content = json.loads(Path(config.removeprefix("--configFile=")).read_text())
    return {name: entry["address"] for name, entry in content["entryPoints"].items()}


def test_processes_are_reached_on_the_address_that_is_set(encrypted):
    settings = encrypted("local")

    found = points(settings)

    assert found["https"] == "192.0.2.7:8443"
    assert found["to-https"] == "192.0.2.7:8080"
    assert found["http"] == f"127.0.0.1:{settings.port}"
    assert settings.public_url == f"https://{HOST}:8443"


def test_containers_are_reached_by_ports_that_the_engine_opens_there_alone(encrypted):
    settings = encrypted("docker")

    found = points(settings)

    assert found["https"] == "0.0.0.0:8443"  # of the front's own network
    assert front._published(settings) == {
        f"{settings.port}/tcp": ("127.0.0.1", settings.port),
        "8443/tcp": ("192.0.2.7", 8443),
        "8080/tcp": ("192.0.2.7", 8080),
    }
    # what the proxy's container sees of the host has the certificate in it
    files = traefik.certificates(settings)["tls"]["stores"]["default"]
    for file in files["defaultCertificate"].values():
        assert Path(file).is_relative_to(settings.proxy_folder)
        assert Path(file).read_text().startswith("-----BEGIN")


def test_a_proxy_that_starts_again_goes_on_with_the_certificate_that_it_has(encrypted):
    settings = encrypted("local")
    traefik.command(settings, Path("/env"))
    make_pair(settings.tls.certificate.parent, HOST, days=-1)

    assert "https" in points(settings)
    with pytest.raises(CertificateUnusable, match="ended on"):
        traefik.renew(settings)


def test_without_a_certificate_nothing_is_opened(new_settings):
    settings = new_settings(profile="docker")

    assert set(points(settings)) == {"http", "hub-api"}
    assert front._published(settings) == {
        f"{settings.port}/tcp": ("127.0.0.1", settings.port)
    }
