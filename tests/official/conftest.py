"""Points the service's Python client at the simulator: the only change to it."""

import os

import fal_client.client as client

base = os.environ["BASE"]
client.RUN_URL_FORMAT = base + "/_run/"
client.QUEUE_URL_FORMAT = base + "/_queue/"
client.REST_URL = base + "/_rest"
client.CDN_URL = base + "/_cdn"
