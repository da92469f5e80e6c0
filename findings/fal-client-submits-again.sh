#!/usr/bin/env bash
# @fal-ai/client 1.10.1 (Node 20.20.2): `queue.submit` counts a line that breaks after the request
# was taken as worth another try. The same POST leaves four times, with no header that would
# let the service know it again: up to four requests are made, and paid, for one call, and the caller
# learns of none of them.
#
# Seen: `raised: fetch failed; 4 POST, heads alike: true, a key in them: false`
# Fails when that changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --before 2026-11-29 --prefix . @fal-ai/client@1.10.1 > /dev/null
cat > script.cjs <<'JS'
const { createFalClient } = require("@fal-ai/client");
const heads = [];
// Reads the whole request, then the line breaks before the answer.
const server = require("node:http").createServer((request) => {
  request.resume().on("end", () => {
    if (request.method === "POST") heads.push(JSON.stringify(request.headers));
    request.socket.destroy();
  });
});
server.listen(0, "127.0.0.1", async () => {
  const fal = createFalClient({
    credentials: "a:key",
    fetch: (address, options) =>
      fetch(`http://127.0.0.1:${server.address().port}${new URL(address).pathname}`, options),
  });
  const submitted = fal.queue.submit("fal-ai/flux-pro/kontext", { input: { prompt: "a cup" } });
  const told = await submitted.then(() => "accepted", (error) => `raised: ${error.message}`);
  const isAlike = heads.every((head) => head === heads[0]);
  const hasKey = /idempoten|request-id|retry/i.test(heads.join());
  console.log(`${told}; ${heads.length} POST, heads alike: ${isAlike}, a key in them: ${hasKey}`);
  server.close();
});
JS
seen="$(timeout 60 node script.cjs)"
echo "$seen"
[ "$seen" = "raised: fetch failed; 4 POST, heads alike: true, a key in them: false" ]
