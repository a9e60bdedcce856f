"""JupyterHub as it comes: the peer. Its proxy is the one that DAISY uses too."""

import json
import os

plain = json.loads(os.environ["PLAIN_HUB"])
c.JupyterHub.bind_url = f"http://127.0.0.1:{plain['port']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{plain['port'] + 1}"
c.JupyterHub.db_url = f"sqlite:///{plain['top']}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = f"{plain['top']}/cookie-secret"
c.JupyterHub.proxy_class = "traefik_file"
c.TraefikFileProviderProxy.traefik_api_url = f"http://127.0.0.1:{plain['port'] + 2}"
c.TraefikFileProviderProxy.traefik_api_username = "admin"
c.TraefikFileProviderProxy.traefik_api_password = "of this run only"
c.TraefikFileProviderProxy.static_config_file = f"{plain['top']}/traefik.toml"
c.TraefikFileProviderProxy.dynamic_config_file = f"{plain['top']}/rules.toml"
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = plain["password"]
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{plain['top']}/home/{{username}}"
c.Spawner.cmd = [plain["standin"]]
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
