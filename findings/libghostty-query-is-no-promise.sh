#!/usr/bin/env bash
# libghostty as pyghostty 0.1.3 ships it: the usual question for kitty's graphics, one raw pixel
# (`a=q`, `f=24`), is answered OK, also for zlib data (`o=z`), while a PNG (`f=100`) is refused with
# EINVAL. The name that it tells is the bare `libghostty`. Ask with the format that will be sent.
#
# Seen: `libghostty: f=24 OK; f=32,o=z OK; f=100 EINVAL: unsupported format`
# Fails when that changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pyghostty==0.1.3
cat > ask.py <<'PY'
import re
import struct
import zlib
from base64 import b64encode

import pyghostty

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

# One red pixel, 8 bits a channel, RGB.
header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
png += chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")

terminal = pyghostty.Terminal(80, 24)
replies = []
terminal.on_reply(lambda reply: replies.append(bytes(reply).decode()))

def ask(form, data):
    replies.clear()
    question = f"\x1b_Gi=1,s=1,v=1,a=q,t=d,{form};".encode()
    terminal.feed(question + b64encode(data) + b"\x1b\\")
    return form + " " + re.search("i=1;(.*)\x1b", replies[0])[1]

terminal.feed(b"\x1b[>q")
name = re.search(r"\|(.*)\x1b", replies[0])[1]
answers = [ask("f=24", b"\xff\0\0"), ask("f=32,o=z", zlib.compress(b"\xff\0\0\xff")), ask("f=100", png)]
print(f"{name}: {'; '.join(answers)}")
PY
seen="$(python/bin/python ask.py)"
echo "$seen"
[ "$seen" = "libghostty: f=24 OK; f=32,o=z OK; f=100 EINVAL: unsupported format" ]
