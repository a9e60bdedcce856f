"""`consent`: an account lets support look into its server, or not any more."""

import json

from tornado.web import authenticated

from daisy_hub import audit
from daisy_hub.consents import ConsentRefused, Consents, support_of
from daisy_hub.homes import accounts_of
from daisy_hub.settings import load
from daisy_hub.watching.keeper import Refused
from daisy_hub.watching.service import WatchesHandler


class ConsentHandler(WatchesHandler):
    """`consent`: the caller's own; PUT {"minutes"}, DELETE; POST {"name"} notes a look.

    {"until", "who"}: seconds since 1970 or None, and the accounts that are support.
    """

    @authenticated
    def get(self) -> None:
        """Tell it."""
        self._tell_consent()

    @authenticated
    def put(self) -> None:
        """Give it."""
        minutes = self._body().get("minutes")
        try:
            Consents.of(load()).give(self.caller, minutes)
        except ConsentRefused as refused:
            raise Refused(400, str(refused)) from refused
        audit.record(load(), "consent.given", actor=self.caller, minutes=minutes)
        self._tell_consent()

    @authenticated
    def delete(self) -> None:
        """End it."""
        Consents.of(load()).end(self.caller)
        audit.record(load(), "consent.ended", actor=self.caller)
        self._tell_consent()

    @authenticated
    def post(self) -> None:
        """Note that somebody looks: told by the server that is looked into."""
        name = self._body().get("name")
        if name not in support_of(accounts_of(load())):
            raise Refused(400, "name is no account of support.")
        audit.record(load(), "support.looked", actor=str(name), account=self.caller)
        self._tell_consent()

    def _body(self) -> dict[str, object]:
        try:
            body = json.loads(self.request.body or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused(400, "This request takes a JSON object.")
        return body

    def _tell_consent(self) -> None:
        settings = load()
        until = Consents.of(settings).until(self.caller)
        self.finish({"until": until, "who": support_of(accounts_of(settings))})
