// Starts and stops the server under test, which $NATSD names.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";

// How long a test waits for anything that should happen, in milliseconds.
export const DEADLINE = 10_000;

// within settles as the promise does, or fails when that takes too long.
export async function within(promise, what, limit = DEADLINE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limit} ms for ${what}`)), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// One server process on loopback; its files are called after its port.
export class Server {
  // A server on a free port that accepts connections, with these lines in its configuration beside the address.
  static async run(...config) {
    const server = new Server();
    server.port = await freePort();
    server.base = path.join(setting("INTEROP_DIR"), `js-${server.port}`);
    server.configure(...config);
    try {
      await server.start();
    } catch (error) {
      await server.kill();
      throw error;
    }
    return server;
  }

  // Writes the configuration file for the next start.
  configure(...config) {
    const lines = ["host: 127.0.0.1", `port: ${this.port}`, ...config, ""];
    writeFileSync(`${this.base}.conf`, lines.join("\n"));
  }

  // The server dies with the tests, should they be killed.
  async start() {
    const log = openSync(`${this.base}.log`, "a");
    const command = ["--pdeathsig", "KILL", "--", setting("NATSD"), "-c", `${this.base}.conf`];
    this.process = spawn("setpriv", command, { stdio: ["ignore", log, log] });
    closeSync(log);
    this.exited = new Promise((resolve) => this.process.once("exit", (code, signal) => resolve(signal ?? code)));
    await within(this.#ready(), `the server to be ready:\n${this.log()}`);
  }

  async #ready() {
    while (!(await accepts(this.port))) {
      if (!this.#running) {
        throw new Error(`the server ended while starting:\n${this.log()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  // Ends the server as an operator does, unless it has ended.
  async stop() {
    if (this.#running) {
      this.signal("SIGTERM");
      await this.awaitExit();
    }
  }

  // Leaves the server no time for anything.
  async kill() {
    this.signal("SIGKILL");
    await within(this.exited, "the end of the server");
  }

  signal(signal) {
    this.process.kill(signal);
  }

  // Waits for an end in good order.
  async awaitExit() {
    const status = await within(this.exited, "the end of the server");
    assert.equal(status, 0, `the server ended badly:\n${this.log()}`);
  }

  get #running() {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  get address() {
    return `127.0.0.1:${this.port}`;
  }

  log() {
    return readFileSync(`${this.base}.log`, "utf8");
  }
}

export function setting(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`no ${name}: start the tests with tests/interop/js/run`);
  }
  return value;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

// A port below those the system gives to outgoing connections, because a client that tries to reconnect to a port
// nobody listens on could be given that very port and meet itself.
export async function freePort() {
  for (let tries = 0; tries < 1000; tries++) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    const listener = net.createServer();
    const free = await new Promise((resolve) => {
      listener.once("error", () => resolve(false));
      listener.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (free) {
      await new Promise((resolve) => listener.close(resolve));
      return port;
    }
  }
  throw new Error("no free port");
}
