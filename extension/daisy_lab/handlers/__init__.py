"""The routes below `daisy/`: each parses, asks a reader process, and encodes."""

from jupyter_server.utils import url_path_join
from tornado.web import RequestHandler

from daisy_lab.handlers.catalog import (
    NeighbourHandler,
    NewestHandler,
    ProposalsHandler,
    SamplesHandler,
    ScansHandler,
    ThumbHandler,
)
from daisy_lab.handlers.clusters import ClustersHandler
from daisy_lab.handlers.consent import ConsentHandler
from daisy_lab.handlers.events import EventsHandler
from daisy_lab.handlers.exports import DownloadHandler, ExportHandler
from daisy_lab.handlers.feed import FeedHandler
from daisy_lab.handlers.masks import MaskHandler
from daisy_lab.handlers.nodes import (
    ChildrenHandler,
    DifferenceHandler,
    FindHandler,
    NodeHandler,
    PlotHandler,
)
from daisy_lab.handlers.notebooks import (
    NotebooksHandler,
    RecordingsHandler,
    TemplatesHandler,
)
from daisy_lab.handlers.pages import (
    FeedPageHandler,
    FeedScriptHandler,
    FeedStyleHandler,
)
from daisy_lab.handlers.pictures import PixelHandler, SeriesHandler, TileHandler
from daisy_lab.handlers.regions import RegionHandler
from daisy_lab.handlers.room import RoomHandler
from daisy_lab.handlers.runs import (
    GoOnHandler,
    NoteHandler,
    OneRunHandler,
    RunPictureHandler,
    RunsHandler,
    StopRunHandler,
)
from daisy_lab.handlers.sharing import ShareHandler, UpdateHandler
from daisy_lab.handlers.software import SoftwareHandler
from daisy_lab.handlers.tables import AttributesHandler, ValuesHandler
from daisy_lab.handlers.visits import VisitsHandler
from daisy_lab.handlers.watches import WatchesHandler

ROUTES: dict[str, type[RequestHandler]] = {
    "events": EventsHandler,
    "proposals": ProposalsHandler,
    "samples": SamplesHandler,
    "scans": ScansHandler,
    "neighbour": NeighbourHandler,
    "newest": NewestHandler,
    "thumb": ThumbHandler,
    "children": ChildrenHandler,
    "find": FindHandler,
    "difference": DifferenceHandler,
    "node": NodeHandler,
    "plot": PlotHandler,
    "tile": TileHandler,
    "series": SeriesHandler,
    "pixel": PixelHandler,
    "mask": MaskHandler,
    "region": RegionHandler,
    "values": ValuesHandler,
    "attributes": AttributesHandler,
    "export": ExportHandler,
    "download": DownloadHandler,
    "templates": TemplatesHandler,
    "share": ShareHandler,
    "share/update": UpdateHandler,
    "notebooks": NotebooksHandler,
    "recordings": RecordingsHandler,
    "visits": VisitsHandler,
    "clusters": ClustersHandler,
    "room": RoomHandler,
    "consent": ConsentHandler,
    "software": SoftwareHandler,
    "runs": RunsHandler,
    "run": OneRunHandler,
    "run/picture": RunPictureHandler,
    "run/stop": StopRunHandler,
    "run/go-on": GoOnHandler,
    "run/note": NoteHandler,
    "feed": FeedHandler,
    "watches": WatchesHandler,
    "feed-page": FeedPageHandler,
    "feed-page.js": FeedScriptHandler,
    "feed-page.css": FeedStyleHandler,
}


def routes(base_url: str) -> list[tuple[str, type[RequestHandler]]]:
    """Return the routes below the server's address."""
    return [
        (url_path_join(base_url, "daisy", name), handler)
        for name, handler in ROUTES.items()
    ]
