// Limits of the server, and what the library makes of them.
import assert from "node:assert/strict";
import { errors, headers } from "@nats-io/transport-node";
import { largePayloadsPass } from "./payloads.js";
import { check, numbered, patterned } from "./scene.js";

check("maximum of subscriptions is reported", async (scene) => {
  const client = await scene.connect(await scene.start("max_subscriptions: 3"));
  const inboxes = [];
  for (let i = 0; i < 4; i++) {
    inboxes.push(await client.subscribe(`subject.${i}`));
  }
  assert.match((await client.event("error")).error.message, /maximum subscriptions exceeded/i);
  for (let i = 0; i < 3; i++) { // the connection is not closed, and those within the limit work
    client.publish(`subject.${i}`, "hello");
    await inboxes[i].wants("hello");
  }
  inboxes[0].sub.unsubscribe(); // a place that becomes free can be taken
  await client.exchange();
});

check("too large payload is refused by the library", async (scene) => {
  const client = await scene.connect(await scene.start("max_payload: 1024"));
  await largePayloadsPass(client, client);
  const some = headers();
  some.set("Key", "value");
  assert.throws(() => client.publish("subject", patterned(1024), { headers: some }), errors.InvalidArgumentError);
});

check("too large payload is refused by the server", async (scene) => {
  const client = await scene.connect(await scene.start("max_payload: 1024"), { reconnect: false });
  client.nc.info.max_payload = 9999; // the library is made to believe in a larger limit
  client.publish("subject", patterned(1025));
  assert.match((await client.event("error")).error.message, /maximum payload violation/i);
  await client.closed();
});

check("slow subscription is reported by the library", async (scene) => {
  const client = await scene.connect(await scene.start());
  const slow = await client.subscribe("subject", { slow: 10 });
  const fast = await client.subscribe("subject");
  const texts = numbered(100);
  texts.forEach((text) => client.publish("subject", text));
  await fast.wants(...texts);
  assert.equal((await client.event("slowConsumer")).sub, slow.sub);
  await slow.wants(...texts); // it only tells
});
