"""The server part of the JupyterLab extension."""
