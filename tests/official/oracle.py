"""Records how the service's own toolkit answers requests of many kinds, for the simulator to match.

    python3 oracle.py > oracle.json          records; needs `pip install fal httpx`
    python3 oracle.py BASE KEY               asks the simulator at BASE too, and prints what differs

A Kontext-like app of the toolkit is asked in this process, without a socket: the toolkit's server
would listen on all addresses. The picture is one that both can read.
"""

import base64
import json
import sys
from typing import Literal, Optional

import fal
import httpx
from fal.toolkit import Image
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field


class Base(BaseModel):
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


class One(Base):
    image_url: str


class Many(Base):
    image_urls: list[str]


class Output(BaseModel):
    images: list[Image]
    seed: int


class Kontext(fal.App, name="kontext-like"):
    @fal.endpoint("/kontext")
    def edit(self, input: One) -> Output:
        return Output(images=[], seed=input.seed or 0)

    @fal.endpoint("/kontext/multi")
    def join(self, input: Many) -> Output:
        return Output(images=[], seed=input.seed or 0)


# 64 by 64 of one grey, so that no body is long.
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAK0lEQVR42u3MMREAAAgEoNfkRjeEmwcBqMlN"
    "RyAQCAQCgUAgEAgEAsHzYAFAdAEArKmlZAAAAABJRU5ErkJggg=="
)
URI = "data:image/png;base64," + PICTURE
GOOD = {"prompt": "Make it red", "image_url": URI}
BOTH = {"prompt": "Make it red", "image_urls": [URI, URI]}
ONE, MANY, JSON = "kontext", "kontext/multi", "application/json"

ROWS = []


def row(name, body, kind=JSON, endpoint=ONE):
    """A text goes as it is, bytes too, anything else as JSON."""
    if not isinstance(body, (str, bytes)):
        body = json.dumps(body)
    ROWS.append((name, body.encode() if isinstance(body, str) else body, kind, endpoint))


def each(field, values):
    """One row for each value; a text is JSON already."""
    for value in values:
        body = json.dumps(GOOD)[:-1] + f', "{field}": {value}}}'
        row(f"{field}: {value[:40]}", body)


row("all is well", GOOD)
row("two pictures", BOTH, endpoint=MANY)
row("an unknown field", GOOD | {"color": "red"})
row("no prompt", {"image_url": URI})
row("no picture", {"prompt": "x"})
row("nothing at all", {})
row("a field of another endpoint", {"prompt": "x", "image_urls": [URI]})
row("two mistakes", GOOD | {"num_images": 9, "aspect_ratio": "5:4"})
row("every field is wrong", {
    "prompt": 1, "seed": "x", "guidance_scale": "y", "sync_mode": "z", "num_images": 0,
    "output_format": "gif", "safety_tolerance": "7", "enhance_prompt": 5, "aspect_ratio": "",
    "image_url": None,
})
row("a picture that is an object", GOOD | {"image_url": {"url": URI}})
row("a picture that is a list", GOOD | {"image_url": [URI]})

each("prompt", ["7", "7.5", "true", "null", "[]", "{}", '["x"]', '""', '"\\u0000"', "NaN"])
each("seed", [
    "0", "-1", "7.0", "7.5", "-0.0", "1e3", "1e20", "1e400", "-1e400", '"7"', '" 7 "', '"7.0"', '"7.5"',
    '"1_000"', '"_1"', '"1__0"', '"+7"', '"-7"', '"0x10"', '"1e3"', '""', '"abc"', '"\\u0667"', "true",
    "false", "null", "[1]", "{}", "NaN", "Infinity", "-Infinity", '"NaN"', "9007199254740993",
    "9223372036854775807", "9223372036854775808", "18446744073709551615", '"9223372036854775808"',
    "-9223372036854775808", "18446744073709551616", "1" + "0" * 40, '"007"', '"7."', '".5"', '"7.00"',
])
each("guidance_scale", [
    "1", "20", "0.5", "20.5", "1.0", "0", "-1", '"3.5"', '" 3.5 "', '"1_0"', '"1e1"', '"strong"', '"nan"',
    '"inf"', '"-inf"', '"Infinity"', '""', "true", "false", "null", "[1]", "{}", "NaN", "Infinity",
    "-Infinity", "1e400", '"0x1"', '"1,5"', '"+2"', '".5e1"',
])
each("sync_mode", [
    "0", "1", "2", "0.0", "1.0", "0.5", "-1", '"yes"', '"NO"', '"On"', '"off"', '"t"', '"F"', '"maybe"',
    '""', '" true"', '"2"', "null", "[]", "{}", "NaN",
])
each("num_images", [
    "0", "4", "5", "9", "1.5", "2.0", "-1", '"many"', '"2"', '"2.0"', '"5"', "true", "false", "null", "[]",
    "{}", "1e2", "99999999999999999999", "NaN", "Infinity",
])
each("output_format", ['"png"', '"gif"', '"PNG"', "null", "1", '["png"]', "{}", "true"])
each("safety_tolerance", ['"6"', '"7"', "2", "2.0", '"02"', "null", '" 2"'])
each("aspect_ratio", ['"1:1"', '"5:4"', "null", '""', "1", "[]"])
for name, urls in {
    "a list with a number": [URI, 7],
    "a list with two of no use": [7, None, URI, {}],
    "a text in place of a list": URI,
    "an object in place of a list": {"0": URI},
    "null in place of a list": None,
    "a number in place of a list": 7,
    "a list in a list": [[URI]],
}.items():
    row(name, BOTH | {"image_urls": urls}, endpoint=MANY)
row("no list", {"prompt": "x"}, endpoint=MANY)

WHOLE = json.dumps(GOOD)
for kind in [
    None, "", "text/plain", "text/json", "application/x-www-form-urlencoded", "application/octet-stream",
    "application/problem+json", "application/json; charset=utf-8", "APPLICATION/JSON", "multipart/form-data",
    "image/png", "nonsense", "application/jsonl",
]:
    row(f"as {kind}", WHOLE, kind)
for name, body in {
    "an empty body": "",
    "nothing but blanks": "  ",
    "null": "null",
    "a number": "7",
    "a switch": "true",
    "a list": "[1]",
    "a text": '"x"',
    "an empty list": "[]",
    "NaN alone": "NaN",
    "cut after a colon": '{"prompt": ',
    "cut in a text": '{"prompt": "x',
    "cut after a comma": '{"prompt": "x",',
    "cut in a list": "[1, ",
    "no colon": '{"prompt" "x"}',
    "no comma": '{"prompt": "x" "seed": 1}',
    "single quotes": "{'prompt': 'x'}",
    "a name without quotes": '{prompt: "x"}',
    "a comma too many": '{"prompt": "x",}',
    "a comma too many in a list": "[1,]",
    "more behind it": WHOLE + " x",
    "two of them": WHOLE + WHOLE,
    "a comment": "/* x */" + WHOLE,
    "a control letter": '{"prompt": "a\nb"}',
    "an unknown escape": '{"prompt": "\\x"}',
    "half an escape": '{"prompt": "\\u12"}',
    "a number with a plus": '{"seed": +1}',
    "a number with a nought": '{"seed": 01}',
    "a number with a dot": '{"seed": 1.}',
    "half a word": '{"seed": tru}',
    "letters before the mistake": '{"prompt": "äöü", x}',
    "the last of two counts": WHOLE[:-1] + ', "seed": 1, "seed": 5}',
    "a surrogate by itself": WHOLE[:-1] + ', "more": "\\ud800"}',
    "nested a little": WHOLE[:-1] + ', "more": ' + "[" * 300 + "]" * 300 + "}",
}.items():
    row(name, body)
row("with a mark", b"\xef\xbb\xbf" + WHOLE.encode())
row("as UTF-16", WHOLE.encode("utf-16"))
row("as UTF-16 without a mark", WHOLE.encode("utf-16-le"))
row("as UTF-16, the other way round", WHOLE.encode("utf-16-be"))
row("as UTF-32", WHOLE.encode("utf-32"))
row("not UTF-8", b'{"prompt": "caf\xe9"}')
row("binary", bytes(range(256)))


def facts(answer):
    """What must be the same."""
    body = answer.json()
    units = answer.headers.get("x-fal-billable-units")
    is_error = answer.status_code >= 400
    seed = None if is_error else str(body["seed"])
    return {"status": answer.status_code, "units": units if is_error else None,
            "refusal": body if is_error else None, "seed": seed}


def headers(kind):
    return {} if kind is None else {"content-type": kind}


def recorded():
    client = TestClient(Kontext(_allow_init=True)._build_app(), raise_server_exceptions=False)
    for name, body, kind, endpoint in ROWS:
        answer = client.post("/" + endpoint, content=body, headers=headers(kind))
        yield {"name": name, "endpoint": endpoint, "kind": kind,
               "body": base64.b64encode(body).decode()} | facts(answer)


def differences(base, key):
    client = httpx.Client(headers={"authorization": f"Key {key}"}, timeout=60)
    for wanted in recorded():
        address = f"{base}/_run/fal-ai/flux-pro/{wanted['endpoint']}"
        body = base64.b64decode(wanted["body"])
        got = facts(client.post(address, content=body, headers=headers(wanted["kind"])))
        if wanted["seed"] == "0" and b'"seed"' not in body or b'"seed": null' in body:
            # None was sent, so the simulator has drawn one.
            got["seed"] = wanted["seed"]
        if got != {name: wanted[name] for name in got}:
            yield wanted["name"], {name: wanted[name] for name in got}, got


if len(sys.argv) == 3:
    found = list(differences(*sys.argv[1:]))
    for name, wanted, got in found:
        print(f"{name}\n  toolkit   {json.dumps(wanted)[:600]}\n  simulator {json.dumps(got)[:600]}")
    print(f"{len(ROWS)} bodies, {len(found)} differences")
    sys.exit(bool(found))
print(json.dumps(list(recorded()), indent=1))
