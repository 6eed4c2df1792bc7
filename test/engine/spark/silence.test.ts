/**
 * A server that begins to work and falls silent: one that lives is waited for, one that does not is given up. And what
 * every request says of its user.
 */
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { parseAddress } from "../../../src/engine/spark/connect/address.js";
import { SparkClient, sqlPlan } from "../../../src/engine/spark/connect/client.js";
import { SparkConnectService } from "../../../src/engine/spark/connect/generated/base.js";
import { TIMING } from "../../../src/engine/spark/connect/timing.js";
import { failure } from "../../../src/engine/spark/failure.js";

const timing = { ...TIMING, silence: 100, probe: 100, giveUp: 300 };
const heard: { userId: string | undefined; header: string | null }[] = [];
let server: Http2Server;
let port: number;
let lives: boolean;
const sessions = new Set<ServerHttp2Session>();

beforeAll(async () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const progress = {
    serverSideSessionId: "",
    responseId: "1",
    responseType: { case: "executionProgress" as const, value: {} },
  };
  const complete = {
    serverSideSessionId: "",
    responseId: "2",
    responseType: { case: "resultComplete" as const, value: {} },
  };
  server = createServer(
    connectNodeAdapter({
      routes: (router) => {
        router.service(SparkConnectService, {
          executePlan: async function* ({ userContext }, { requestHeader }) {
            heard.push({ userId: userContext?.userId, header: requestHeader.get("x-team") });
            yield progress;
            if (!lives) await never();
            // longer than the silence after which it is asked, and than the time after which it would be given up
            await sleep(1000);
            yield complete;
          },
          reattachExecute: async function* () {
            await never();
            yield complete;
          },
          config: () => (lives ? { pairs: [] } : never()),
          interrupt: () => (lives ? {} : never()),
          releaseExecute: () => ({}),
          releaseSession: () => ({}),
        });
      },
    }),
  );
  server.on("session", (session) => {
    sessions.add(session);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  for (const session of sessions) session.destroy();
  server.close();
});

async function run(): Promise<string> {
  const client = await SparkClient.open(parseAddress(`sc://127.0.0.1:${port}/;user_id=ada;x-team=maps`), timing);
  try {
    for await (const answer of client.execute(sqlPlan("select 1"))) void answer;
    return "complete";
  } catch (error) {
    return failure(error, "query").code;
  } finally {
    await client.close();
  }
}

test("a server that answers questions is waited for, however long its work takes", async () => {
  lives = true;
  expect(await run()).toBe("complete");
});

test("a server that answers no more is given up: SPARK_UNREACHABLE, it does not hang", async () => {
  lives = false;
  expect(await run()).toBe("SPARK_UNREACHABLE");
});

test("requests carry the user and the headers of the address", () => {
  expect(heard.length).toBeGreaterThan(1);
  for (const request of heard) expect(request).toEqual({ userId: "ada", header: "maps" });
});
