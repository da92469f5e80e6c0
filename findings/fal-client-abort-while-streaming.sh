#!/usr/bin/env bash
# @fal-ai/client 1.10.1 (Node 20.20.2): `subscribe` with `mode: "streaming"` does not look at its
# `abortSignal` once the status streams: it waits for the end and resolves. With `mode: "polling"`
# the same signal raises an AbortError at once. Neither asks the service to cancel the request, so
# that it is paid all the same.
#
# Seen: `streaming: resolved, after the end: true, asked to cancel: false`
#       `polling: AbortError, after the end: false, asked to cancel: false`
# Fails when that changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --before 2026-11-29 --prefix . @fal-ai/client@1.10.1 > /dev/null
cat > script.cjs <<'JS'
const { createFalClient } = require("@fal-ai/client");
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let [ended, cancelled] = [false, false];
const server = require("node:http").createServer(async (request, response) => {
  cancelled ||= request.url.endsWith("/cancel");
  const status = (name) => JSON.stringify({ request_id: "1", status: name, logs: [] });
  if (request.url.includes("/status/stream")) {
    response.setHeader("content-type", "text/event-stream");
    response.write(`data: ${status("IN_PROGRESS")}\n\n`);
    await wait(1500);
    ended = true;
    return response.end(`data: ${status("COMPLETED")}\n\n`);
  }
  response.setHeader("content-type", "application/json");
  if (request.url.includes("/status") || request.method !== "GET") {
    return response.end(status(request.method === "GET" ? "IN_PROGRESS" : "IN_QUEUE"));
  }
  response.end('{"images":[]}');
});
server.listen(0, "127.0.0.1", async () => {
  const fal = createFalClient({
    credentials: "a:key",
    fetch: (address, options) => {
      const { pathname, search } = new URL(address);
      return fetch(`http://127.0.0.1:${server.address().port}${pathname}${search}`, options);
    },
  });
  for (const mode of ["streaming", "polling"]) {
    ended = false;
    const abort = new AbortController();
    // Once the first status has come.
    const onQueueUpdate = () => setTimeout(() => abort.abort(), 100);
    const options = { mode, pollInterval: 100, input: {}, onQueueUpdate, abortSignal: abort.signal };
    const following = fal.subscribe("fal-ai/flux-pro/kontext", options);
    const told = await following.then(() => "resolved", (error) => error.name);
    const after = ended;
    await wait(500);
    console.log(`${mode}: ${told}, after the end: ${after}, asked to cancel: ${cancelled}`);
  }
  server.closeAllConnections();
  server.close();
});
JS
seen="$(timeout 60 node script.cjs)"
echo "$seen"
[ "$seen" = "streaming: resolved, after the end: true, asked to cancel: false
polling: AbortError, after the end: false, asked to cancel: false" ]
