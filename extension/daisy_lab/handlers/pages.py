"""Route `feed-page`: the feed as a page without JupyterLab, for a screen on a wall."""

from pathlib import Path

from jupyter_server.base.handlers import JupyterHandler
from tornado.web import authenticated

FOLDER = Path(__file__).parents[1] / "pages"
# nothing but our own files, and no script in what they show
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


class PageHandler(JupyterHandler):
    """A file of the page; all of them need the login, as every route."""

    name = ""
    kind = ""

    @property
    def content_security_policy(self) -> str:
        """Allow what the page needs, and nothing else."""
        return POLICY

    @authenticated
    async def get(self) -> None:
        """Send the file."""
        self.set_header("Content-Type", f"{self.kind}; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish((FOLDER / self.name).read_bytes())


class FeedPageHandler(PageHandler):
    """`feed-page?proposal`: the page itself; without a proposal, a choice."""

    name, kind = "feed.html", "text/html"


class FeedScriptHandler(PageHandler):
    """`feed-page.js`: its script."""

    name, kind = "feed.js", "text/javascript"


class FeedStyleHandler(PageHandler):
    """`feed-page.css`: its style."""

    name, kind = "feed.css", "text/css"
