"""Records how the service's own toolkit answers requests of many kinds, for the simulator to match.

    pip install fal httpx && python3 tests/official/oracle.py > tests/official/oracle.json

A Kontext-like app of the toolkit is asked in this process, without a socket: the toolkit's server
would listen on all addresses. Facts are kept, human words (`msg`) are not.
"""

import json
from typing import Literal, Optional

import fal
from fal.toolkit import Image
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field


class Input(BaseModel):
    prompt: str
    seed: Optional[int] = None
    guidance_scale: float = Field(default=3.5, ge=1, le=20)
    sync_mode: bool = False
    num_images: int = Field(default=1, ge=1, le=4)
    output_format: Literal["jpeg", "png"] = "jpeg"
    safety_tolerance: Literal["1", "2", "3", "4", "5", "6"] = "2"
    enhance_prompt: bool = False
    aspect_ratio: Optional[
        Literal["21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"]
    ] = None
    image_url: str


class Output(BaseModel):
    images: list[Image]
    seed: int


class Kontext(fal.App, name="kontext-like"):
    @fal.endpoint("/kontext")
    def edit(self, input: Input) -> Output:
        return Output(images=[], seed=input.seed or 0)


GOOD = {"prompt": "Make it red", "image_url": "https://example.com/a.png"}
REQUESTS = {
    "all is well": GOOD,
    "a seed as text": GOOD | {"seed": "7"},
    "a switch as a word": GOOD | {"sync_mode": "yes"},
    "an unknown field": GOOD | {"color": "red"},
    "a number without fraction as a float": GOOD | {"num_images": 2.0},
    "no prompt": {"image_url": "https://example.com/a.png"},
    "nothing at all": {},
    "a field of another endpoint": {"prompt": "x", "image_urls": ["https://example.com/a.png"]},
    "too many pictures": GOOD | {"num_images": 9},
    "too few pictures": GOOD | {"num_images": 0},
    "half a picture": GOOD | {"num_images": 1.5},
    "pictures in words": GOOD | {"num_images": "many"},
    "too little guidance": GOOD | {"guidance_scale": 0.5},
    "too much guidance": GOOD | {"guidance_scale": 20.5},
    "guidance in words": GOOD | {"guidance_scale": "strong"},
    "an unknown ratio": GOOD | {"aspect_ratio": "5:4"},
    "a tolerance as a number": GOOD | {"safety_tolerance": 2},
    "an unknown format": GOOD | {"output_format": "gif"},
    "a prompt that is a number": GOOD | {"prompt": 7},
    "a prompt that is null": GOOD | {"prompt": None},
    "a switch that is neither": GOOD | {"sync_mode": "maybe"},
    "a seed that is a list": GOOD | {"seed": [1]},
    "a ratio that is null": GOOD | {"aspect_ratio": None},
    "a switch that is null": GOOD | {"sync_mode": None},
    "a count that is null": GOOD | {"num_images": None},
    "guidance that is null": GOOD | {"guidance_scale": None},
    "a format that is null": GOOD | {"output_format": None},
    "a count that is a switch": GOOD | {"num_images": True},
    "guidance that is a list": GOOD | {"guidance_scale": [1]},
    "a switch that is a list": GOOD | {"sync_mode": []},
    "a switch that is two": GOOD | {"sync_mode": 2},
    "a format that is a list": GOOD | {"output_format": ["png"]},
    "a picture that is an object": GOOD | {"image_url": {"url": "https://example.com/a.png"}},
    "two mistakes": GOOD | {"num_images": 9, "aspect_ratio": "5:4"},
    "a list": [1],
    "a text": "x",
}
RAW = {"no JSON": '{"prompt": ', "nothing but blanks": "  "}


def facts(answer):
    body = answer.json()
    for entry in body.get("detail", []) if isinstance(body.get("detail"), list) else []:
        entry.pop("msg", None)
        if entry["type"] == "json_invalid":
            # The parser's own words.
            entry.pop("ctx", None)
    units = answer.headers.get("x-fal-billable-units")
    is_error = answer.status_code >= 400
    return {"status": answer.status_code, "units": units, "refusal": body if is_error else None}


client = TestClient(Kontext(_allow_init=True)._build_app(), raise_server_exceptions=False)
recorded = []
for name, body in REQUESTS.items():
    answer = client.post("/kontext", json=body)
    recorded.append({"name": name, "body": json.dumps(body)} | facts(answer))
for name, text in RAW.items():
    answer = client.post("/kontext", content=text, headers={"content-type": "application/json"})
    recorded.append({"name": name, "body": text} | facts(answer))
print(json.dumps(recorded, indent=1))
