#!/usr/bin/env bash
# @huggingface/inference 4.13.30 (Node 20.20.2): between two looks at fal's queue it waits with a
# timer that does not keep the process alive. A script that does nothing else ends right after the
# paid request has left: exit code 0, no picture, nothing on stdout or stderr, and the request goes
# on at the service. Beside another timer the same script does look. Keep the process busy, or follow
# the queue yourself.
#
# Seen: `alone: exit 0, said nothing, POST and no look`
#       `beside a timer: POST and looks`
# Fails when that changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'kill "${server:-}" 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --before 2026-11-29 --prefix . @huggingface/inference@4.13.30 > /dev/null
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
if (process.env.TIMER) setTimeout(() => process.exit(), 2500);
new InferenceClient("a-key").textToImage(input).then(
  () => console.log("a picture"),
  (error) => console.log(error.message),
);
JS
node queue.cjs &
server=$!
for _ in $(seq 100); do [ -e port ] || sleep 0.1; done
export PORT
PORT="$(cat port)"
asked() {
  looks="$(grep -c '^GET .*/status' requests || true)"
  [ "$looks" -gt 0 ] && looks="looks" || looks="no look"
  echo "$(grep -o '^POST' requests) and $looks"
  rm requests
}
code=0
said="$(timeout 30 node script.cjs 2>&1)" || code=$?
seen="alone: exit $code, said ${said:-nothing}, $(asked)"
said="$(TIMER=1 timeout 30 node script.cjs 2>&1)"
seen="$seen
beside a timer: $(asked)"
echo "$seen"
[ "$seen" = "alone: exit 0, said nothing, POST and no look
beside a timer: POST and looks" ]
