"""A file that the service's Python client uploads in parts comes back whole."""

import os
import tempfile

import conftest  # noqa: F401  points the client at the simulator
import fal_client
import httpx

data = bytes(at * 7 % 251 for at in range(251)) * (105 * 1024 * 1024 // 251)
with tempfile.NamedTemporaryFile(suffix=".bin") as file:
    file.write(data)
    file.flush()
    address = fal_client.upload_file(file.name)
assert httpx.get(address, timeout=60).content == data
print("Python: a large file goes in parts and is whole again")
