"""HTTPS at the front: what is set, and the certificate with its key."""

from daisy_hub.tls.certificate import CertificateUnusable, Pair, read_pair
from daisy_hub.tls.options import TlsOptions

__all__ = ["CertificateUnusable", "Pair", "TlsOptions", "read_pair"]
