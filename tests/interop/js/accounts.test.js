// Keys, JWTs and certificates instead of passwords; what accounts share, and who is cut off.
import assert from "node:assert/strict";
import { errors, jwtAuthenticator, nkeyAuthenticator } from "@nats-io/transport-node";
import { pem, PLAIN, tls } from "./configs.js";
import { creds, expiring, keyText } from "./keys.js";
import { check, refused } from "./scene.js";

const OPERATOR = keyText("operator.conf");
const certificate = { caFile: pem("ca"), certFile: pem("client"), keyFile: pem("client-key") };

async function wantsRefusal(server, options) {
  const error = await refused(server, options);
  assert(error instanceof errors.AuthorizationError, error);
}

// What this client does is reported, and the connection goes on.
async function wantsViolation(client, operation, subject, violate) {
  violate();
  const { error } = await client.event("error");
  assert(error instanceof errors.PermissionViolationError, error);
  assert.deepEqual([error.operation, error.subject], [operation, subject]);
  await client.exchange();
}

check("nkey signs the nonce", async (scene) => {
  const server = await scene.start(`authorization { users: [{ nkey: ${keyText("device.pub")} }] }`);
  const having = (name) => ({ authenticator: nkeyAuthenticator(new TextEncoder().encode(keyText(`${name}.nk`))) });
  await (await scene.connect(server, having("device"))).exchange();
  await wantsRefusal(server, having("stranger"));
  await wantsRefusal(server, {});
});

check("creds files are judged", async (scene) => {
  const server = await scene.start(OPERATOR);
  await (await scene.connect(server, { authenticator: creds("alice") })).exchange();
  await wantsRefusal(server, { authenticator: creds("outsider") });
  await wantsRefusal(server, { user: "alice", pass: "secret" });
  await wantsRefusal(server, {});
});

check("bearer needs no key", async (scene) => {
  const server = await scene.start(OPERATOR);
  await (await scene.connect(server, { authenticator: jwtAuthenticator(keyText("bearer.jwt")) })).exchange();
  const alice = keyText("alice.creds").split("\n")[1];
  await wantsRefusal(server, { authenticator: jwtAuthenticator(alice) }); // she has to sign
});

check("certificate names the user", async (scene) => {
  const config = (name) => `authorization { users: [{ user: "${name}", permissions: { publish: { deny: x } } }] }`;
  const server = await scene.start(tls("verify_and_map: true"), config("CN=client,O=natsd interop"));
  const client = await scene.connect(server, { tls: certificate });
  await wantsViolation(client, "publish", "x", () => client.publish("x"));
  const other = await scene.start(tls("verify_and_map: true"), config("CN=somebody else"));
  await wantsRefusal(other, { tls: certificate });
});

check("who says nothing is the no_auth_user", async (scene) => {
  const server = await scene.start(`accounts {
    PUBLIC { users: [{ user: guest, password: none, permissions: { publish: { deny: "forbidden.>" } } }] }
    STAFF { users: [{ user: alice, password: secret }] }
  }
  no_auth_user: guest`);
  const guest = await scene.connect(server);
  const alice = await scene.connect(server, { user: "alice", pass: "secret" });
  await wantsRefusal(server, { user: "alice", pass: "Secret" });
  await wantsViolation(guest, "publish", "forbidden.x", () => guest.publish("forbidden.x"));
  const inbox = await guest.subscribe("subject");
  alice.publish("subject", "of another account");
  await alice.flush();
  await guest.flush();
  inbox.wantsNoMore();
});

check("violations are reported and the connection goes on", async (scene) => {
  const client = await scene.connect(await scene.start(OPERATOR), { authenticator: creds("alice") });
  await wantsViolation(client, "publish", "forbidden.x", () => client.publish("forbidden.x"));
  await wantsViolation(client, "subscription", "forbidden.y", () => client.nc.subscribe("forbidden.y", { callback() {} }));
});

check("accounts are apart but for what they share", async (scene) => {
  const server = await scene.start(OPERATOR);
  const alice = await scene.connect(server, { authenticator: creds("alice") });
  const bob = await scene.connect(server, { authenticator: creds("bob") });
  const all = await alice.subscribe("news.>");
  const imported = await alice.subscribe("ops.news.>");
  bob.publish("news.today", "rain");
  await imported.wants("rain");
  all.wantsNoMore();

  await assert.rejects(alice.request("ops.time"), errors.RequestError);
  bob.nc.subscribe("time", { callback: (_, message) => message.respond(`noon for ${message.string()}`) });
  await bob.flush();
  assert.equal((await alice.request("ops.time", "alice")).string(), "noon for alice");
  await assert.rejects(alice.request("time"), errors.RequestError);
});

check("new credentials are taken when the old expire", async (scene) => {
  expiring(2, "js-brief");
  const client = await scene.connect(await scene.start(OPERATOR), { authenticator: creds("js-brief") });
  expiring(1000, "js-brief");
  const { error } = await client.event("error");
  assert(error instanceof errors.UserAuthenticationExpiredError, error);
  await client.event("reconnect");
  await client.exchange();
});

check("revoked users are cut off", async (scene) => {
  const server = await scene.start(OPERATOR);
  const alice = await scene.connect(server, { authenticator: creds("alice") });
  const bob = await scene.connect(server, { authenticator: creds("bob") });
  server.configure(keyText("revoked.conf"));
  server.signal("SIGHUP");
  assert.match(`${(await alice.event("error")).error}`, /user authentication revoked/i);
  await alice.closed(); // refused twice, the library gives up
  await bob.exchange();
  await wantsRefusal(server, { authenticator: creds("alice") });
});

check("client comes back once its password is right", async (scene) => {
  const server = await scene.start(PLAIN);
  const options = { user: "alice", pass: "secret", ignoreAuthErrorAbort: true, reconnectTimeWait: 50 };
  const client = await scene.connect(server, options);
  server.configure("authorization { user: alice, password: changed }");
  server.signal("SIGHUP");
  for (let i = 0; i < 3; i++) { // once for the reload, and then for each attempt
    const { error } = await client.event("error");
    assert(error instanceof errors.AuthorizationError, error);
  }
  server.configure(PLAIN);
  server.signal("SIGHUP");
  await client.event("reconnect");
  await client.exchange();
});
