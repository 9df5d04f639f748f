// Parts of configurations that several tests use.
import path from "node:path";
import { setting } from "./server.js";

export const PLAIN = "authorization { user: alice, password: secret, timeout: 5 }";

export function pem(name) {
  return path.join(setting("INTEROP_PKI"), `${name}.pem`);
}

// The tls block of a server with the test's certificates and these further lines.
export function tls(...lines) {
  const files = [`cert_file: "${pem("server")}"`, `key_file: "${pem("server-key")}"`, `ca_file: "${pem("ca")}"`];
  return ["tls {", ...files, "timeout: 5", ...lines, "}"].join("\n");
}
