// An auth callout service, written with the library.
import { createHash } from "node:crypto";
import { fromSeed } from "@nats-io/nkeys";
import assert from "node:assert/strict";
import { errors } from "@nats-io/transport-node";
import { keyText } from "./keys.js";
import { check, refused } from "./scene.js";

const issuer = fromSeed(new TextEncoder().encode(keyText("issuer.nk")));
const CONFIG = `accounts { AUTH { users: [{ user: auth, password: secret }] }, APP {} }
authorization { timeout: 5, auth_callout { issuer: ${keyText("issuer.pub")}, auth_users: [auth], account: AUTH } }`;

function encode(value) {
  return Buffer.from(typeof value === "object" && !(value instanceof Uint8Array) ? JSON.stringify(value) : value)
    .toString("base64url");
}

function decode(jwt) {
  return JSON.parse(Buffer.from(jwt.split(".")[1], "base64url").toString()).nats;
}

// A JWT of these claims.
function signed(sub, aud, name, nats) {
  const iat = Math.floor(Date.now() / 1000);
  const payload = { iat, iss: issuer.getPublicKey(), sub, aud, name, nats: { ...nats, version: 2 } };
  payload.jti = createHash("sha256").update(JSON.stringify(payload)).digest("hex");
  const text = `${encode({ typ: "JWT", alg: "ed25519-nkey" })}.${encode(payload)}`;
  return `${text}.${encode(issuer.sign(new TextEncoder().encode(text)))}`;
}

// Those whose password is "not" and their name are of account APP.
function decide(question) {
  const { user, pass } = question.connect_opts;
  const answer = { type: "authorization_response" };
  if (user && pass === `not ${user}`) {
    const limits = { subs: -1, data: -1, payload: -1 };
    const pub = { deny: ["forbidden.>"] };
    answer.jwt = signed(question.user_nkey, "APP", user, { type: "user", ...limits, pub });
  } else {
    answer.error = "wrong password";
  }
  return signed(question.user_nkey, question.server_id.id, "", answer);
}

check("service decides who may enter", async (scene) => {
  const server = await scene.start(CONFIG);
  const service = await scene.connect(server, { user: "auth", pass: "secret" });
  service.nc.subscribe("$SYS.REQ.USER.AUTH", {
    callback: (_, message) => message.respond(decide(decode(message.string()))),
  });
  await service.flush();

  const alice = await scene.connect(server, { user: "alice", pass: "not alice" });
  await alice.exchange();
  alice.publish("forbidden.x");
  assert.equal((await alice.event("error")).error.subject, "forbidden.x");
  for (const options of [{ user: "alice", pass: "alice" }, {}]) {
    const error = await refused(server, options);
    assert(error instanceof errors.AuthorizationError, error);
  }
  const bob = await scene.connect(server, { user: "bob", pass: "not bob" });
  const inbox = await bob.subscribe("subject");
  alice.publish("subject", "hello");
  await inbox.wants("hello");
});
