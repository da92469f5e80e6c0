// Points the service's JavaScript client at the simulator: the only change to it.
import { fal } from "@fal-ai/client";

fal.config({
  credentials: process.env.FAL_KEY,
  proxyUrl: { url: process.env.BASE + "/_proxy", when: "always" },
});
