import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Command } from "commander";
import type { SessionCommand } from "../../devendpoint/session-host.js";
import type { ActionRunner } from "../command.js";
import { withContext } from "../open-context.js";

/** The two processes of an endpoint: its host, and the inside, where its clients' code runs (docs/decisions/0161). */
export function hostCommands(parent: Command, run: ActionRunner): void {
  parent
    .command("host")
    .argument("<name>")
    .description("be the endpoint's process, in the foreground (what start runs beside itself)")
    .addHelpText(
      "after",
      "\nIts log goes to standard error, a line of JSON for each event.\n\nExample:\n  $ dynaframe dev-endpoint host lab",
    )
    .action(
      run(async ({ terminal, global }, name: string) => {
        const { openCatalog } = await import("../../open.js");
        const { openServer } = await import("../../server/open-server.js");
        const { getEndpoint } = await import("../../devendpoint/endpoint-record.js");
        const { hostEndpoint } = await import("../../devendpoint/endpoint-host.js");
        const { endpointFolder } = await import("../../devendpoint/endpoint-process.js");
        const { insideProcess } = await import("../../devendpoint/inside-process.js");
        const { endpointGuard } = await import("../../devendpoint/isolation/endpoint-guard.js");
        const { sessionEnvironment } = await import("../../devendpoint/session-user.js");
        const log = (entry: object): void => {
          terminal.err(`${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
        };
        const address = global.catalog ?? terminal.env["DYNAFRAME_CATALOG"] ?? "./.dynaframe";
        const catalog = await openCatalog(address);
        try {
          const { threads, memoryLimit, ...settings } = await getEndpoint(catalog, name, Date.now());
          const guard = await endpointGuard(catalog, name, settings, terminal.env);
          const id = `ENDPOINT${randomBytes(8).toString("hex").toUpperCase()}`;
          const secret = randomBytes(30).toString("base64");
          const server = await openServer({
            catalog: address,
            port: 0,
            keys: new Map([[id, secret]]),
            guests: new Set([id]),
          });
          const own = {
            DYNAFRAME_ACCESS_KEY_ID: id,
            DYNAFRAME_SECRET_ACCESS_KEY: secret,
            DYNAFRAME_THREADS: String(threads),
            ...(memoryLimit === undefined ? {} : { DYNAFRAME_MEMORY_LIMIT: memoryLimit }),
          };
          const history = guard.own === undefined ? [] : ["--history", join(guard.own, "history")];
          const command = (): SessionCommand =>
            guard.guarded({
              words: [
                process.execPath,
                process.argv[1] ?? "",
                "--catalog",
                server.endpoint,
                "--engine",
                global.engine,
                "dev-endpoint",
                "inside",
                ...history,
              ],
              env: sessionEnvironment(terminal.env, own),
            });
          try {
            const why = await hostEndpoint({
              catalog,
              name,
              folder: endpointFolder(catalog, name),
              inside: insideProcess(command),
              check: guard.check,
              signal: terminal.signal,
              now: Date.now,
              log,
            });
            log({ event: "ended", reason: why });
          } finally {
            await server.close();
          }
        } finally {
          await catalog.close();
        }
      }),
    );
  parent
    .command("inside")
    .description("be the process in which the clients of an endpoint run code (what host starts)")
    .option("--history <file>", "keeps what is typed")
    .addHelpText(
      "after",
      "\nIt talks to its host alone.\n\nExample:\n  $ dynaframe --catalog http://127.0.0.1:9400 dev-endpoint inside",
    )
    .action(
      run((invocation, { history }: { readonly history?: string }) =>
        withContext(invocation, async (glue) => {
          const { serveInside } = await import("../../devendpoint/inside-process.js");
          await serveInside({ names: { glue, catalog: glue.catalog }, ...(history === undefined ? {} : { history }) });
        }),
      ),
    );
}
