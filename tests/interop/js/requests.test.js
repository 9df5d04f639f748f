// Requests: answered, unanswered, and with nobody there.
import assert from "node:assert/strict";
import { createInbox, errors, headers } from "@nats-io/transport-node";
import { check, numbered } from "./scene.js";
import { within } from "./server.js";

// How requests wait: on one inbox for all, or on one for each.
const styles = { "one inbox for all": () => ({}), "an inbox for each": () => ({ noMux: true, reply: createInbox() }) };

// A responder that says to each request what it was sent.
async function answer(client, subject) {
  const callback = (_, message) => message.respond(message.data, { headers: message.headers });
  client.nc.subscribe(subject, { queue: "answerers", callback });
  await client.flush();
}

for (const [name, style] of Object.entries(styles)) {
  check(`request is answered, ${name}`, async (scene) => {
    const server = await scene.start();
    await answer(await scene.connect(server), "echo");
    const client = await scene.connect(server);
    for (const text of numbered(100)) {
      assert.equal((await client.request("echo", text, style())).string(), text);
    }
  });

  check(`request without responders fails at once, ${name}`, async (scene) => {
    const client = await scene.connect(await scene.start());
    await assert.rejects(client.request("nobody", "", style()), isNoResponders);
  });
}

function isNoResponders(error) {
  return error instanceof errors.NoRespondersError || error.cause instanceof errors.NoRespondersError;
}

check("requests side by side get their own answers", async (scene) => {
  const server = await scene.start();
  for (let i = 0; i < 3; i++) {
    await answer(await scene.connect(server), "echo");
  }
  const client = await scene.connect(server);
  const answers = await Promise.all(numbered(200).map((text) => client.request("echo", text)));
  assert.deepEqual(answers.map((message) => message.string()), numbered(200));
});

check("request and answer carry headers", async (scene) => {
  const server = await scene.start();
  await answer(await scene.connect(server), "echo");
  const sent = headers();
  sent.append("Key", "one");
  sent.append("Key", "two");
  const message = await (await scene.connect(server)).request("echo", "", { headers: sent });
  assert.deepEqual(message.headers.values("Key"), ["one", "two"]);
  assert.equal(message.data.length, 0);
});

check("no responders is said once answerers left", async (scene) => {
  const server = await scene.start();
  const [service, client] = [await scene.connect(server), await scene.connect(server)];
  const inbox = await service.subscribe("silent", { queue: "group" });
  await assert.rejects(client.request("silent", "", { timeout: 50 }), errors.TimeoutError);
  inbox.sub.unsubscribe();
  await service.flush();
  await assert.rejects(client.request("silent"), isNoResponders);
});

check("many may answer one request", async (scene) => {
  const server = await scene.start();
  for (let i = 0; i < 5; i++) {
    const member = await scene.connect(server);
    member.nc.subscribe("who", { callback: (_, message) => message.respond("me") });
    await member.flush();
  }
  const client = await scene.connect(server);
  const answers = await client.nc.requestMany("who", "", { strategy: "count", maxMessages: 5, maxWait: 10_000 });
  const texts = [];
  const all = async () => {
    for await (const message of answers) {
      texts.push(message.string());
    }
  };
  await within(all(), "the answers");
  assert.deepEqual(texts, Array(5).fill("me"));
});
