#!/usr/bin/env bash
# sharp 0.35.5: `keepMetadata()` turns an iTXt of a PNG into zTXt, and leaves its bytes as UTF-8. A
# zTXt is Latin-1 by the standard, and Pillow 13.0.0 reads it so: every letter outside ASCII of a
# prompt that was right before is two or three wrong ones after. sharp itself reads them back as
# UTF-8, so that it looks right there. Read a zTXt as UTF-8 first, and as Latin-1 where that fails.
#
# Seen: `before: iTXt 'a cup for \xd6 \u2615'`
#       `after: zTXt sharp 'a cup for \xd6 \u2615' Pillow 'a cup for \xc3\x96 \xe2\x98\x95'`
# Fails when that changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --before 2026-11-29 --prefix . sharp@0.35.5 > /dev/null
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pillow==13.0.0
cat > write.py <<'PY'
from PIL import Image, PngImagePlugin

texts = PngImagePlugin.PngInfo()
texts.add_itxt("parameters", "a cup for Ö ☕")
Image.new("RGB", (16, 16), (200, 120, 40)).save("before.png", pnginfo=texts)
PY
cat > copy.cjs <<'JS'
const sharp = require("sharp");
sharp("before.png").keepMetadata().png().toFile("after.png")
  .then(() => sharp("after.png").metadata())
  .then(({ comments }) => console.log(comments[0].text));
JS
cat > read.py <<'PY'
import sys
from PIL import Image

def kind(name):
    file = open(name, "rb").read()
    return next(kind for kind in ("tEXt", "zTXt", "iTXt") if kind.encode() + b"parameters\0" in file)

words = lambda name: ascii(Image.open(name).text["parameters"])
print("before:", kind("before.png"), words("before.png"))
print("after:", kind("after.png"), "sharp", ascii(sys.argv[1]), "Pillow", words("after.png"))
PY
python/bin/python write.py
seen="$(python/bin/python read.py "$(node copy.cjs)")"
echo "$seen"
[ "$seen" = "before: iTXt 'a cup for \\xd6 \\u2615'
after: zTXt sharp 'a cup for \\xd6 \\u2615' Pillow 'a cup for \\xc3\\x96 \\xe2\\x98\\x95'" ]
