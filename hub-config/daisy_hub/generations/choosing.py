"""Which software a server or a cluster gets, and where it lies."""

from pathlib import Path

from daisy_hub.container_settings import LAB_ENVIRONMENT
from daisy_hub.generations.record import Generation, GenerationError, generations_of
from daisy_hub.settings import Settings


def current(settings: Settings) -> Generation:
    """Return what a new server gets.

    Raises
    ------
    GenerationError
        There are no generations, and the settings name no software either.
    """
    return generations_of(settings).current or _of_the_settings(settings)


def named(settings: Settings, name: str) -> Generation:
    """Return the generation that a running server names; "" is the current one.

    Raises
    ------
    GenerationError
        There is none of that name.
    """
    return generations_of(settings).get(name) if name else current(settings)


def environments_of(settings: Settings, generation: Generation) -> tuple[Path, Path]:
    """Return where the environment lies, and where programs inside the wall see it.

    Inside, every generation is in the same place, as it is in the images: what people
    build on it (named environments) holds for the next one too.
    """
    inner = Path(LAB_ENVIRONMENT)
    if settings.profile == "docker":
        return inner, inner
    outer = Path(generation.software)
    return outer, inner if generation.name else outer


def is_there(settings: Settings, generation: Generation) -> bool:
    """Whether the environment or image of a generation is on this machine.

    Raises
    ------
    GenerationError
        The container engine does not answer.
    """
    if settings.profile == "local":
        return (Path(generation.software) / "bin" / "jupyterhub-singleuser").exists()
    # its library would double the time of every command
    from daisy_hub.containers import Engine, EngineUnavailable

    engine = Engine(settings.containers.engine, settings.instance)
    try:
        return engine.has_image(generation.software)
    except EngineUnavailable as error:
        raise GenerationError(str(error)) from error


def _of_the_settings(settings: Settings) -> Generation:
    if settings.profile == "docker":
        return Generation("", settings.containers.lab_image)
    if settings.user_environment is None:
        raise GenerationError("There is no environment for servers. Run make up.")
    return Generation("", str(settings.user_environment))
