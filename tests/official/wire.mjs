// The service's JavaScript client on the benchmark's stage, in its defaults: a line of JSON for each job.
import { fal } from "@fal-ai/client";
import "./here.mjs";

const [mode] = process.argv.slice(2);
let left = Number(process.env.JOBS);

async function worker() {
  while (left > 0) {
    left -= 1;
    let id;
    const answer = await fal.subscribe("fal-ai/flux-pro/kontext", {
      input: { prompt: "a cat" }, mode, onEnqueue: (told) => { id = told; },
    });
    const picture = await fetch(answer.data.images[0].url);
    await picture.arrayBuffer();
    console.log(JSON.stringify({ id, downloaded: performance.timeOrigin + performance.now() }));
  }
}

await Promise.all(Array.from({ length: Number(process.env.AT_ONCE) }, worker));
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ cpu: (user + system) / 1000 }));
