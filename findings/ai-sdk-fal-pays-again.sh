#!/usr/bin/env bash
# ai 7.0.173 with @ai-sdk/fal 3.0.41 (Node 20.20.2): the download of the finished picture is part of
# what `generateImage` repeats. When the storage answers 503 for a while, the paid POST leaves again
# each time, though the first picture is there and paid: three for one call that fails in the end.
# With `maxRetries: 0` one POST leaves.
#
# Seen: `AI_RetryError: POST edit, GET picture, POST edit, GET picture, POST edit, GET picture`
#       `AI_APICallError: POST edit, GET picture`
# Fails when that changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --before 2026-11-29 --prefix . ai@7.0.173 @ai-sdk/fal@3.0.41 > /dev/null
cat > script.mjs <<'JS'
import { createServer } from "node:http";
import { createFal } from "@ai-sdk/fal";
import { generateImage } from "ai";

const requests = [];
const server = createServer((request, response) => {
  const isEdit = request.method === "POST";
  requests.push(`${request.method} ${isEdit ? "edit" : "picture"}`);
  response.setHeader("content-type", "application/json");
  response.statusCode = isEdit ? 200 : 503;
  const url = `http://127.0.0.1:${server.address().port}/picture.png`;
  response.end(isEdit ? JSON.stringify({ images: [{ url, width: 8, height: 8 }] }) : "{}");
});
server.listen(0, "127.0.0.1", async () => {
  const baseURL = `http://127.0.0.1:${server.address().port}`;
  const model = createFal({ apiKey: "a:key", baseURL }).image("fal-ai/flux-pro/kontext");
  for (const options of [{}, { maxRetries: 0 }]) {
    requests.length = 0;
    const made = generateImage({ model, prompt: "a cup", ...options });
    const told = await made.then(() => "a picture", (error) => error.name);
    console.log(`${told}: ${requests.join(", ")}`);
  }
  server.close();
});
JS
seen="$(timeout 60 node script.mjs)"
echo "$seen"
[ "$seen" = "AI_RetryError: POST edit, GET picture, POST edit, GET picture, POST edit, GET picture
AI_APICallError: POST edit, GET picture" ]
