"""Servers that the hub keeps running for accounts that watch a proposal.

Rules are carried out by the server of a member, in that member's sandbox and with that
member's rights. A member may choose to have the own server kept for it, also when
nobody is logged in: this service knows the choices and starts such servers again.
"""
