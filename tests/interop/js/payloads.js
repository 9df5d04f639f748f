import assert from "node:assert/strict";
import { errors } from "@nats-io/transport-node";
import { patterned } from "./scene.js";

// Payloads up to the limit arrive; above it they are refused by the library.
export async function largePayloadsPass(a, b) {
  const limit = a.nc.info.max_payload;
  const inbox = await b.subscribe("large");
  const whole = patterned(limit + 1);
  for (const size of [limit >> 1, limit - 1, limit]) {
    a.publish("large", whole.subarray(0, size));
    assert(Buffer.from(whole.buffer, 0, size).equals((await inbox.next()).data), `${size} bytes were changed`);
  }
  assert.throws(() => a.publish("large", whole), errors.InvalidArgumentError);
}
