"""A certificate and its key: whether they can be used, and where the proxy has them.

The proxy gets a copy. So what somebody else writes (an ACME client, an operator) is
looked at before it is in force, and one that cannot be used changes nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtensionOID, NameOID

from daisy_hub.files import write_atomically
from daisy_hub.tls.options import TlsOptions


class CertificateUnusable(Exception):
    """No browser would take it; the text says what is wrong and what to do."""


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM, and what the certificate says.

    Attributes
    ----------
    ends
        When it ends, in UTC.
    names
        Hosts that it is for.
    """

    certificate: str
    key: str
    ends: datetime
    names: tuple[str, ...]

    def is_for(self, host: str) -> bool:
        """Whether it is for a host; `*.b` is for `a.b`, and not for `b` or `c.a.b`."""
        wild = "*." + host.partition(".")[2]
        return any(name.lower() in (host.lower(), wild.lower()) for name in self.names)

    def days_left(self, now: datetime | None = None) -> float:
        """Return the days until it ends."""
        return (self.ends - (now or datetime.now(UTC))).total_seconds() / 86400


def read_pair(options: TlsOptions) -> Pair:
    """Read and check the certificate that is set.

    Raises
    ------
    CertificateUnusable
        A file is missing or none of its kind, the key is that of another
        certificate, the host is not in it, or it has ended.
    """
    texts = {}
    for path in (options.certificate, options.key):
        try:
            texts[path] = path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise CertificateUnusable(f"tls: {path} cannot be read: {error}") from error
    try:
        found = x509.load_pem_x509_certificates(texts[options.certificate].encode())[0]
    except ValueError as error:
        raise CertificateUnusable(
            f"tls: {options.certificate} has no certificate as PEM: {error}"
        ) from error
    try:
        key = load_pem_private_key(texts[options.key].encode(), None)
    except (ValueError, TypeError) as error:
        raise CertificateUnusable(
            f"tls: {options.key} has no private key without a password as PEM: {error}"
        ) from error
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if key.public_key().public_bytes(*form) != found.public_key().public_bytes(*form):
        raise CertificateUnusable(
            f"tls: {options.key} is not the key of {options.certificate}. Renew both."
        )
    pair = Pair(
        texts[options.certificate],
        texts[options.key],
        found.not_valid_after_utc,
        _names(found),
    )
    if not pair.is_for(options.name):
        raise CertificateUnusable(
            f"tls: {options.certificate} is for {', '.join(pair.names) or 'nobody'}, "
            f"not for {options.name}."
        )
    if pair.days_left() <= 0:
        raise CertificateUnusable(
            f"tls: {options.certificate} ended on {pair.ends:%Y-%m-%d %H:%M} UTC. "
            "Renew it."
        )
    return pair


def put_in_place(options: TlsOptions, folder: Path) -> bool:
    """Give the proxy the pair that is set; False where it has it already.

    Raises
    ------
    CertificateUnusable
        What the proxy had before stays.
    """
    pair = read_pair(options)
    files = {key_file(folder): pair.key, certificate_file(folder): pair.certificate}
    if all(path.exists() and path.read_text() == text for path, text in files.items()):
        return False
    for path, text in files.items():
        write_atomically(path, text)
    return True


def certificate_file(folder: Path) -> Path:
    """Return where the proxy has the certificate."""
    return folder / "certificate.pem"


def key_file(folder: Path) -> Path:
    """Return where the proxy has the key."""
    return folder / "key.pem"


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    """List its hosts: those of the extension, or, in old ones, its subject."""
    try:
        extension = certificate.extensions.get_extension_for_oid(
            ExtensionOID.SUBJECT_ALTERNATIVE_NAME
        )
    except x509.ExtensionNotFound:
        subject = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return tuple(str(name.value) for name in subject)
    names = extension.value
    if not isinstance(names, x509.SubjectAlternativeName):
        return ()
    addresses = names.get_values_for_type(x509.IPAddress)
    return (*names.get_values_for_type(x509.DNSName), *map(str, addresses))
