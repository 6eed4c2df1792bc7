/**
 * Connections over TLS: the certificate is checked against the authority that the connection names, and for the host.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";
import { startMariadb } from "../servers/mariadb.js";
import { startMysql } from "../servers/mysql.js";
import { startPostgres, type ServerCertificate } from "../servers/postgres.js";
import type { DatabaseServer } from "../servers/server-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-tls-"));
const openssl = (...args: string[]): unknown => execFileSync("openssl", args, { stdio: "pipe" });
const at = (name: string): string => join(folder, name);

/** A new authority; its certificate as PEM. */
function authority(name: string): string {
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    at(`${name}.key`),
    "-out",
    at(`${name}.pem`),
  );
  return readFileSync(at(`${name}.pem`), "utf8");
}

/** A server's certificate for a name or address, signed by an authority. */
function certificate(name: string, by: string, host: string): ServerCertificate {
  writeFileSync(at(`${name}.ext`), `subjectAltName=${host}\n`);
  openssl(
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-subj",
    "/CN=server",
    "-keyout",
    at(`${name}.key`),
    "-out",
    at(`${name}.csr`),
  );
  openssl(
    "x509",
    "-req",
    "-days",
    "2",
    "-in",
    at(`${name}.csr`),
    "-CA",
    at(`${by}.pem`),
    "-CAkey",
    at(`${by}.key`),
    "-CAcreateserial",
    "-extfile",
    at(`${name}.ext`),
    "-out",
    at(`${name}.crt`),
  );
  return { cert: at(`${name}.crt`), key: at(`${name}.key`) };
}

let glue: GlueContext;
let ours: string;
let another: string;
beforeAll(async () => {
  ours = authority("ours");
  another = authority("another");
  glue = await GlueContext.open({ catalog: at("catalog"), threads: 1 });
}, 60_000);
afterAll(async () => {
  await glue.close();
  rmSync(folder, { recursive: true, force: true });
});

const SERVERS = [
  ["postgresql", startPostgres, "postgres"],
  ["mariadb", startMariadb, "shop"],
  ["mysql", startMysql, "shop"],
] as const;
let connections = 0;

describe.each(SERVERS)("%s", (kind, start, database) => {
  let right: DatabaseServer | undefined;
  let elsewhere: DatabaseServer | undefined;
  beforeAll(async () => {
    right = await start(certificate(`${kind}-right`, "ours", "IP:127.0.0.1"));
    elsewhere = await start(certificate(`${kind}-elsewhere`, "ours", "DNS:db.example.com"));
  }, 120_000);
  afterAll(async () => {
    await right?.stop();
    await elsewhere?.stop();
  });

  /** One row through a new connection of the catalog. */
  async function read(server: DatabaseServer, properties: Record<string, string>): Promise<unknown> {
    const name = `tls-${++connections}`;
    const url = `jdbc:${kind}://127.0.0.1:${server.port}/${database}`;
    await glue.catalog.createConnection({
      Name: name,
      ConnectionType: "JDBC",
      ConnectionProperties: {
        JDBC_CONNECTION_URL: url,
        USERNAME: server.user,
        PASSWORD: server.password,
        ...properties,
      },
    });
    return glue.createDynamicFrame
      .fromOptions({ connectionType: "jdbc", connectionOptions: { connectionName: name, query: "SELECT 1 AS one" } })
      .records();
  }
  const enforced = (ca?: string): Record<string, string> => ({
    JDBC_ENFORCE_SSL: "true",
    ...(ca === undefined ? {} : { CUSTOM_JDBC_CERT_STRING: ca }),
  });
  // `SKIPPED` was printed when there is no server
  const check = (name: string, body: (right: DatabaseServer, elsewhere: DatabaseServer) => Promise<void>): void =>
    test(
      name,
      async () => {
        if (right && elsewhere) await body(right, elsewhere);
      },
      60_000,
    );
  const REFUSED = { code: "CONNECTION_FAILED" };

  check("a server whose authority the connection names is read from", async (server) => {
    expect(await read(server, enforced(ours))).toEqual([{ one: 1 }]);
  });
  check(
    "one of another authority is refused, by the same name as one that is not there, and no password is told",
    async (server) => {
      for (const ca of [another, undefined]) {
        const error: unknown = await read(server, enforced(ca)).catch((e: unknown) => e);
        expect(error).toMatchObject(REFUSED);
        expect(String(error) + JSON.stringify(error)).not.toContain(server.password);
      }
    },
  );
  check("a certificate for another host is refused, though the authority is right", async (_, server) => {
    await expect(read(server, enforced(ours))).rejects.toMatchObject(REFUSED);
  });
  check("SKIP_CUSTOM_JDBC_CERT_VALIDATION encrypts and asks for no authority", async (_, server) => {
    expect(await read(server, { ...enforced(another), SKIP_CUSTOM_JDBC_CERT_VALIDATION: "true" })).toEqual([
      { one: 1 },
    ]);
  });
});
