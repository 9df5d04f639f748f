// Tests with servers and connections that end with them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, createInbox } from "@nats-io/transport-node";
import { DEADLINE, Server, within } from "./server.js";

// A test as a whole, in milliseconds; its steps have deadlines of their own.
const TEST_DEADLINE = 60_000;

// check is a test whose body is given a scene.
export function check(name, body) {
  test(name, async () => {
    const scene = new Scene();
    try {
      await within(body(scene), "the test", TEST_DEADLINE);
    } catch (error) {
      scene.showLogs();
      throw error;
    } finally {
      await scene.end();
    }
  });
}

class Scene {
  servers = [];
  clients = [];

  // A server with these lines in its configuration.
  async start(...config) {
    const server = await Server.run(...config);
    this.servers.push(server);
    return server;
  }

  async connect(server, options = {}) {
    const client = await Client.to(server, options);
    this.clients.push(client);
    return client;
  }

  showLogs() {
    for (const server of this.servers) {
      console.log(`log of ${server.base}:\n${server.log()}`);
    }
  }

  async end() {
    await Promise.all(this.clients.map((client) => client.nc.close()));
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

// A connection, and the events that the library reports on it. It retries fast after a restart of the server.
export class Client {
  #events = [];
  #waiting = [];

  static async to(server, options = {}) {
    const quick = { reconnectTimeWait: 10, reconnectJitter: 0, reconnectJitterTLS: 0, maxReconnectAttempts: -1 };
    const client = new Client();
    client.nc = await connect({ servers: server.address, timeout: DEADLINE, ...quick, ...options });
    client.#watch();
    return client;
  }

  async #watch() {
    for await (const event of this.nc.status()) {
      this.#events.push(event);
      this.#waiting.splice(0).forEach((wake) => wake());
    }
  }

  // The next event of this type that was not taken yet.
  event(type) {
    return within(this.#take(type), `event ${type}`);
  }

  async #take(type) {
    for (;;) {
      const at = this.#events.findIndex((event) => event.type === type);
      if (at >= 0) {
        return this.#events.splice(at, 1)[0];
      }
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
  }

  saw(type) {
    return this.#events.some((event) => event.type === type);
  }

  closed() {
    return within(this.nc.closed(), "the end of the connection");
  }

  // Returns when the server has answered to all that was sent.
  flush() {
    return within(this.nc.flush(), "a flush");
  }

  // Returns when the server knows the subscription.
  async subscribe(subject, options = {}) {
    const inbox = new Inbox(this.nc.subscribe(subject, options));
    await this.flush();
    return inbox;
  }

  publish(subject, payload = "", options = {}) {
    this.nc.publish(subject, payload, options);
  }

  request(subject, payload = "", options = {}) {
    return this.nc.request(subject, payload, { timeout: DEADLINE, ...options });
  }

  // Checks that the connection is of use.
  async exchange() {
    const inbox = await this.subscribe(createInbox());
    this.publish(inbox.subject, "hello");
    await inbox.wants("hello");
    inbox.sub.unsubscribe();
  }
}

// A subscription whose messages are taken one by one.
export class Inbox {
  constructor(sub) {
    this.sub = sub;
    this.subject = sub.getSubject();
    this.messages = sub[Symbol.asyncIterator]();
  }

  async next() {
    const { value, done } = await within(this.messages.next(), `a message on ${this.subject}`);
    assert(!done, `the subscription of ${this.subject} has ended`);
    return value;
  }

  async wants(...texts) {
    for (const text of texts) {
      assert.equal((await this.next()).string(), text);
    }
  }

  // Relies on order: what was meant for the subscription came before a flush was answered.
  wantsNoMore() {
    assert.equal(this.sub.getPending(), 0);
  }

  // What is there, up to the end of the subscription.
  async wantsEnd() {
    assert.equal((await within(this.messages.next(), "the end of the subscription")).done, true);
  }
}

// The error with which a connection is not had.
export async function refused(server, options = {}) {
  let client;
  try {
    client = await Client.to(server, { reconnect: false, ...options });
  } catch (error) {
    return error;
  }
  await client.nc.close();
  throw new assert.AssertionError({ message: "the connection was accepted" });
}

export function numbered(count, first = 0) {
  return Array.from({ length: count }, (_, i) => `message ${first + i}`);
}

// A payload in which no part is like another.
export function patterned(size) {
  const payload = new Uint8Array(size);
  let state = 1;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    payload[i] = state >>> 24;
  }
  return payload;
}
