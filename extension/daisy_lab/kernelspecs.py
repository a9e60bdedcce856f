"""Kernels of named environments, one's own and those that proposals share."""

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from daisy_kernel.jupyter.environments import environments


class KernelSpecs(KernelSpecManager):
    """Jupyter's own list, and a kernel for each named environment.

    Looked for anew each time: an environment that was just made, or a proposal that was
    just granted, brings its kernel without a new server.
    """

    def _with_environments(self) -> None:
        usual = [d for d in self.kernel_dirs if d not in self._added]
        self._added = [str(each.kernels) for each in environments()]
        self.kernel_dirs = [*usual, *self._added]

    _added: list[str] = []  # noqa: RUF012 - replaced, never changed

    def find_kernel_specs(self) -> dict[str, str]:
        """Return the folder of each kernel by name."""
        self._with_environments()
        found: dict[str, str] = super().find_kernel_specs()
        return found

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return one kernel."""
        self._with_environments()
        return super().get_kernel_spec(kernel_name)
