import "./here.mjs";
await import("./chain.mjs");
