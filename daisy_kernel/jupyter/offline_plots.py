"""Read by holoviews when it is imported (HOLOVIEWSRC): plots without internet."""

import builtins

if hasattr(builtins, "__IPYTHON__"):
    from holoviews.ipython import notebook_extension

    # the scripts go into the notebook; without this they are asked from a CDN
    notebook_extension.param.inline.default = True
