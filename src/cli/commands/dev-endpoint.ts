import { readFile, rm } from "node:fs/promises";
import type { Command } from "commander";
import type { DevEndpoint } from "../../devendpoint/endpoint-record.js";
import { fileError } from "../../storage/file-error.js";
import { DynaframeError } from "../../types/error.js";
import { parseCount } from "../arguments.js";
import type { ActionRunner, CommandDefinition, Invocation } from "../command.js";
import { withContext, withExisting } from "../open-context.js";
import { jsonDocument } from "../print/json.js";
import { printTable } from "../print/table.js";
import { printable } from "../print/text.js";
import { UsageError } from "../usage-error.js";
import { certificateCommand } from "./dev-endpoint-certificate.js";
import { hostCommands } from "./dev-endpoint-host.js";

type Options = {
  readonly publicKey?: readonly string[];
  readonly threads: number;
  readonly idle: number;
  readonly rate: number;
  readonly forward: readonly number[];
  readonly giveKey?: boolean;
  readonly start: boolean;
};
type Changes = {
  readonly addKey?: readonly string[];
  readonly removeKey?: readonly string[];
  readonly idle?: number;
  readonly rate?: number;
};

const EXAMPLES = `
Who has one of its keys gets a terminal with glue and catalog ready, runs scripts in the warm process, and reaches the ports that are named.

Examples:
  $ dynaframe dev-endpoint create lab --public-key ~/.ssh/id_ed25519.pub
  $ dynaframe dev-endpoint connect lab
  $ dynaframe dev-endpoint connect lab -- run jobs/clean.mjs --day 2024-03-01
  $ dynaframe dev-endpoint stop lab`;

export const devEndpointCommand: CommandDefinition = (program, run) => {
  const endpoint = program
    .command("dev-endpoint")
    .description("warm sessions of their own, reached by SSH")
    .addHelpText("after", EXAMPLES);
  create(endpoint, run);
  list(endpoint, run);
  endpoint
    .command("get")
    .argument("<name>")
    .description("one endpoint: where it listens, how long it was on, what that cost")
    .addHelpText("after", "\nExample:\n  $ dynaframe dev-endpoint get lab --json")
    .action(
      run(async (invocation, name: string) =>
        withExisting(invocation, async ({ catalog }) => {
          const { getEndpoint } = await import("../../devendpoint/endpoint-record.js");
          await print(invocation, name, await getEndpoint(catalog, name, Date.now()));
        }),
      ),
    );
  update(endpoint, run);
  for (const verb of ["start", "stop"] as const) {
    endpoint
      .command(verb)
      .argument("<name>")
      .description(verb === "start" ? "start one that was stopped" : "stop it; its definition and its keys stay")
      .addHelpText("after", `\nExample:\n  $ dynaframe dev-endpoint ${verb} lab`)
      .action(
        run(async (invocation, name: string) =>
          withExisting(invocation, async ({ catalog }) => {
            const { startEndpoint, stopEndpoint } = await import("../../devendpoint/endpoint-process.js");
            await print(
              invocation,
              name,
              verb === "start" ? await startEndpoint(commandFile(), catalog, name) : await stopEndpoint(catalog, name),
            );
          }),
        ),
      );
  }
  remove(endpoint, run);
  connect(endpoint, run);
  hostCommands(endpoint, run);
  statements(endpoint, run);
  certificateCommand(endpoint, run);
};

/** The file of this command, by which its processes are started. */
const commandFile = (): string => process.argv[1] ?? "";

function create(parent: Command, run: ActionRunner): void {
  parent
    .command("create")
    .argument("<name>")
    .description("define an endpoint and start it")
    .option("--public-key <file...>", "files of public keys, 1 to 5 of them")
    .option("--threads <number>", "engine threads", parseCount("--threads", 1), 1)
    .option("--idle <minutes>", "stop after so long without a connection", parseCount("--idle", 1), 30)
    .option("--rate <price>", "price of an hour, for the cost that get shows", price, 0.44)
    .option(
      "--forward <port...>",
      "ports of this machine that may be reached through it",
      (text: string, list: readonly number[]) => [...list, parseCount("--forward", 1, 65535)(text)],
      [] as readonly number[],
    )
    .option("--give-key", "let its code read the key file of the catalog, where nothing can keep it from that")
    .option("--no-start", "define it only")
    .addHelpText(
      "after",
      "\nThe memory of its engine is --memory-limit.\n\nExample:\n  $ dynaframe dev-endpoint create lab --public-key ~/.ssh/id_ed25519.pub --forward 15002",
    )
    .action(
      run(async (invocation, name: string, options: Options) => {
        const publicKeys = await checked(await keysIn(options.publicKey ?? [])); // before there is a catalog
        await withContext(invocation, async ({ catalog }) => {
          const { createEndpoint, getEndpoint } = await import("../../devendpoint/endpoint-record.js");
          const { startEndpoint } = await import("../../devendpoint/endpoint-process.js");
          const { endpointGuard } = await import("../../devendpoint/isolation/endpoint-guard.js");
          const { threads, idle, rate, forward, start, giveKey = false } = options;
          const { memoryLimit } = invocation.global;
          const given = giveKey ? { isKeyGiven: true } : {};
          if (start) await endpointGuard(catalog, name, given, invocation.terminal.env); // or it would never run
          await createEndpoint(catalog, name, {
            publicKeys,
            threads,
            idleMinutes: idle,
            hourlyRate: rate,
            forwardPorts: forward,
            ...(memoryLimit === undefined ? {} : { memoryLimit }),
            ...given,
          });
          await print(
            invocation,
            name,
            start ? await startEndpoint(commandFile(), catalog, name) : await getEndpoint(catalog, name, Date.now()),
          );
        });
      }),
    );
}

function list(parent: Command, run: ActionRunner): void {
  parent
    .command("list")
    .description("all endpoints")
    .addHelpText("after", "\nExample:\n  $ dynaframe dev-endpoint list")
    .action(
      run(async (invocation) =>
        withExisting(invocation, async ({ catalog }) => {
          const { listEndpoints } = await import("../../devendpoint/endpoint-record.js");
          const now = Date.now();
          const found = await Promise.all(
            (await listEndpoints(catalog, now)).map(({ name, endpoint }) => described(name, endpoint, now)),
          );
          const { terminal, global, style } = invocation;
          if (global.json) return terminal.out(jsonDocument(found));
          const rows = found.map(({ name, status, port, hours, cost }) => [
            printable(name),
            status,
            port === undefined ? "" : String(port),
            hours.toFixed(2),
            cost.toFixed(2),
          ]);
          return terminal.out(
            printTable(
              [
                { title: "NAME" },
                { title: "STATUS" },
                { title: "PORT", align: "right" },
                { title: "HOURS ON", align: "right" },
                { title: "COST", align: "right" },
              ],
              rows,
              style,
            ),
          );
        }),
      ),
    );
}

function update(parent: Command, run: ActionRunner): void {
  parent
    .command("update")
    .argument("<name>")
    .description("change keys, idle time or price; a key taken away ends its sessions")
    .option("--add-key <file...>", "files of public keys")
    .option("--remove-key <file...>", "files of public keys")
    .option("--idle <minutes>", "stop after so long without a connection", parseCount("--idle", 1))
    .option("--rate <price>", "price of an hour", price)
    .addHelpText("after", "\nExample:\n  $ dynaframe dev-endpoint update lab --remove-key bob.pub")
    .action(
      run(async (invocation, name: string, { addKey = [], removeKey = [], idle, rate }: Changes) =>
        withExisting(invocation, async ({ catalog }) => {
          const { changeEndpoint, getEndpoint } = await import("../../devendpoint/endpoint-record.js");
          const added = await keysIn(addKey);
          const removed = (await keysIn(removeKey)).map(withoutName);
          const { publicKeys } = await getEndpoint(catalog, name, Date.now());
          const keys = await checked([...publicKeys.filter((key) => !removed.includes(withoutName(key))), ...added]);
          await changeEndpoint(catalog, name, (now) => ({
            ...now,
            publicKeys: keys,
            ...(idle === undefined ? {} : { idleMinutes: idle }),
            ...(rate === undefined ? {} : { hourlyRate: rate }),
          }));
          await print(invocation, name, await getEndpoint(catalog, name, Date.now()));
        }),
      ),
    );
}

function remove(parent: Command, run: ActionRunner): void {
  parent
    .command("delete")
    .argument("<name>")
    .description("stop it, and forget it with its host key, history and log")
    .option("--dry-run", "show what would go")
    .addHelpText("after", "\nExample:\n  $ dynaframe dev-endpoint delete lab")
    .action(
      run(async (invocation, name: string, { dryRun = false }: { readonly dryRun?: boolean }) =>
        withExisting(invocation, async ({ catalog }) => {
          const { deleteEndpoint, getEndpoint } = await import("../../devendpoint/endpoint-record.js");
          const { endpointFolder, stopEndpoint } = await import("../../devendpoint/endpoint-process.js");
          await getEndpoint(catalog, name, Date.now());
          const folder = endpointFolder(catalog, name);
          if (!dryRun) {
            await stopEndpoint(catalog, name);
            await deleteEndpoint(catalog, name);
            await rm(folder, { recursive: true, force: true });
          }
          const { terminal, global } = invocation;
          return terminal.out(
            global.json
              ? jsonDocument({ name, folder, dryRun })
              : `${dryRun ? "would delete" : "deleted"} ${printable(name)} and ${printable(folder)}\n`,
          );
        }),
      ),
    );
}

function connect(parent: Command, run: ActionRunner): void {
  parent
    .command("connect")
    .argument("<name>")
    .argument("[command...]", "what to run instead of a terminal: JavaScript, or `run FILE …`")
    .description("open a terminal on it, or run a command, by the system's ssh")
    .option("-i, --identity <file>", "private key")
    .option("--certificate <file>", "enter by TLS, with what the certificate command wrote")
    .option("--print", "print the ssh command instead of running it")
    .addHelpText(
      "after",
      "\nExamples:\n  $ dynaframe dev-endpoint connect lab\n  $ dynaframe dev-endpoint connect lab -- 'await glue.sql(\"select 1\").collect()'",
    )
    .action(
      run(
        async (
          invocation,
          name: string,
          command: readonly string[],
          options: { readonly identity?: string; readonly certificate?: string; readonly print?: boolean },
        ) =>
          withExisting(invocation, async ({ catalog }) => {
            const { getEndpoint } = await import("../../devendpoint/endpoint-record.js");
            const { runSsh, sshCommand } = await import("../../devendpoint/endpoint-process.js");
            const { host: at } = await getEndpoint(catalog, name, Date.now());
            if (at === undefined)
              throw new DynaframeError("ENDPOINT_STOPPED", `The endpoint ${name} is not running`, {
                path: name,
                hint: `dynaframe dev-endpoint start ${name}`,
              });
            if (options.certificate !== undefined) return connectByTls(at.tlsPort ?? 0, options.certificate, command);
            const words = [
              ...(await sshCommand(catalog, name, {
                host: at,
                ...(options.identity === undefined ? {} : { identity: options.identity }),
              })),
              ...command,
            ];
            if (options.print === true)
              return invocation.terminal.out(
                invocation.global.json ? jsonDocument({ command: words }) : `${words.map(quoted).join(" ")}\n`,
              );
            if ((await runSsh(words)) !== 0) invocation.fail();
          }),
      ),
    );
}

async function connectByTls(port: number, file: string, command: readonly string[]): Promise<void> {
  const { enterByTls } = await import("../../devendpoint/tls/tls-client.js");
  const bundle = await readFile(file, "utf8").catch((error: unknown) => {
    throw fileError(error, file);
  });
  const socket = await enterByTls(port, bundle);
  const closed = new Promise((resolve) => {
    socket.once("close", resolve);
  });
  if (command.length > 0) socket.write(`${command.join(" ")}\n.exit\n`);
  else process.stdin.pipe(socket);
  socket.pipe(process.stdout);
  await closed;
}

function statements(parent: Command, run: ActionRunner): void {
  parent
    .command("statements")
    .description(
      "be the process of an interactive session (what serve runs): statements as lines of JSON on standard input",
    )
    .addHelpText("after", '\nExample:\n  $ echo \'{"id":1,"code":"1 + 1"}\' | dynaframe dev-endpoint statements')
    .action(
      run((invocation) =>
        withContext(invocation, async (glue) => {
          const { serveStatements } = await import("../../devendpoint/statement-loop.js");
          await serveStatements(process.stdin, process.stdout, { glue, catalog: glue.catalog });
        }),
      ),
    );
}

async function described(name: string, endpoint: DevEndpoint, now: number) {
  const { costOf } = await import("../../devendpoint/endpoint-record.js");
  const { fingerprint, usableKeys } = await import("../../devendpoint/public-keys.js");
  const {
    status,
    threads,
    memoryLimit,
    idleMinutes,
    hourlyRate,
    forwardPorts,
    failureReason,
    isKeyGiven = false,
    host: at,
  } = endpoint;
  const publicKeys = (await usableKeys(endpoint.publicKeys)).map(fingerprint);
  return {
    name,
    status,
    ...(at === undefined ? {} : { address: "127.0.0.1", port: at.port, tlsPort: at.tlsPort, hostKey: at.hostKey }),
    publicKeys,
    threads,
    memoryLimit,
    idleMinutes,
    hourlyRate,
    forwardPorts,
    isKeyGiven,
    failureReason,
    ...costOf(endpoint, now),
  };
}

async function print({ terminal, global, style }: Invocation, name: string, endpoint: DevEndpoint): Promise<void> {
  const shown = await described(name, endpoint, Date.now());
  if (global.json) return terminal.out(jsonDocument(shown));
  const where = shown.port === undefined ? "" : ` on 127.0.0.1:${shown.port}`;
  const lines = [
    `${style.name(printable(name))}: ${shown.status}${where}${shown.failureReason === undefined ? "" : `: ${printable(shown.failureReason)}`}`,
    `on for ${shown.hours.toFixed(2)} hours at ${shown.hourlyRate} each: ${shown.cost.toFixed(2)}; stops after ${shown.idleMinutes} idle minutes`,
    ...shown.publicKeys.map((key) => `key ${key}`),
    ...(shown.isKeyGiven ? ["its code was given the key of the catalog"] : []),
    ...(shown.port === undefined ? [] : [`connect with: dynaframe dev-endpoint connect ${printable(name)}`]),
  ];
  return terminal.out(`${lines.join("\n")}\n`);
}

/** The lines of the files that hold keys. @throws as `fileError` for a file that cannot be read. */
async function keysIn(files: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(
    files.map((file) =>
      readFile(file, "utf8").catch((error: unknown) => {
        throw fileError(error, file);
      }),
    ),
  );
  return texts.flatMap((text) =>
    text.includes("PRIVATE KEY")
      ? [text]
      : text
          .split("\n")
          .map((line) => line.trim())
          .filter((line) => line !== "" && !line.startsWith("#")),
  );
}

async function checked(keys: readonly string[]): Promise<readonly string[]> {
  const { checkPublicKeys } = await import("../../devendpoint/public-keys.js");
  await checkPublicKeys(keys);
  return keys;
}

// type and key; what comes behind them is a name
const withoutName = (line: string): string => line.split(/\s+/).slice(0, 2).join(" ");

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function price(text: string): number {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text)) throw new UsageError(`--rate takes a price such as 0.44, found "${text}"`);
  return Number(text);
}
