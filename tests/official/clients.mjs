// An edit by each of other people's JavaScript clients, through the service's own host names.
//
// Unmodified: the fetch of Node itself goes through the proxy of `editree simulate --tls`. Two
// things are not the service's and are answered here: where Hugging Face keeps which model is meant,
// and who the AI SDK may fetch a picture from.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { fal } from "@fal-ai/client";
import { createFal } from "@ai-sdk/fal";
import { handleRequest } from "@fal-ai/server-proxy";
import * as serverless from "@fal-ai/serverless-client";
import { InferenceClient } from "@huggingface/inference";
import { generateImage as tanstack } from "@tanstack/ai";
import { falImage } from "@tanstack/ai-fal";
import { generateImage } from "ai";
import { ProxyAgent, setGlobalDispatcher } from "undici";

const { BASE, FAL_KEY, PROXY, AUTHORITY, PHOTO } = process.env;
const EDIT = "fal-ai/flux-pro/kontext";
const photo = await readFile(PHOTO);
const uri = `data:image/png;base64,${photo.toString("base64")}`;
const words = "Make it sepia";

// The loopback of this script is reached straight.
const ca = await readFile(AUTHORITY, "utf8");
setGlobalDispatcher(new ProxyAgent({ uri: PROXY, requestTls: { ca } }));
const through = globalThis.fetch;
const { Agent, fetch: near } = await import("undici");
const straight = new Agent();
globalThis.fetch = async (url, options) => {
  const { hostname, pathname } = new URL(url.url ?? url);
  if (hostname === "huggingface.co") {
    assert.match(pathname, /^\/api\/models\//);
    const served = { status: "live", providerId: "fal-ai/flux-kontext/dev", task: "image-to-image" };
    return Response.json({ inferenceProviderMapping: { "fal-ai": served } });
  }
  return hostname === "127.0.0.1" ? near(url, { ...options, dispatcher: straight }) : through(url, options);
};

// Some clients wait on timers that keep no program alive.
const alive = setInterval(() => {}, 1000);
let failed = 0;
async function check(name, body) {
  try {
    const bytes = await body();
    assert.ok(bytes.length > 1000, "no picture");
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${error.stack}`);
  }
}
const bytesOf = async (url) => Buffer.from(await (await fetch(url)).arrayBuffer());

await check("@fal-ai/client, with an upload", async () => {
  fal.config({ credentials: FAL_KEY });
  const image_url = await fal.storage.upload(new Blob([photo], { type: "image/png" }));
  const answer = await fal.subscribe(EDIT, { input: { prompt: words, image_url } });
  return bytesOf(answer.data.images[0].url);
});

await check("@fal-ai/serverless-client", async () => {
  serverless.config({ credentials: FAL_KEY });
  const image_url = await serverless.storage.upload(new Blob([photo], { type: "image/png" }));
  const answer = await serverless.subscribe(EDIT, { input: { prompt: words, image_url } });
  return bytesOf(answer.images[0].url);
});

await check("ai with @ai-sdk/fal", async () => {
  const provider = createFal({ apiKey: FAL_KEY, baseURL: `${BASE}/_run` });
  const { image } = await generateImage({
    model: provider.image(EDIT),
    prompt: { text: words, images: [photo] },
    // Its guard takes no picture from a host that is this machine.
    providerOptions: { fal: { syncMode: true } },
  });
  return image.uint8Array;
});

await check("@huggingface/inference", async () => {
  const client = new InferenceClient(FAL_KEY);
  const made = await client.imageToImage({
    provider: "fal-ai",
    model: "black-forest-labs/FLUX.1-Kontext-dev",
    inputs: new Blob([photo], { type: "image/png" }),
    parameters: { prompt: words },
  });
  return Buffer.from(await made.arrayBuffer());
});

await check("@tanstack/ai-fal", async () => {
  const made = await tanstack({
    adapter: falImage(EDIT, { apiKey: FAL_KEY }),
    prompt: words,
    modelOptions: { image_url: uri },
  });
  return bytesOf(made.images[0].url);
});

await check("@fal-ai/server-proxy, with an upload", async () => {
  const served = http.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () =>
      handleRequest({
        id: "here",
        method: request.method,
        getRequestBody: async () => Buffer.concat(parts).toString(),
        getHeaders: () => request.headers,
        getHeader: (name) => request.headers[name.toLowerCase()],
        sendHeader: (name, value) => response.setHeader(name, value),
        respondWith: (status, data) => {
          response.writeHead(status, { "content-type": "application/json" });
          response.end(typeof data === "string" ? data : JSON.stringify(data));
        },
        sendResponse: async (answer) => {
          response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") });
          response.end(await answer.text());
        },
        resolveApiKey: async () => FAL_KEY,
      }, { allowedEndpoints: ["fal-ai/**"], allowUnauthorizedRequests: true }),
    );
  });
  await new Promise((listening) => served.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${served.address().port}/api/fal/proxy`;
  fal.config({ credentials: undefined, proxyUrl: { url, when: "always" } });
  const image_url = await fal.storage.upload(new Blob([photo], { type: "image/png" }));
  assert.match(image_url, /^https:/, "a file is where the service's are");
  const answer = await fal.subscribe(EDIT, { input: { prompt: words, image_url } });
  served.close();
  return bytesOf(answer.data.images[0].url);
});

clearInterval(alive);
process.exit(failed);
