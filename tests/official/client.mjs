// What the service's JavaScript client can do, done against the simulator.
import assert from "node:assert/strict";
import { fal } from "@fal-ai/client";
import "./here.mjs";

const TEXT = "fal-ai/flux-pro/kontext/text-to-image";
const EDIT = "fal-ai/flux-pro/kontext";
const input = { prompt: "a lighthouse", seed: 7 };
let done = 0;

async function check(name, body) {
  await body();
  done += 1;
  console.log(`ok ${name}`);
}

function isPicture(data) {
  assert.equal(data.images.length, 1);
  assert.match(data.images[0].url, /^http/);
  assert.equal(data.seed, 7);
}

await check("run", async () => isPicture((await fal.run(TEXT, { input })).data));

await check("subscribe by polling, with logs", async () => {
  const seen = [];
  const answer = await fal.subscribe(TEXT, {
    input, logs: true, mode: "polling", pollInterval: 50,
    onQueueUpdate: (status) => seen.push(status.status),
  });
  isPicture(answer.data);
  assert.ok(seen.includes("COMPLETED"), seen.join());
});

await check("subscribe by streaming", async () => {
  const seen = [];
  const answer = await fal.subscribe(TEXT, {
    input, logs: true, mode: "streaming", onQueueUpdate: (status) => seen.push(status.status),
  });
  isPicture(answer.data);
  assert.ok(seen.length > 0);
});

await check("submit with every option, status, result", async () => {
  const submitted = await fal.queue.submit(TEXT, {
    input, priority: "low", hint: "lora:a", startTimeout: 60, webhookUrl: "http://127.0.0.1:9/hook",
    headers: { "x-more": "1" },
  });
  const requestId = submitted.request_id;
  assert.equal(submitted.status, "IN_QUEUE");
  let status;
  do {
    status = await fal.queue.status(TEXT, { requestId, logs: true });
  } while (status.status !== "COMPLETED");
  assert.ok(Array.isArray(status.logs));
  isPicture((await fal.queue.result(TEXT, { requestId })).data);
});

await check("a result asked for too early is refused", async () => {
  const { request_id: requestId } = await fal.queue.submit(TEXT, { input });
  await assert.rejects(fal.queue.result(TEXT, { requestId }), (error) => error.status === 400);
  await fal.queue.cancel(TEXT, { requestId }).catch(() => {});
});

await check("a second cancel is refused", async () => {
  const { request_id: requestId } = await fal.queue.submit(TEXT, { input });
  await fal.queue.cancel(TEXT, { requestId });
  await assert.rejects(fal.queue.cancel(TEXT, { requestId }), (error) => error.status === 400);
});

await check("an unknown endpoint is not found", async () => {
  await assert.rejects(fal.run("fal-ai/no-such-app", { input }), (error) => error.status === 404);
});

await check("wrong input names its field", async () => {
  await assert.rejects(fal.run(EDIT, { input: { prompt: "x" } }), (error) => {
    assert.equal(error.status, 422);
    return error.body.detail[0].loc.includes("image_url");
  });
});

const file = (await fal.run(TEXT, { input })).data.images[0].url;
const picture = new Blob([await (await fetch(file)).arrayBuffer()], { type: "image/png" });

await check("upload, and use of the address", async () => {
  const image_url = await fal.storage.upload(picture);
  isPicture((await fal.run(EDIT, { input: { ...input, prompt: "Make it sepia", image_url } })).data);
});

await check("a file in the input is uploaded by itself", async () => {
  const answer = await fal.subscribe(EDIT, { input: { ...input, prompt: "Make it sepia", image_url: picture } });
  isPicture(answer.data);
});

await check("a large file goes in parts and is whole again", async () => {
  const bytes = new Uint8Array(95 * 1024 * 1024).map((_, at) => (at * 7) % 251);
  const url = await fal.storage.upload(new Blob([bytes], { type: "application/octet-stream" }));
  const kept = new Uint8Array(await (await fetch(url)).arrayBuffer());
  assert.ok(Buffer.from(kept.buffer).equals(Buffer.from(bytes.buffer)));
});

console.log(`JavaScript: ${done} passed`);
