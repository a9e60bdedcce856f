"""When an idle kernel or server ends: told to the server, which alone knows."""

from daisy_hub.settings import Settings


def idle_arguments(settings: Settings) -> list[str]:
    """Return the server's arguments for ending what is idle.

    The server decides this itself: it alone knows whether a kernel is busy. An
    idle kernel is ended even when a tab is open (an open tab is no work), a busy
    one never; a server ends only when it has no kernel and no terminal.
    """
    return [
        f"--MappingKernelManager.cull_idle_timeout={settings.kernel_idle_seconds}",
        f"--MappingKernelManager.cull_interval={_interval(settings)}",
        "--MappingKernelManager.cull_busy=False",
        "--MappingKernelManager.cull_connected=True",
        f"--ServerApp.shutdown_no_activity_timeout={settings.server_idle_seconds}",
    ]


def _interval(settings: Settings) -> int:
    return max(1, min(300, settings.kernel_idle_seconds // 4))
