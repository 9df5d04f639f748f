// Publish and subscribe: what arrives, where, and in which order.
import assert from "node:assert/strict";
import { headers } from "@nats-io/transport-node";
import { largePayloadsPass } from "./payloads.js";
import { check, numbered, patterned } from "./scene.js";
import { within } from "./server.js";

check("payloads arrive unchanged", async (scene) => {
  const server = await scene.start();
  const [a, b] = [await scene.connect(server), await scene.connect(server)];
  const inbox = await b.subscribe("subject");
  const texts = ["", "x", "\r\n", "PING\r\n", "MSG subject 1 1\r\nx\r\n", "\0", "ü"].map((text) => Buffer.from(text));
  for (const payload of [...texts, patterned(4096), patterned(70_000)]) {
    a.publish("subject", payload);
    const message = await inbox.next();
    assert(Buffer.from(message.data).equals(payload));
    assert.equal(message.subject, "subject");
    assert(!message.reply);
  }
});

const published = ["a", "b", "a.b", "a.b.c", "a.c", "a.b.c.d", "A.b", "x.b.c"];
const wildcards = {
  "a": ["a"],
  "*": ["a", "b"],
  ">": published,
  "a.*": ["a.b", "a.c"],
  "a.>": ["a.b", "a.b.c", "a.c", "a.b.c.d"],
  "*.b": ["a.b", "A.b"],
  "*.*.c": ["a.b.c", "x.b.c"],
  "a.*.c.>": ["a.b.c.d"],
  "*.b.>": ["a.b.c", "a.b.c.d", "x.b.c"],
  "c.>": [],
};

check("wildcards match", async (scene) => {
  const client = await scene.connect(await scene.start());
  const inboxes = {};
  for (const subject of Object.keys(wildcards)) {
    inboxes[subject] = await client.subscribe(subject);
  }
  published.forEach((subject) => client.publish(subject));
  await client.flush();
  for (const [subject, wanted] of Object.entries(wildcards)) {
    for (const match of wanted) {
      assert.equal((await inboxes[subject].next()).subject, match, subject);
    }
    inboxes[subject].wantsNoMore();
  }
});

check("overlapping subscriptions each get a copy", async (scene) => {
  const client = await scene.connect(await scene.start());
  const inboxes = await Promise.all(["a.b", "a.b", "a.*", "a.>", ">"].map((subject) => client.subscribe(subject)));
  client.publish("a.b", "hello");
  await client.flush();
  for (const inbox of inboxes) {
    await inbox.wants("hello");
    inbox.wantsNoMore();
  }
});

check("queue groups share messages", async (scene) => {
  const server = await scene.start();
  const [other, publisher] = [await scene.connect(server), await scene.connect(server)];
  const first = [];
  for (const client of [await scene.connect(server), await scene.connect(server), other]) {
    first.push(await client.subscribe("work.*", { queue: "first" }));
  }
  const second = await other.subscribe("work.one", { queue: "second" });
  const plain = await other.subscribe("work.>");
  const sent = numbered(600);
  sent.forEach((text) => publisher.publish("work.one", text));
  await second.wants(...sent);
  await plain.wants(...sent);
  for (const client of scene.clients) { // what went to members has left the server, and is there before the answers
    await client.flush();
  }
  const got = [];
  for (const inbox of first) {
    const share = inbox.sub.getPending();
    assert(share >= sent.length / 10, `a member got ${share} of ${sent.length}`);
    for (let i = 0; i < share; i++) {
      got.push((await inbox.next()).string());
    }
  }
  assert.deepEqual(got.sort(), sent.sort());
});

check("queue group goes on without a member", async (scene) => {
  const server = await scene.start();
  const [client, other] = [await scene.connect(server), await scene.connect(server)];
  const stays = await client.subscribe("work", { queue: "group" });
  const leaves = await other.subscribe("work", { queue: "group" });
  await within(leaves.sub.drain(), "the end of the drain");
  const texts = numbered(50);
  texts.forEach((text) => client.publish("work", text));
  await stays.wants(...texts);
});

check("headers keep case, order and values", async (scene) => {
  const server = await scene.start();
  const [a, b] = [await scene.connect(server), await scene.connect(server)];
  const inbox = await b.subscribe("subject");
  const sent = headers();
  for (const [key, value] of [["lower-case", "1"], ["Mixed-Case", "2"], ["MIXED-CASE", "3"], ["Many", "first"],
    ["Many", "second"], ["Many", "first"], ["Colon", "a: b:c"], ["Unicode", "ü"], ["Empty", ""]]) {
    sent.append(key, value);
  }
  for (const text of ["", "hello"]) {
    a.publish("subject", text, { headers: sent });
    const message = await inbox.next();
    assert.equal(message.string(), text);
    assert.deepEqual([...message.headers], [...sent]);
    assert.deepEqual(message.headers.values("Many"), ["first", "second", "first"]);
  }
});

check("large payloads up to the limit", async (scene) => {
  const server = await scene.start();
  await largePayloadsPass(await scene.connect(server), await scene.connect(server));
});

check("many messages keep their order", async (scene) => {
  const server = await scene.start();
  const [a, b] = [await scene.connect(server), await scene.connect(server)];
  const inbox = await b.subscribe("subject");
  const sent = numbered(50_000);
  sent.forEach((text) => a.publish("subject", text));
  for (const text of sent) {
    await inbox.wants(text);
  }
});

check("many subscriptions on one connection", async (scene) => {
  const server = await scene.start();
  const [client, publisher] = [await scene.connect(server), await scene.connect(server)];
  const texts = numbered(1000);
  const inboxes = await Promise.all(texts.map((_, i) => client.subscribe(`subject.${i}`)));
  texts.forEach((text, i) => publisher.publish(`subject.${i}`, text));
  for (let i = 0; i < texts.length; i++) {
    await inboxes[i].wants(texts[i]);
  }
});

check("unsubscribe ends delivery", async (scene) => {
  const client = await scene.connect(await scene.start());
  const [ends, stays] = [await client.subscribe("subject"), await client.subscribe("subject")];
  client.publish("subject", "both");
  await stays.wants("both");
  await ends.wants("both");
  ends.sub.unsubscribe();
  client.publish("subject", "one");
  await stays.wants("one");
  await ends.wantsEnd();
});

for (const [before, maximum] of [[0, 1], [0, 5], [3, 5]]) {
  check(`unsubscribe after a maximum of ${maximum}, ${before} received`, async (scene) => {
    const server = await scene.start();
    const [client, publisher] = [await scene.connect(server), await scene.connect(server)];
    const [ends, stays] = [await client.subscribe("subject"), await client.subscribe("subject")];
    const texts = numbered(before + 10);
    texts.slice(0, before).forEach((text) => publisher.publish("subject", text));
    await stays.wants(...texts.slice(0, before));
    ends.sub.unsubscribe(maximum);
    await client.flush();
    texts.slice(before).forEach((text) => publisher.publish("subject", text));
    await stays.wants(...texts.slice(before));
    await ends.wants(...texts.slice(0, maximum));
    await ends.wantsEnd();
  });
}
