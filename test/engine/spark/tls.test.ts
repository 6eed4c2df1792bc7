/** TLS and tokens: a proxy before the server ends TLS, with certificates of an authority of our own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectPlain, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { parseAddress, type ServerAddress } from "../../../src/engine/spark/connect/address.js";
import { SparkClient } from "../../../src/engine/spark/connect/client.js";
import { TIMING } from "../../../src/engine/spark/connect/timing.js";
import { failure } from "../../../src/engine/spark/failure.js";
import { startLocalServer, type LocalServer } from "../../../src/engine/spark/local/local-server.js";
import { newAuthority, type Certified } from "./certificate.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

const authority = newAuthority();
const folder = mkdtempSync(join(tmpdir(), "dynaframe-tls-"));
writeFileSync(join(folder, "ca.pem"), authority.cert);
const proxies: Server[] = [];
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  delete process.env["DYNAFRAME_SPARK_CA"];
  for (const proxy of proxies.splice(0)) proxy.close();
});

/** The version that the server tells, or the code of the error. */
async function ask(address: ServerAddress, timing = TIMING): Promise<string> {
  let client: SparkClient | undefined;
  try {
    client = await SparkClient.open(address, timing);
    return (await client.version()).slice(0, 1);
  } catch (error) {
    return failure(error, "query").code;
  } finally {
    await client?.close();
  }
}

describeSpark("TLS and tokens", () => {
  let local: LocalServer | undefined;
  let spark: ServerAddress;
  beforeAll(async () => {
    if (!sparkAddress.startsWith("sc://")) local = await startLocalServer();
    spark = local?.address ?? parseAddress(sparkAddress);
  });
  afterAll(async () => {
    await local?.release();
  });

  /** The port of a proxy that ends TLS. */
  const proxied = (certified: Certified): Promise<number> =>
    new Promise((resolve) => {
      const proxy = createServer({ ...certified, ALPNProtocols: ["h2"] }, (client) => {
        const server = connectPlain(spark.port, spark.host);
        client.pipe(server).pipe(client);
        for (const socket of [client, server])
          socket.on("error", () => {
            client.destroy();
            server.destroy();
          });
      });
      proxy.on("tlsClientError", () => undefined);
      proxies.push(proxy);
      proxy.listen(0, "127.0.0.1", () => {
        resolve((proxy.address() as AddressInfo).port);
      });
    });
  const trust = (): void => {
    process.env["DYNAFRAME_SPARK_CA"] = join(folder, "ca.pem");
  };
  const secure = (port: number, token = spark.token ?? ""): ServerAddress =>
    parseAddress(`sc://localhost:${port}/;use_ssl=true;token=${encodeURIComponent(token)}`);

  test("a server whose authority is known answers, with the right token only", async () => {
    const port = await proxied(authority.certify("localhost"));
    trust();
    expect(await ask(secure(port))).toBe("4");
    if (spark.token !== undefined) expect(await ask(secure(port, "not-the-token"))).toBe("SPARK_REFUSED");
  });

  test.each([
    ["of an authority that is not known", () => newAuthority().certify("localhost")],
    ["that has expired", () => authority.certify("localhost", [-20, -10])],
    ["that is not valid yet", () => authority.certify("localhost", [10, 20])],
    ["of another host", () => authority.certify("spark.example")],
  ])("a certificate %s is refused", async (_, certified) => {
    const port = await proxied(certified());
    trust();
    expect(await ask(secure(port))).toBe("SPARK_REFUSED");
  });

  test("without DYNAFRAME_SPARK_CA the same certificate is refused", async () => {
    expect(await ask(secure(await proxied(authority.certify("localhost"))))).toBe("SPARK_REFUSED");
  });

  test("a file of authorities that is not there is told as such", async () => {
    process.env["DYNAFRAME_SPARK_CA"] = join(folder, "nothing.pem");
    expect(await ask(secure(await proxied(authority.certify("localhost"))))).toBe("BAD_OPTION");
  });

  test("TLS asked of a server without, and none asked of a server with it, is the wrong protocol", async () => {
    const port = await proxied(authority.certify("localhost"));
    trust();
    // one of the two may wait for the other to speak
    const wrong = async (address: string): Promise<void> => {
      expect(["SPARK_PROTOCOL", "SPARK_UNREACHABLE"]).toContain(
        await ask(parseAddress(address), { ...TIMING, call: 1000 }),
      );
    };
    await wrong(`sc://${spark.host}:${spark.port}/;use_ssl=true`);
    await wrong(`sc://localhost:${port}`);
  });

  test("without its token the server refuses, and no message repeats one", async () => {
    if (spark.token === undefined) return;
    const { token: _, ...without } = spark;
    expect(await ask(without)).toBe("SPARK_REFUSED");
    const client = await SparkClient.open({ ...spark, token: "secret-but-wrong" });
    const error: unknown = await client.version().catch((caught: unknown) => caught);
    await client.close();
    expect(JSON.stringify([error, String(error), failure(error, "query")])).not.toContain("secret-but-wrong");
    expect(failure(error, "query")).toMatchObject({ code: "SPARK_REFUSED" });
  });
});
