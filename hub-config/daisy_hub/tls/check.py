"""What must be true of HTTPS before the hub is started."""

import socket
from collections.abc import Iterator

from daisy_hub import processes
from daisy_hub.settings import Settings
from daisy_hub.tls.certificate import CertificateUnusable, read_pair


def tls_problems(settings: Settings) -> Iterator[str]:
    """Say what is wrong with certificate, key and ports, and what to do."""
    options = settings.tls
    if options is None:
        return
    try:
        read_pair(options)
        if options.key.stat().st_mode & 0o077:
            yield f"{options.key} can be read by others. Run: chmod 600 {options.key}"
    except CertificateUnusable as error:
        yield str(error)
    if processes.of_instance(settings.instance):
        return  # our own proxy holds the ports
    for port in filter(None, (options.port, options.plain_port)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((options.address, port))
            except OSError as error:
                yield (
                    f"tls: {options.address}:{port} cannot be used: {error.strerror}. "
                    "Ports below 1024 are root's; set [tls] port, or start as root."
                )
