"""First results without a click: rules that are carried out for every new scan."""

from daisy_kernel.workflow.feed.items import Item, items
from daisy_kernel.workflow.feed.rules import Rule, Rules, default_rules, read_rules
from daisy_kernel.workflow.feed.service import Feed

__all__ = [
    "Feed",
    "Item",
    "Rule",
    "Rules",
    "default_rules",
    "items",
    "read_rules",
]
