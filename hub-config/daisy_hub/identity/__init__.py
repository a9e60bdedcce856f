"""Who somebody is, whether they may be here, and what they may do at the hub.

`local` and `oidc` are two ways to log in; `authenticator` is what they share. Both end
in an account of the same file, and `standing` alone says whether an account goes on.
"""
