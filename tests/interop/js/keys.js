// What ../keys has made.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { credsAuthenticator } from "@nats-io/transport-node";
import { setting } from "./server.js";

export function keyText(name) {
  return readFileSync(path.join(setting("INTEROP_KEYS"), name), "utf8");
}

// One who has this creds file, which is read for every attempt.
export function creds(name) {
  return (nonce) => credsAuthenticator(readFileSync(path.join(setting("INTEROP_KEYS"), `${name}.creds`)))(nonce);
}

// Makes creds that hold for so many seconds.
export function expiring(seconds, name) {
  const made = spawnSync(setting("INTEROP_MAKE_KEYS"), [setting("INTEROP_KEYS"), "expiring", `${seconds}`, name]);
  assert.equal(made.status, 0, made.stderr.toString());
}
