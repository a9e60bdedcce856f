"""A login that is refused: who one is, what is missing, whom to ask."""


class LoginRefused(Exception):
    """Nobody is logged in.

    Parameters
    ----------
    reason
        One sentence for the page and the audit log.
    known_as
        Who the provider says it is; "" where that is not known.
    missing
        What would be needed; "" where nothing would help.
    status
        Of the HTTP answer.
    """

    def __init__(
        self, reason: str, *, known_as: str = "", missing: str = "", status: int = 403
    ) -> None:
        super().__init__(reason)
        self.reason, self.known_as = reason, known_as
        self.missing, self.status = missing, status
