// Drain, restarts of the server, lame duck.
import assert from "node:assert/strict";
import { createInbox, errors } from "@nats-io/transport-node";
import { PLAIN } from "./configs.js";
import { check, Inbox, numbered, refused } from "./scene.js";
import { within } from "./server.js";

check("drained subscription gets what is on its way", async (scene) => {
  const server = await scene.start();
  const [client, publisher] = [await scene.connect(server), await scene.connect(server)];
  const inbox = await client.subscribe("subject");
  const texts = numbered(1000);
  texts.forEach((text) => publisher.publish("subject", text));
  await publisher.flush();
  const drained = inbox.sub.drain();
  await inbox.wants(...texts);
  await inbox.wantsEnd();
  await within(drained, "the end of the drain");
  await assert.rejects(publisher.request("subject"), errors.RequestError); // the server has forgotten it
});

check("drained connection finishes its work", async (scene) => {
  const server = await scene.start();
  const [service, client] = [await scene.connect(server), await scene.connect(server)];
  service.nc.subscribe("echo", { callback: (_, message) => message.respond(message.data) });
  await service.flush();
  const answers = await client.subscribe(createInbox());
  const texts = numbered(1000);
  texts.forEach((text) => client.publish("echo", text, { reply: answers.subject }));
  await client.flush();
  await within(service.nc.drain(), "the end of the drain");
  await service.closed();
  await answers.wants(...texts);
});

for (const end of ["stop", "kill"]) {
  check(`subscriptions return after a restart, ${end}`, async (scene) => {
    const server = await scene.start(PLAIN);
    const client = await scene.connect(server, { user: "alice", pass: "secret" });
    const inboxes = [await client.subscribe("subject"), await client.subscribe("*"),
      await client.subscribe("subject", { queue: "group" })];
    await server[end]();
    await client.event("disconnect");
    await server.start();
    await client.event("reconnect");
    const texts = numbered(10);
    texts.forEach((text) => client.publish("subject", text)); // while away, this library forgets what is published
    for (const inbox of inboxes) {
      await inbox.wants(...texts);
    }
    await client.exchange();
  });
}

check("maximum is kept over a restart", async (scene) => {
  const server = await scene.start();
  const client = await scene.connect(server);
  const ends = new Inbox(client.nc.subscribe("subject", { max: 5 }));
  const stays = await client.subscribe("subject");
  numbered(3).forEach((text) => client.publish("subject", text));
  await stays.wants(...numbered(3));
  await server.stop();
  await server.start();
  await client.event("reconnect");
  numbered(10, 3).forEach((text) => client.publish("subject", text));
  await stays.wants(...numbered(10, 3));
  await ends.wants(...numbered(5));
  await ends.wantsEnd();
});

check("client moves to another server", async (scene) => {
  const [a, b] = [await scene.start(), await scene.start()];
  const client = await scene.connect(a, { servers: [a.address, b.address], noRandomize: true });
  const inbox = await client.subscribe("subject");
  await a.stop();
  await client.event("reconnect");
  assert.equal(client.nc.getServer(), b.address);
  (await scene.connect(b)).publish("subject", "hello");
  await inbox.wants("hello");
});

check("lame duck is announced and clients are sent away", async (scene) => {
  const server = await scene.start('lame_duck_duration: "30s"', 'lame_duck_grace_period: "200ms"');
  const client = await scene.connect(server, { reconnect: false });
  server.signal("SIGUSR2");
  await client.event("ldm");
  await client.exchange(); // there is time to move
  assert((await refused(server)) instanceof errors.ConnectionError);
  await client.closed();
  await server.awaitExit();
});
