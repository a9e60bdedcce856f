"""The pages of clusters, for their owners and for support, and for nobody else.

Upstream shows them to anybody who knows a name. Here the gateway gives them no route. A
scheduler answers only who knows its secret, and this service of the hub, which asks who
is there, knows all secrets.
"""
