"""What the server profiles ask for and this back end cannot give."""

from collections.abc import Iterator

from daisy_hub.settings import Settings
from daisy_hub.starting.limits import LimitsUnavailable, outer_words


def profile_problems(settings: Settings) -> Iterator[str]:
    """Say what would be promised and not kept; each entry says what to do."""
    if settings.profile == "docker":
        return  # the engine bounds containers itself
    for profile in settings.server_profiles:
        for asked, word in ((profile.gpus, "gpus"), (profile.image, "image")):
            if asked:
                yield (
                    f"The server profile {profile.name} has {word} = {asked!r}, which "
                    "needs containers. Take it out, or run the profile docker."
                )
        try:
            outer_words(profile, 0)
        except LimitsUnavailable as error:
            yield str(error)
