"""How a server starts: what may be chosen, what is told meanwhile, what went wrong.

- `profiles`: sizes of servers, and who may choose which
- `choices`: what was chosen, checked; the last choice of each account
- `page`: the page on which one chooses
- `room`: how full a home is, and whether a server can start in it
- `phases`: what a start is doing, for who waits
- `failures`: why a start failed, and what to do
"""
