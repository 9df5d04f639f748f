// Credentials, right and wrong.
import assert from "node:assert/strict";
import { errors } from "@nats-io/transport-node";
import { check, refused } from "./scene.js";
import { PLAIN } from "./configs.js";

// Hashes of "secret".
const HASH_A = "$2a$11$HCuSUsSDTSGAiOWLIvmsQ.D97A4uNCskx9wzuHgDD.k9rPAvy6oTa";
const HASH_Y = "$2y$05$HCuSUsSDTSGAiOWLIvmsQ.fluBAeGMbdbRWx4xUecoQWN./RdMp9y";

const HASHED = `authorization { user: alice, password: "${HASH_A}" }`;
const USERS = `authorization { users: [{ user: alice, password: secret }, { user: bob, password: "${HASH_Y}" }] }`;
const TOKEN = 'authorization { token: "a token" }';

const accepted = {
  "user": [PLAIN, { user: "alice", pass: "secret" }],
  "hashed password": [HASHED, { user: "alice", pass: "secret" }],
  "first of users": [USERS, { user: "alice", pass: "secret" }],
  "second of users, hashed": [USERS, { user: "bob", pass: "secret" }],
  "token": [TOKEN, { token: "a token" }],
};
for (const [name, [config, options]] of Object.entries(accepted)) {
  check(`${name} is accepted`, async (scene) => {
    const client = await scene.connect(await scene.start(config), options);
    assert.equal(client.nc.info.auth_required, true);
    await client.exchange();
  });
}

const unwelcome = {
  "wrong password": [PLAIN, { user: "alice", pass: "Secret" }],
  "wrong user": [PLAIN, { user: "bob", pass: "secret" }],
  "no credentials": [PLAIN, {}],
  "wrong password, hashed": [HASHED, { user: "alice", pass: "Secret" }],
  "the hash as password": [HASHED, { user: "alice", pass: HASH_A }],
  "none of the users": [USERS, { user: "dave", pass: "secret" }],
  "one of users, wrong password": [USERS, { user: "bob", pass: "Secret" }],
  "wrong token": [TOKEN, { token: "another token" }],
  "user for a token": [TOKEN, { user: "alice", pass: "a token" }],
};
for (const [name, [config, options]] of Object.entries(unwelcome)) {
  check(`${name} is refused`, async (scene) => {
    const error = await refused(await scene.start(config), options);
    assert(error instanceof errors.AuthorizationError, error);
  });
}

check("users share one subject space", async (scene) => {
  const server = await scene.start(USERS);
  const alice = await scene.connect(server, { user: "alice", pass: "secret" });
  const bob = await scene.connect(server, { user: "bob", pass: "secret" });
  const inbox = await bob.subscribe("subject");
  alice.publish("subject", "hello");
  await inbox.wants("hello");
});

check("reconnect with an old password is refused", async (scene) => {
  const server = await scene.start(PLAIN);
  const client = await scene.connect(server, { user: "alice", pass: "secret" });
  await server.stop();
  server.configure("authorization { user: alice, password: changed }");
  await server.start();
  const error = await client.closed(); // refused twice, the library gives up
  assert(error instanceof errors.AuthorizationError, error);
});
