// TLS: on the server's INFO, and before it.
import assert from "node:assert/strict";
import { errors } from "@nats-io/transport-node";
import { pem, PLAIN, tls } from "./configs.js";
import { largePayloadsPass } from "./payloads.js";
import { check, refused } from "./scene.js";

const trusting = { caFile: pem("ca") };

function showing(client) {
  return { ...trusting, certFile: pem(client), keyFile: pem(`${client}-key`) };
}

check("TLS carries a connection", async (scene) => {
  const client = await scene.connect(await scene.start(tls()), { tls: trusting });
  assert.equal(client.nc.info.tls_required, true);
  await client.exchange();
});

check("TLS carries large payloads", async (scene) => {
  const server = await scene.start(tls());
  await largePayloadsPass(await scene.connect(server, { tls: trusting }), await scene.connect(server, { tls: trusting }));
});

for (const version of ["TLSv1.2", "TLSv1.3"]) {
  check(`${version} is negotiated`, async (scene) => {
    const only = { ...trusting, minVersion: version, maxVersion: version };
    await (await scene.connect(await scene.start(tls()), { tls: only })).exchange();
  });
}

check("unknown authority is refused by the client", async (scene) => {
  const server = await scene.start(tls());
  for (const options of [{ caFile: pem("other") }, undefined]) { // undefined: those of the system
    assert.match((await refused(server, { tls: options })).code, /UNABLE_TO_(GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)/);
  }
  await (await scene.connect(server, { tls: trusting })).exchange(); // a failed handshake does no harm to others
});

check("TLS is not had from a plain server", async (scene) => {
  const server = await scene.start();
  assert((await refused(server, { tls: trusting })) instanceof errors.ConnectionError);
});

check("client certificate is verified", async (scene) => {
  const server = await scene.start(tls("verify: true"));
  const client = await scene.connect(server, { tls: showing("client") });
  assert.equal(client.nc.info.tls_verify, true);
  await client.exchange();
  await refused(server, { tls: trusting });
  await refused(server, { tls: showing("stranger") });
});

check("password is asked inside TLS", async (scene) => {
  const server = await scene.start(tls(), PLAIN);
  await (await scene.connect(server, { tls: trusting, user: "alice", pass: "secret" })).exchange();
  const error = await refused(server, { tls: trusting, user: "alice", pass: "Secret" });
  assert(error instanceof errors.AuthorizationError, error);
});

// The handshake_first of the server, and whether clients get in that begin with a handshake, and that wait for INFO.
for (const [value, first, afterInfo] of [["true", true, false], ["auto", true, true], ['"300ms"', true, true],
  ["false", false, true]]) {
  check(`handshake_first: ${value}`, async (scene) => {
    const server = await scene.start(tls(`handshake_first: ${value}`));
    for (const [handshakeFirst, accepted] of [[true, first], [false, afterInfo]]) {
      const options = { ...trusting, handshakeFirst };
      if (accepted) {
        await (await scene.connect(server, { tls: options })).exchange();
      } else { // the two sides wait for each other
        await refused(server, { tls: options, timeout: 300 });
      }
    }
  });
}

check("TLS connections return after a restart", async (scene) => {
  const server = await scene.start(tls("verify: true"));
  const client = await scene.connect(server, { tls: showing("client") });
  const inbox = await client.subscribe("subject");
  await server.stop();
  await server.start();
  await client.event("reconnect");
  client.publish("subject", "hello");
  await inbox.wants("hello");
});
