// Connecting, and what the library then knows of the server.
import assert from "node:assert/strict";
import { check } from "./scene.js";
import { freePort } from "./server.js";

check("INFO is understood", async (scene) => {
  const { nc } = await scene.connect(await scene.start());
  const [major, minor] = nc.info.version.split(".").map(Number);
  assert(major > 2 || (major === 2 && minor >= 10), nc.info.version);
  assert.match(nc.info.server_id, /^N[A-Z2-7]{55}$/);
  assert(nc.info.server_name);
  assert.equal(nc.info.max_payload, 1 << 20);
  assert.equal(nc.info.headers, true);
  assert.equal(nc.info.proto, 1);
  assert(nc.info.client_id > 0);
  assert.equal(nc.info.client_ip, "127.0.0.1");
  assert(!nc.info.auth_required && !nc.info.tls_required && !nc.info.ldm);
});

check("configured max_payload is announced", async (scene) => {
  const { nc } = await scene.connect(await scene.start("max_payload: 4321"));
  assert.equal(nc.info.max_payload, 4321);
});

check("flush and round trip time", async (scene) => {
  const client = await scene.connect(await scene.start());
  await client.flush();
  assert((await client.nc.rtt()) >= 0);
});

check("two connections meet", async (scene) => {
  const server = await scene.start();
  const [a, b] = [await scene.connect(server), await scene.connect(server)];
  assert.notEqual(a.nc.info.client_id, b.nc.info.client_id);
  const [toA, toB] = [await a.subscribe("to.a"), await b.subscribe("to.b")];
  a.publish("to.b", "from a");
  b.publish("to.a", "from b");
  await toB.wants("from a");
  await toA.wants("from b");
});

check("many connections hear one message", async (scene) => {
  const server = await scene.start();
  const inboxes = [];
  for (let i = 0; i < 50; i++) {
    inboxes.push(await (await scene.connect(server)).subscribe("all"));
  }
  (await scene.connect(server)).publish("all", "hello");
  for (const inbox of inboxes) {
    await inbox.wants("hello");
  }
});

check("no echo keeps own messages away", async (scene) => {
  const server = await scene.start();
  const [quiet, other] = [await scene.connect(server, { noEcho: true }), await scene.connect(server)];
  const [own, others] = [await quiet.subscribe("subject"), await other.subscribe("subject")];
  quiet.publish("subject", "own");
  await quiet.flush();
  other.publish("subject", "other's");
  await others.wants("own", "other's");
  await own.wants("other's");
  own.wantsNoMore();
});

for (const options of [{ verbose: true }, { pedantic: true }, { verbose: true, pedantic: true }]) {
  check(`connection with ${JSON.stringify(options)} works`, async (scene) => {
    await (await scene.connect(await scene.start(), options)).exchange();
  });
}

check("monitoring shows the connection", async (scene) => {
  const port = await freePort();
  await scene.connect(await scene.start(`http: "127.0.0.1:${port}"`), { name: "a name" });
  const { connections } = await (await fetch(`http://127.0.0.1:${port}/connz`)).json();
  const shown = connections.find((connection) => connection.name === "a name");
  assert.equal(shown?.lang, "nats.js");
  assert.equal(shown.version, "3.4.0");
});

check("pings of both sides are answered", async (scene) => {
  const server = await scene.start('ping_interval: "50ms"', "ping_max: 20");
  const silent = await scene.connect(server); // the server pings only those who say nothing
  const client = await scene.connect(server, { pingInterval: 50, maxPingOut: 20 });
  for (let i = 0; i < 25; i++) { // time for as many of the server
    await client.event("ping");
  }
  for (const one of [silent, client]) {
    await one.exchange();
    assert(!one.saw("disconnect") && !one.saw("staleConnection"));
  }
});
