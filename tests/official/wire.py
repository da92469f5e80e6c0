"""The service's Python client on the benchmark's stage, in its defaults: a line of JSON for each job."""

import json
import os
import resource
import time
from concurrent.futures import ThreadPoolExecutor

import conftest  # noqa: F401  points the client at the stage
import fal_client
import httpx

jobs, at_once = int(os.environ["JOBS"]), int(os.environ["AT_ONCE"])
pictures = httpx.Client()


def one(_):
    told = []
    answer = fal_client.subscribe(
        "fal-ai/flux-pro/kontext",
        arguments={"prompt": "a cat"},
        on_enqueue=told.append,
    )
    pictures.get(answer["images"][0]["url"]).raise_for_status().read()
    return {"id": told[0], "downloaded": time.time() * 1000}


with ThreadPoolExecutor(at_once) as pool:
    for line in pool.map(one, range(jobs)):
        print(json.dumps(line))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"cpu": (used.ru_utime + used.ru_stime) * 1000}))
