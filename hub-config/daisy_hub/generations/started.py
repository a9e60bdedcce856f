"""What a server was started with, kept with it: the hub may be another by now."""

from typing import TYPE_CHECKING, Any

# the hub takes a subclass of Spawner for a whole back end; this is a part of one
if TYPE_CHECKING:
    from jupyterhub.spawner import Spawner as _Spawner
else:
    _Spawner = object

KEY = "generation"


class OfGeneration(_Spawner):
    """A server of one generation from its start to its end."""

    generation = ""

    def get_state(self) -> dict[str, Any]:
        """Keep the generation with what else is known of the server."""
        return {**super().get_state(), KEY: self.generation}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take it up again."""
        super().load_state(state)
        self.generation = state.get(KEY, "")

    def clear_state(self) -> None:
        """Forget it with the server."""
        super().clear_state()
        self.generation = ""
