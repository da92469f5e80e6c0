#!/usr/bin/env bash
# @huggingface/inference 4.13.30 (Node 20.20.2): between two looks at fal's queue it waits with a
# timer that does not keep the process alive. A script that does nothing else ends right after the
# paid request has left: exit code 0, no picture, no error, the promise never settles, and the
# request goes on at the service. Keep the process busy, or follow the queue yourself.
#
# Seen: `exit 0, said nothing; POST /fal-ai/flux/dev`
# Fails when that changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'kill "${server:-}" 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @huggingface/inference@4.13.30 > /dev/null
# A queue in another process: one request, accepted, not finished yet.
cat > queue.cjs <<'JS'
const fs = require("node:fs");
const server = require("node:http").createServer((request, response) => {
  request.resume().on("end", () => {
    fs.appendFileSync("requests", `${request.method} ${request.url}\n`);
    const response_url = "https://queue.fal.run/fal-ai/flux/requests/1";
    const status = request.method === "POST" ? "IN_QUEUE" : "IN_PROGRESS";
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ request_id: "1", status, response_url }));
  });
});
server.listen(0, "127.0.0.1", () => {
  fs.writeFileSync("port.new", String(server.address().port));
  fs.renameSync("port.new", "port");
});
JS
cat > script.cjs <<'JS'
const { InferenceClient } = require("@huggingface/inference");
const fetched = globalThis.fetch;
const mapping = { "fal-ai": { providerId: "fal-ai/flux/dev", status: "live", task: "text-to-image" } };
globalThis.fetch = async (address, options) => {
  const { host, pathname, search } = new URL(address);
  if (host === "huggingface.co") return Response.json({ inferenceProviderMapping: mapping });
  return fetched(`http://127.0.0.1:${process.env.PORT}${pathname}${search}`, options);
};
const input = { provider: "fal-ai", model: "black-forest-labs/FLUX.1-dev", inputs: "a cup" };
new InferenceClient("a-key").textToImage(input).then(
  () => console.log("a picture"),
  (error) => console.log(error.message),
);
JS
node queue.cjs &
server=$!
until [ -e port ]; do sleep 0.1; done
code=0
said="$(PORT="$(cat port)" timeout 30 node script.cjs)" || code=$?
seen="exit $code, said ${said:-nothing}; $(paste -sd, requests)"
echo "$seen"
[ "$seen" = "exit 0, said nothing; POST /fal-ai/flux/dev" ]
